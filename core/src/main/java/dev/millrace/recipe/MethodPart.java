package dev.millrace.recipe;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.vision.encoder.EncoderSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A method as {@code --method} names it: all that the rest of the house needs to know of it.
 *
 * @param <S> its settings record, which refuses nonsense
 * @param name in flags and files
 * @param labels whether it learns from labels
 * @param twin whether it keeps a momentum twin of its network
 * @param knobs settings that only methods know, and this one among them, by flag name
 * @param settings its own part of a run's settings
 * @param heads on an encoder of so many features
 * @param maker the method over a network with those heads, from a seed
 * @param guessing the loss of one who guesses, for a chunk of so many pictures; null where it has
 *     none, or none is known yet
 */
public record MethodPart<S>(
    String name,
    boolean labels,
    boolean twin,
    List<String> knobs,
    Knobs<S> settings,
    BiFunction<S, Integer, List<Head>> heads,
    Maker<S> maker,
    BiFunction<Settings, Integer, Double> guessing) {
  /** A method's own part of a run's settings. */
  @FunctionalInterface
  interface Knobs<S> {
    /** Refuses, naming the flag, what the method cannot take. */
    S of(Settings run, RunChunks chunks);
  }

  /** Makes a method. */
  @FunctionalInterface
  interface Maker<S> {
    /** The network stays the caller's. */
    Method<?> of(S settings, Network network, long seed);
  }

  /**
   * Refuses settings that the method cannot take.
   *
   * @throws IllegalArgumentException naming the flag
   */
  void check(Settings run, RunChunks chunks) {
    S unused = settings.of(run, chunks);
  }

  /** Network and method, freshly drawn; the caller closes them. */
  Learner learner(Settings run, RunChunks chunks, Device device, Precision precision) {
    EncoderSpec spec = PartSettings.encoder(run);
    S own = settings.of(run, chunks);
    List<Head> all = new ArrayList<>(heads.apply(own, spec.dim()));
    all.addAll(RemedyParts.heads(run));
    Network network = Network.of(spec, all, device, precision, run.seed());
    return new Learner(network, maker.of(own, network, run.seed()));
  }
}
