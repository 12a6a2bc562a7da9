package dev.millrace.recipe;

import dev.millrace.learn.method.Byol;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.SimClr;
import dev.millrace.learn.method.Supervised;
import dev.millrace.learn.network.Alone;
import dev.millrace.refusal.UsageException;
import java.util.Collection;
import java.util.List;

/** The methods there are. One more is its own file and a line here. */
public final class Methods {
  private static final List<MethodPart<?>> ALL =
      List.of(
          new MethodPart<>(
              "moco-v2",
              false,
              true,
              List.of("queue", "temperature", "momentum", "dim", "bn-splits", "symmetric-loss"),
              (run, chunks) ->
                  new MoCoV2.Settings(
                      run.queue(),
                      run.momentum(),
                      run.temperature(),
                      run.dim(),
                      run.bnSplits(),
                      run.symmetricLoss()),
              MoCoV2::heads,
              (own, network, seed) -> new MoCoV2(own, network, new Alone(), seed),
              // A key among the queue's.
              (run, pictures) ->
                  run.queue() == QueueLength.AUTO ? null : Math.log(run.queue() + 1.0)),
          new MethodPart<>(
              "simclr",
              false,
              false,
              List.of("temperature", "projector-hidden", "dim"),
              (run, chunks) ->
                  new SimClr.Settings(run.temperature(), run.projectorHidden(), run.dim()),
              SimClr::heads,
              (own, network, seed) -> new SimClr(own, network),
              // The other view among all but itself.
              (run, pictures) -> Math.log(2.0 * Math.min(run.batch(), pictures) - 1)),
          new MethodPart<>(
              "byol",
              false,
              true,
              List.of("momentum", "projector-hidden", "dim"),
              (run, chunks) -> new Byol.Settings(run.momentum(), run.projectorHidden(), run.dim()),
              Byol::heads,
              (own, network, seed) -> new Byol(own, network),
              // Predictions at right angles to their targets, both ways.
              (run, pictures) -> 4.0),
          supervised("supervised"),
          supervised("supervised-mlp"));

  private Methods() {}

  private static MethodPart<Supervised.Settings> supervised(String name) {
    return new MethodPart<>(
        name,
        true,
        false,
        List.of("head", "head-warmup"),
        HeadSetting::of,
        Supervised::heads,
        Supervised::new,
        (run, pictures) -> null); // it depends on the chunk's classes
  }

  /** Their names, as flags have them, self-supervised ones first. */
  public static List<String> names() {
    return ALL.stream().<String>map(MethodPart::name).toList();
  }

  /** Whether a method learns from labels. */
  public static boolean labels(String name) {
    return of(name).labels();
  }

  /** The method of a run. */
  public static MethodPart<?> of(Settings settings) {
    return of(settings.method());
  }

  private static MethodPart<?> of(String name) {
    return ALL.stream().filter(part -> part.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * Refuses settings that were typed and are of other methods only.
   *
   * @param method its name
   * @param typed settings by flag name
   * @throws IllegalArgumentException naming the flag and what the method knows
   */
  public static void requireKnown(String method, Collection<String> typed) {
    MethodPart<?> own = of(method);
    for (MethodPart<?> other : ALL) {
      for (String knob : other.knobs()) {
        if (typed.contains(knob) && !own.knobs().contains(knob)) {
          throw UsageException.of(
              "--" + knob,
              "is a setting of %s, and --method is %s, which has %s; leave one of them out"
                  .formatted(
                      String.join(" and ", havers(knob)),
                      method,
                      own.knobs().isEmpty() ? "none" : "--" + String.join(", --", own.knobs())));
        }
      }
    }
  }

  private static List<String> havers(String knob) {
    return ALL.stream()
        .filter(part -> part.knobs().contains(knob))
        .<String>map(MethodPart::name)
        .toList();
  }
}
