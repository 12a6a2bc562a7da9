package dev.millrace.engine;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_full;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch, once a process. Thread-safe. */
public final class Natives {
  private static boolean loaded;

  /** Threads that were set last; 0 for libtorch's own number. */
  private static volatile int threads;

  /** What the calling thread was told last; 0 for nothing. */
  private static final ThreadLocal<Integer> TOLD = ThreadLocal.withInitial(() -> 0);

  private Natives() {}

  /**
   * Loads libtorch; later calls do nothing. The first call on a machine unpacks it, see {@link
   * NativeCache}.
   *
   * @throws UncheckedIOException if a library is missing or does not fit the machine
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    try {
      NativeCache.ready();
      Loader.load(torch.class);
    } catch (LinkageError e) {
      throw new UncheckedIOException(
          "libtorch does not load: " + e.getMessage() + "; `millrace doctor` says what is needed",
          new IOException(e.getMessage(), e));
    }
    // On cards, FP32 means float32 and a run resumed ends with the bytes of one never stopped.
    Context context = torch.globalContext();
    context.setAllowTF32CuDNN(false);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    loaded = true;
  }

  /**
   * Gives memory that was freed back to the system, which malloc else keeps for the next step; for
   * the end of long work, after which there may be none for hours.
   */
  static void trim() {
    load();
    Pointer.trimMemory();
  }

  /**
   * What the system told of libtorch's part for NVIDIA cards; empty where this build has none, or
   * it is loaded.
   */
  static String withoutCards() {
    URL part =
        torch.class.getResource(
            "/org/bytedeco/pytorch/%s-gpu/%s"
                .formatted(Loader.getPlatform(), System.mapLibraryName("torch_cuda")));
    if (part == null || Context.hasCUDART()) {
      return "";
    }
    try {
      // JavaCPP keeps the reason to itself; a second try tells it.
      System.load(Loader.cacheResource(part).getPath());
      return "it loads only after libtorch";
    } catch (LinkageError | IOException e) {
      String reason = String.valueOf(e.getMessage());
      return reason.substring(reason.indexOf(": ") < 0 ? 0 : reason.indexOf(": ") + 2);
    }
  }

  /**
   * Sets the threads of libtorch's operators and of the BLAS below them; a run keeps one number,
   * since sums depend on it. OpenBLAS does not follow libtorch: left alone it would keep a thread a
   * core, each of which spins for a while after every product.
   *
   * @param count at least 1
   */
  public static void threads(int count) {
    if (count < 1) {
      throw UsageException.of("--threads", count + " is below 1");
    }
    load();
    threads = count;
    follow();
    openblas_full.openblas_set_num_threads(count);
  }

  /** Whether the process was told a number of threads. */
  static boolean told() {
    return threads > 0;
  }

  /**
   * Lets the calling thread compute with as many threads as were set last, if any were; {@link
   * #follow(int)} says why.
   */
  static void follow() {
    if (threads > 0) {
      follow(threads);
    }
  }

  /**
   * Lets the calling thread compute with this many threads, whatever others do. OpenMP has a number
   * for each thread that calls it, and to one that was never told it gives a thread a core, which
   * oneDNN takes: where others work, these wait for each other. So every thread that computes is
   * told before it does. OpenBLAS, which multiplies matrices of float32, has one number for the
   * process: that of {@link #threads}.
   *
   * @param count at least 1
   */
  static void follow(int count) {
    if (count != TOLD.get()) {
      torch.get_num_threads(); // else the thread's first operator takes what another one was told
      torch.set_num_threads(count);
      TOLD.set(count);
    }
  }
}
