package dev.millrace.engine.onednn;

import dev.millrace.engine.NativeCache;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * oneDNN's library beside libtorch's own copy, which shows nothing of it; both use the same OpenMP
 * threads. Thread-safe.
 */
public final class OneDnn {
  /** {@code -Ddev.millrace.onednn=false} leaves everything to libtorch's operators. */
  public static final String PROPERTY = "dev.millrace.onednn";

  private static final Logger LOG = LoggerFactory.getLogger(OneDnn.class);

  private static Boolean available;
  private static engine cpu;
  private static stream queue;

  private OneDnn() {}

  /** Whether it can be used here; the first call loads it. Where not, the log says why. */
  public static synchronized boolean available() {
    if (available == null) {
      available = !"false".equals(System.getProperty(PROPERTY)) && load();
    }
    return available;
  }

  private static boolean load() {
    NativeCache.ready();
    try (PointerScope scope = new PointerScope()) {
      Loader.load(dnnl.class);
      cpu = new engine(engine.kind.cpu, 0);
      queue = new stream(cpu);
      cpu.retainReference();
      queue.retainReference();
      return true;
    } catch (LinkageError | RuntimeException e) {
      LOG.info("oneDNN cannot be loaded ({}); libtorch's operators do its work", e.toString());
      return false;
    }
  }

  /** The processor. */
  public static engine cpu() {
    return cpu;
  }

  /**
   * Whether a program cannot be made because oneDNN has no primitive for it on this machine, or no
   * fast one, so that another way must do. All else that may go wrong, such as memory that runs
   * out, is an error. oneDNN's own word for it, the status "unimplemented", does not reach Java:
   * its exceptions arrive as their sentence alone.
   */
  public static boolean lacks(RuntimeException e) {
    return e instanceof UnsupportedOperationException
        || String.valueOf(e.getMessage()).startsWith("could not create a primitive descriptor");
  }

  static stream queue() {
    return queue;
  }
}
