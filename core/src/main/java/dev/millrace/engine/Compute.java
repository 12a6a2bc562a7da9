package dev.millrace.engine;

/**
 * The start of whatever computes: libtorch, its threads, its device. Every way in goes through one
 * of these calls before its first tensor. Thread-safe. Operators on a thread go by the number that
 * it was told; a thread that begins one of these calls, and matrix products everywhere, by the last
 * number of all.
 */
public final class Compute {
  private Compute() {}

  /**
   * Loads libtorch, sets its threads, and asks for a device.
   *
   * @param threads of its operators, at least 1; sums depend on it
   * @return the device, which is there
   * @throws dev.millrace.refusal.UsageException if there is no such number or device
   * @throws java.io.UncheckedIOException if libtorch does not load
   */
  public static Device begin(int threads, Device device) {
    Natives.load();
    Natives.threads(threads);
    return device.require();
  }

  /**
   * Like {@link #begin(int, Device)}.
   *
   * @param device its name: {@code cpu}, {@code cuda}, {@code cuda:1}, …
   */
  public static Device begin(int threads, String device) {
    return begin(threads, new Device(device));
  }

  /**
   * Lets the calling thread compute with so many threads, whatever others do; for threads that
   * outlive a call.
   *
   * @param threads of its operators, at least 1
   */
  public static void within(int threads) {
    Natives.follow(threads);
  }

  /** Gives memory that was freed back to the system, as at the end of long work. */
  public static void trim() {
    Natives.trim();
  }

  /**
   * Like {@link #begin(int, Device)}, for whoever tells its threads itself.
   *
   * @param threads that the process computes with from now on, if it was told no number yet
   */
  public static Device beginWithin(int threads, Device device) {
    Natives.load();
    if (!Natives.told()) {
      Natives.threads(threads);
    }
    return device.require();
  }

  /** Like {@link #begin(int, Device)}, with the threads that are set already, or libtorch's own. */
  public static Device begin(Device device) {
    Natives.load();
    Natives.follow();
    return device.require();
  }
}
