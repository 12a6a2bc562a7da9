package dev.millrace.recipe;

import dev.millrace.engine.Device;
import dev.millrace.engine.FreeCores;
import dev.millrace.engine.Precision;
import dev.millrace.recipe.MachineSettings.Arithmetic;

/**
 * What a run computes with: the device, the precision and the threads that its settings name, or
 * that this machine has where they leave it open. Without state; only {@link #threaded} takes time,
 * to time steps.
 */
final class MachineChoice {
  private MachineChoice() {}

  static Device device(Settings settings) {
    return new Device(settings.machine().device());
  }

  /** The arithmetic of forward passes: the fastest of this device where settings leave it open. */
  static Precision precision(Settings settings) {
    return switch (settings.machine().precision()) {
      case AUTO -> Precision.fastest(device(settings));
      case BF16 -> Precision.BF16;
      case FP32 -> Precision.FP32;
    };
  }

  /** These settings as a run keeps them: nothing is left for another machine to decide. */
  static Settings resolved(Settings settings) {
    return switch (precision(settings)) {
      case BF16 -> settings.machine(m -> m.precision(Arithmetic.BF16));
      case FP32 -> settings.machine(m -> m.precision(Arithmetic.FP32));
    };
  }

  /**
   * Settings whose number of threads is decided.
   *
   * @param choice how it was found; null where nothing had to be timed
   */
  record Threaded(Settings settings, FreeCores.Choice choice) {}

  /**
   * These settings with the number of threads that computes fastest now, where they leave it open;
   * for a card it is the number of cores, which make views.
   */
  static Threaded threaded(Settings settings) {
    if (settings.machine().threads() > 0) {
      return new Threaded(settings, null);
    }
    boolean timed = !device(settings).cuda() && settings.machine().ranks() == 1;
    FreeCores.Choice choice = timed ? FreeCores.choice() : null;
    return new Threaded(
        settings.machine(m -> m.threads(choice == null ? cores() : choice.threads())), choice);
  }

  static int threads(Settings settings) {
    return settings.machine().threads() == 0 ? cores() : settings.machine().threads();
  }

  private static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** A quarter of the threads where the processor computes the step too, nearly all for a card. */
  static int viewWorkers(Settings settings) {
    int threads = Math.max(1, threads(settings) / settings.machine().ranks());
    return Math.max(1, device(settings).cuda() ? threads - 1 : threads / 4);
  }
}
