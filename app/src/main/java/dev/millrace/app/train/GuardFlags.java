package dev.millrace.app.train;

import dev.millrace.learn.run.RunEvent;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.gate.GateSettings;
import dev.millrace.live.gate.Guard;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.PublishedEncoder;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** The flags of the guard, for commands that learn on from an encoder that is there. */
final class GuardFlags {
  /** Pictures that are drawn without labels; a command that ends anyway can take its time. */
  private static final int IMAGES = 1024;

  @Option(
      names = "--guard",
      paramLabel = "self|SET",
      description =
          "compare the new encoder with the one before: by test pictures of the run's sets without labels (self), or by kNN on a labelled set; where it is worse the exit code is 3 and the one before is kept, as RUN/guard/before-CHUNK.safetensors")
  private String judge;

  @Option(
      names = "--guard-margin",
      paramLabel = "X",
      description = "loss of accuracy that --guard still lets pass (default: 0.02; of self: 0.05)")
  private Double margin;

  /** What learns, guarded. */
  @FunctionalInterface
  interface Learning {
    Millrace.Outcome go() throws IOException;
  }

  private GateSettings settings() throws IOException {
    if (judge == null) {
      if (margin != null) {
        throw UsageException.of("--guard-margin", "says nothing without --guard; give both");
      }
      return null;
    }
    Map<String, Object> given = new LinkedHashMap<>(Map.of("judge", judge));
    if (judge.equals(GateSettings.SELF)) {
      given.put("images", IMAGES);
    }
    if (margin != null) {
      given.put("margin", margin);
    }
    GateSettings settings;
    try {
      settings = GateSettings.of(given);
    } catch (IllegalArgumentException e) {
      throw UsageException.of("--guard", e.getMessage());
    }
    Guard.check(settings, Catalogue.standard());
    return settings;
  }

  /** Extends a run, guarded by its encoder of now. */
  Millrace.Outcome extending(Path run, Learning learning) throws IOException {
    GateSettings settings = settings();
    Optional<PublishedEncoder> before =
        settings != null && RunFolder.of(run).isRun() ? PublishedEncoder.of(run) : Optional.empty();
    if (before.isEmpty() || before.get().older()) {
      return learning.go(); // which refuses what is not finished
    }
    Guard guard = Guard.set(run, settings, before.get().file());
    try {
      Millrace.Outcome outcome = learning.go();
      if (outcome.chunks() == before.get().chunks()) {
        guard.withdraw(); // there was nothing new
      }
      return outcome;
    } catch (IOException | RuntimeException e) {
      if (Settings.ofRun(run).stream().chunks() == before.get().chunks()) {
        guard.withdraw(); // it was refused
      }
      throw e;
    }
  }

  /**
   * What guards a new run by the weights that it starts from, as soon as it has them.
   *
   * @return makes a listener that does, and hands events on
   */
  UnaryOperator<RunEvent.Listener> beginning(Path run, Settings begun) throws IOException {
    GateSettings settings = settings();
    if (settings == null) {
      return UnaryOperator.identity();
    }
    if (begun.encoder().init().isEmpty()) {
      throw UsageException.of(
          "--guard",
          "%s compares with the weights of --init, which is missing; give --init FILE, or --guard to the `millrace extend` that comes later"
              .formatted(judge));
    }
    return listener -> new Beginning(RunFolder.of(run), settings, listener);
  }

  private static final class Beginning implements RunEvent.Listener {
    private final RunFolder run;
    private final GateSettings settings;
    private final RunEvent.Listener listener;
    private boolean set;

    Beginning(RunFolder run, GateSettings settings, RunEvent.Listener listener) {
      this.run = run;
      this.settings = settings;
      this.listener = listener;
    }

    @Override
    public void on(RunEvent event) {
      if (!set && run.isRun() && Files.exists(run.init())) {
        try {
          Guard.set(run.root(), settings, run.init());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        set = true;
      }
      listener.on(event);
    }
  }
}
