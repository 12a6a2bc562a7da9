package dev.millrace.recipe;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;

/**
 * What computes. Immutable.
 *
 * @param threads cores to use; 0 for as many as compute fastest when the run begins, see {@link
 *     dev.millrace.engine.FreeCores}; a run's own file names the number
 * @param device {@code cpu}, {@code cuda}, {@code cuda:1}, …
 * @param precision arithmetic of the network; a run's own file names one of the two
 * @param ranks processes that share each batch out among them, and the threads; at least 1
 */
public record MachineSettings(
    @Knob("cores to use") int threads,
    @Knob("cpu, cuda, cuda:1, …") String device,
    @Knob("bf16, fp32, or auto: bf16 where the processor or card computes in it")
        Arithmetic precision,
    @Knob(
            value = "processes of this machine that share each batch out among them, and --threads",
            neutral = "1",
            housekeeping = true)
        int ranks) {
  /** In what the network computes. */
  public enum Arithmetic {
    /** bf16 where the device computes in it, else fp32. */
    AUTO,
    /** Eight bits of precision, half the memory. */
    BF16,
    /** Single precision. */
    FP32
  }

  /** Refuses values outside their ranges. */
  public MachineSettings {
    Require.component(threads >= 0, "threads", threads + " is below 1");
    Require.component(ranks >= 1, "ranks", ranks + " is below 1");
    new dev.millrace.engine.Device(device); // refuses what it does not know
  }

  /** With this many cores. */
  public MachineSettings threads(int threads) {
    return new MachineSettings(threads, device, precision, ranks);
  }

  /** With another device. */
  public MachineSettings device(String device) {
    return new MachineSettings(threads, device, precision, ranks);
  }

  /** With another arithmetic. */
  public MachineSettings precision(Arithmetic precision) {
    return new MachineSettings(threads, device, precision, ranks);
  }

  /** With this many processes. */
  public MachineSettings ranks(int ranks) {
    return new MachineSettings(threads, device, precision, ranks);
  }

  /** Threads of each process. */
  public int threadsOfRank() {
    return Math.max(1, threads / ranks);
  }
}
