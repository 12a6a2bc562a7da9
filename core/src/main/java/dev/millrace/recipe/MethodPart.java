package dev.millrace.recipe;

import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.file.Closing;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.method.Method;
import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.network.Head;
import dev.millrace.learn.network.Network;
import dev.millrace.setting.Knobs;
import dev.millrace.vision.encoder.EncoderSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A method as {@code --method} names it: all that the rest of the house needs to know of it.
 *
 * @param <S> its settings record, which refuses nonsense
 * @param name in flags and files
 * @param shown its name for people
 * @param labels whether it learns from labels
 * @param crops whether it takes small crops beside two views
 * @param twin whether it keeps a momentum twin of its network
 * @param standard its settings where nothing is given
 * @param heads on an encoder of this many features
 * @param maker the method over a network with those heads
 * @param guessing the loss of one who guesses
 * @param decays which of the weights decay under SGD
 * @param advice what to change of this method's settings where its features collapse; empty where
 *     there is nothing but what helps every method
 */
public record MethodPart<S extends MethodSettings>(
    String name,
    String shown,
    boolean labels,
    boolean crops,
    boolean twin,
    S standard,
    Heads<S> heads,
    Maker<S> maker,
    Guess<S> guessing,
    Predicate<Parameters.Entry> decays,
    String advice) {
  /** The heads of a method. */
  @FunctionalInterface
  interface Heads<S> {
    /** Refuses, naming the flag, what the method cannot take. */
    List<Head> of(S own, EncoderSpec encoder, RunChunks chunks);
  }

  /** Makes a method. */
  @FunctionalInterface
  interface Maker<S> {
    /** The network stays the caller's. */
    Method<?> of(S own, Network network, Settings run, RunChunks chunks);
  }

  /** Makes a method that needs no chunks. */
  @FunctionalInterface
  interface Plain<S> {
    /** The network stays the caller's. */
    Method<?> of(S own, Network network, long seed);
  }

  /** Makes a method of two views and any number of small crops. */
  @FunctionalInterface
  interface Cropping<S> {
    /** The network stays the caller's. */
    Method<?> of(S own, Network network, long seed, int crops);
  }

  /** The loss of one who guesses. */
  @FunctionalInterface
  interface Guess<S> {
    /**
     * For a chunk.
     *
     * @param batch pictures per step
     * @param pictures of the chunk
     * @return null where it has none, or none is known yet
     */
    Double of(S own, int batch, int pictures);
  }

  /** A self-supervised method that keeps no twin. */
  static <S extends MethodSettings> MethodPart<S> of(
      String name,
      String shown,
      S standard,
      BiFunction<S, Integer, List<Head>> heads,
      Plain<S> maker) {
    return new MethodPart<>(
        name,
        shown,
        false,
        false,
        false,
        standard,
        (own, encoder, chunks) -> heads.apply(own, encoder.dim()),
        (own, network, run, chunks) -> maker.of(own, network, run.stream().seed()),
        (own, batch, pictures) -> null,
        every -> true,
        "");
  }

  /** A self-supervised method of two views and any number of small crops, that keeps no twin. */
  static <S extends MethodSettings> MethodPart<S> cropping(
      String name,
      String shown,
      S standard,
      BiFunction<S, Integer, List<Head>> heads,
      Cropping<S> maker) {
    return new MethodPart<>(
        name,
        shown,
        false,
        true,
        false,
        standard,
        (own, encoder, chunks) -> heads.apply(own, encoder.dim()),
        (own, network, run, chunks) ->
            maker.of(own, network, run.stream().seed(), run.views().localCrops()),
        (own, batch, pictures) -> null,
        every -> true,
        "");
  }

  /** With heads that depend on more of the encoder than how many features it has. */
  MethodPart<S> heads(Heads<S> on) {
    return new MethodPart<>(
        name, shown, labels, crops, twin, standard, on, maker, guessing, decays, advice);
  }

  /** One that keeps a momentum twin of its network. */
  MethodPart<S> withTwin() {
    return new MethodPart<>(
        name, shown, labels, crops, true, standard, heads, maker, guessing, decays, advice);
  }

  /** One that learns from labels. */
  MethodPart<S> withLabels() {
    return new MethodPart<>(
        name, shown, true, crops, twin, standard, heads, maker, guessing, decays, advice);
  }

  /** With what to change where its features collapse, to be read after "try". */
  MethodPart<S> advice(String change) {
    return new MethodPart<>(
        name, shown, labels, crops, twin, standard, heads, maker, guessing, decays, change);
  }

  /** Whether it trains a classifier, whose head can span one chunk or all. */
  boolean classifies() {
    return standard instanceof SupervisedSettings;
  }

  /** With the loss of one who guesses. */
  MethodPart<S> guessing(Guess<S> loss) {
    return new MethodPart<>(
        name, shown, labels, crops, twin, standard, heads, maker, loss, decays, advice);
  }

  /** With weight decay on some weights only, such as those that are no bias and no norm. */
  MethodPart<S> decaying(Predicate<Parameters.Entry> some) {
    return new MethodPart<>(
        name, shown, labels, crops, twin, standard, heads, maker, guessing, some, advice);
  }

  /** Settings that only methods know, and this one among them, by flag name. */
  List<String> knobs() {
    return entries().stream().map(Knobs.Entry::name).toList();
  }

  List<Knobs.Entry> entries() {
    return Knobs.of(standard.getClass(), name);
  }

  /** Whether settings are this method's. */
  boolean takes(MethodSettings settings) {
    return standard.getClass() == settings.getClass()
        && (!(settings instanceof SupervisedSettings own)
            || own.mlp() == ((SupervisedSettings) standard).mlp());
  }

  @SuppressWarnings("unchecked") // takes() has said so
  private S own(Settings run) {
    return (S) run.method();
  }

  /**
   * The loss of one who guesses, as the run's method has it with what a remedy makes of it; null
   * where none is known.
   *
   * @param chunk counted from 0
   * @param pictures of the chunk
   */
  public Double guess(Settings run, int chunk, int pictures) {
    Double plain = guessing.of(own(run), run.training().batch(), pictures);
    return plain == null ? null : RemedyNeeds.guess(plain, run, chunk);
  }

  /**
   * Refuses settings that the method cannot take.
   *
   * @throws IllegalArgumentException naming the flag
   */
  void check(Settings run, RunChunks chunks) {
    MultiCrop.check(run, crops);
    List<Head> unused = heads.of(own(run), PartSettings.encoder(run), chunks);
  }

  /** Network and method, freshly drawn; the caller closes them. */
  Learner learner(Settings run, RunChunks chunks, Device device, Precision precision) {
    EncoderSpec spec = PartSettings.encoder(run);
    List<Head> all = new ArrayList<>(heads.of(own(run), spec, chunks));
    all.addAll(RemedyParts.heads(run));
    long seed = run.stream().seed();
    Network network = Network.of(spec, all, device, precision, seed);
    Method<?> method = null;
    try {
      method = maker.of(own(run), network, run, chunks);
      return new Learner(network, RemedyNeeds.around(method, run, network));
    } catch (RuntimeException | Error e) {
      Closing.after(e, Arrays.asList(method, network));
      throw e;
    }
  }
}
