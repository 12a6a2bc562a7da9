package dev.millrace.app.shared;

import dev.millrace.engine.FreeCores;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.terminal.Say;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The flags of every sub-command that computes. */
public final class CommonFlags extends OutputFlags {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "cores to use (default: all, or fewer where other work makes that faster; a run keeps its number)")
  private Integer threads;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "cpu, cuda, cuda:1, … (default: cpu)")
  private String device;

  private boolean said;

  /** The given number of threads, or null. */
  public Integer threadsGiven() {
    return threads;
  }

  /**
   * The number of threads: the given one, or all cores.
   *
   * @throws IllegalArgumentException below 1
   */
  public int threads() {
    if (threads != null && threads < 1) {
      throw UsageException.of("--threads", threads + " is below 1");
    }
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /**
   * The number of threads for libtorch: the given one, else what computes fastest now on the
   * processor, said on stderr where it is not all cores; loads libtorch then.
   *
   * @throws IllegalArgumentException below 1
   */
  public int computing() {
    if (threads != null || !device().equals("cpu")) {
      return threads();
    }
    FreeCores.Choice choice = FreeCores.choice();
    if (!said) {
      said = true;
      Say.threads(choice, System.err);
    }
    return choice.threads();
  }

  /**
   * The number of threads for what is asked of a run: the given one, else the run's, so that an
   * answer does not depend on what else the machine does.
   *
   * @param run its folder; null, or what is no run, for all cores
   * @throws IllegalArgumentException below 1
   */
  public int threads(Path run) {
    if (threads != null || run == null || !RunFolder.of(run).isRun()) {
      return threads();
    }
    try {
      return Settings.ofRun(run).machine().threads();
    } catch (IOException | IllegalArgumentException e) {
      return threads(); // what is wrong with the run is reported where it is read for good
    }
  }

  /** The given device, or null. */
  public String deviceGiven() {
    return device;
  }

  /** The given device, or the processor. */
  public String device() {
    return device == null ? "cpu" : device;
  }
}
