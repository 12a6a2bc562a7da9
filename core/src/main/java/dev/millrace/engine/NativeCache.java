package dev.millrace.engine;

import dev.millrace.file.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that JavaCPP unpacks native libraries to, see {@link UnpackedLibraries}. Thread-safe.
 */
public final class NativeCache {
  private static final Logger LOG = LoggerFactory.getLogger(NativeCache.class);

  private static final String FOLDER = "org.bytedeco.javacpp.cachedir";

  /** A library of each jar of natives: how the jar is found. */
  private static final List<String> LIBRARIES =
      List.of(
          "javacpp/%s/jnijavacpp",
          "openblas/%s/jniopenblas_nolapack",
          "pytorch/%s/jnitorch",
          "opencv/%s/jniopencv_core",
          "opencl/%s/jniOpenCL",
          "dnnl/%s/jnidnnl");

  private static boolean ready;

  private NativeCache() {}

  /**
   * Makes sure that what is unpacked is whole; later calls do nothing. The first call on a machine
   * unpacks about 580 MB (a GB for cards) and says where to.
   *
   * @throws UncheckedIOException if they cannot be unpacked
   * @throws LinkageError if one does not load on this machine
   */
  public static synchronized void ready() {
    if (ready) {
      return;
    }
    try {
      tellOtherFolder();
      libraries(folder()).ready(NativeCache::load);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the native libraries cannot be unpacked: "
              + Reason.whole(e)
              + "; they need about 580 MB in a folder that this user can write to: the home folder's .javacpp/cache, or one named by MILLRACE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER",
          e);
    }
    ready = true;
    ProcessEnd.arm();
  }

  /**
   * The folder, whether or not it is ready.
   *
   * @throws IOException if none that JavaCPP tries can be written to, naming them
   */
  public static Path folder() throws IOException {
    try {
      return Loader.getCacheDir().toPath();
    } catch (IOException e) {
      String given = System.getProperty(FOLDER);
      throw new IOException(
          "none of the folders %s%s/.javacpp and %s can be written to"
              .formatted(
                  given == null ? "" : given + ", ",
                  System.getProperty("user.home"),
                  System.getProperty("java.io.tmpdir")),
          e);
    }
  }

  /** Unpacks what else lies in jars, alone among all processes that do so. */
  public static synchronized <T> T alone(Unpacking<T> unpacking) throws IOException {
    try (FileChannel lock = UnpackedLibraries.lock(folder())) {
      return unpacking.run();
    }
  }

  /** Unpacks something. */
  @FunctionalInterface
  public interface Unpacking<T> {
    /** Unpacks. */
    T run() throws IOException;
  }

  /**
   * The unpacked libraries that differ from those in the jars, read in full; empty before the first
   * start. Loads none of them.
   */
  public static List<Path> damaged() throws IOException {
    return damaged(folder());
  }

  /** Like {@link #damaged()}, of any such folder. */
  public static List<Path> damaged(Path cache) throws IOException {
    return libraries(cache).damaged();
  }

  /** Whether a folder is one that native libraries were unpacked to. */
  public static boolean isCache(Path folder) throws IOException {
    return libraries(folder).isMarked();
  }

  /** The file names of the jars that natives come from. */
  private static List<String> jars() throws IOException {
    Set<String> jars = new LinkedHashSet<>();
    for (String library : LIBRARIES) {
      for (String extension : new String[] {"", "-gpu"}) {
        String path = library.formatted(Loader.getPlatform() + extension);
        int name = path.lastIndexOf('/') + 1;
        URL url =
            NativeCache.class.getResource(
                "/org/bytedeco/"
                    + path.substring(0, name)
                    + System.mapLibraryName(path.substring(name)));
        if (url != null && url.openConnection() instanceof JarURLConnection jar) {
          String file = jar.getJarFileURL().getPath();
          jars.add(file.substring(file.lastIndexOf('/') + 1));
        }
      }
    }
    return List.copyOf(jars);
  }

  private static UnpackedLibraries libraries(Path cache) throws IOException {
    return new UnpackedLibraries(cache, jars());
  }

  /**
   * JavaCPP goes to another folder without a word where it cannot write to the one it was given.
   */
  private static void tellOtherFolder() throws IOException {
    String wanted = System.getProperty(FOLDER);
    if (wanted != null && !Path.of(wanted).toAbsolutePath().equals(folder().toAbsolutePath())) {
      LOG.warn("native libraries are in {}: {} cannot be written to", folder(), wanted);
    }
  }

  /** All that any command needs, libtorch first: others link to what comes with it. */
  private static void load() throws IOException {
    load(torch.class);
    load(opencv_core.class);
    load(opencv_imgproc.class);
    load(opencv_imgcodecs.class);
    try {
      Loader.load(dnnl.class);
    } catch (LinkageError | RuntimeException e) {
      LOG.info("oneDNN does not load: {}", e.toString());
    }
  }

  private static void load(Class<?> library) throws IOException {
    try {
      Loader.load(library);
    } catch (LinkageError e) {
      // JavaCPP keeps to itself why a library could not be written, and says that there is none.
      requireRoom();
      throw e;
    }
  }

  /** Writes a large library, and takes it off again: fails where JavaCPP's writing did. */
  private static void requireRoom() throws IOException {
    URL large =
        NativeCache.class.getResource(
            "/org/bytedeco/pytorch/%s/%s"
                .formatted(Loader.getPlatform(), System.mapLibraryName("torch_cpu")));
    if (large == null) {
      return;
    }
    Path trial = folder().resolve(".millrace.trial");
    try (InputStream in = large.openStream()) {
      Files.copy(in, trial, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(trial);
    }
  }
}
