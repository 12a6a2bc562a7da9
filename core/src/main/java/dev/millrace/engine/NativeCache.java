package dev.millrace.engine;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that JavaCPP unpacks native libraries to. JavaCPP writes each in its place, and one
 * that a kill cut off would be mapped by the system's loader and crash every later start. So they
 * are unpacked by one process at a time, and a mark with the sizes of all is written last: without
 * it, or where a size differs, what is damaged is unpacked anew. Thread-safe.
 */
public final class NativeCache {
  private static final Logger LOG = LoggerFactory.getLogger(NativeCache.class);

  private static final String END = "complete";

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
      Path cache = Loader.getCacheDir().toPath();
      List<String> jars = jars();
      Path mark = mark(cache, jars);
      if (!whole(cache, mark)) {
        try (FileChannel lock = lock(cache)) {
          if (!whole(cache, mark)) {
            unpack(cache, jars, mark);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the native libraries cannot be unpacked: "
              + Reason.of(e)
              + "; they need about 580 MB in a folder that this user can write to: the home folder's .javacpp/cache, or one named by MILLRACE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER",
          e);
    }
    ready = true;
    ProcessEnd.arm();
  }

  /** The folder, whether or not it is ready. */
  public static Path folder() throws IOException {
    return Loader.getCacheDir().toPath();
  }

  /** Unpacks what else lies in jars, alone among all processes that do so. */
  public static <T> T alone(Unpacking<T> unpacking) throws IOException {
    try (FileChannel lock = lock(folder())) {
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
    List<Path> damaged = new ArrayList<>();
    for (Path file : libraries(folder(), jars())) {
      if (!same(folder(), file)) {
        damaged.add(file);
      }
    }
    return damaged;
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

  private static Path mark(Path cache, List<String> jars) {
    return cache.resolve(
        ".millrace-" + Sha256.of(String.join("\n", jars)).substring(0, 16) + "." + END);
  }

  /** Whether the mark is there and all files have the sizes that it says. */
  private static boolean whole(Path cache, Path mark) throws IOException {
    if (!Files.isRegularFile(mark)) {
      return false;
    }
    List<String> lines =
        new String(Files.readAllBytes(mark), StandardCharsets.UTF_8).lines().toList();
    if (lines.size() < 2 || !lines.get(lines.size() - 1).equals(END)) {
      return false;
    }
    for (String line : lines.subList(0, lines.size() - 1)) {
      int space = line.indexOf(' ');
      Path file = cache.resolve(line.substring(space + 1));
      if (space < 1
          || !Files.isRegularFile(file)
          || !Long.toString(Files.size(file)).equals(line.substring(0, space))) {
        return false;
      }
    }
    return true;
  }

  /** Waits for the lock; where the file system knows none, goes on without. */
  private static FileChannel lock(Path cache) throws IOException {
    FileChannel channel =
        FileChannel.open(
            cache.resolve(".millrace.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        LOG.info("waiting for another process that unpacks native libraries to {}", cache);
        channel.lock();
      }
    } catch (IOException e) {
      LOG.info("{} cannot be locked ({}); going on without", cache, Reason.of(e));
    }
    return channel;
  }

  private static void unpack(Path cache, List<String> jars, Path mark) throws IOException {
    Files.deleteIfExists(mark);
    List<Path> there = libraries(cache, jars);
    boolean good = !there.isEmpty();
    for (Path file : there) {
      good = good && same(cache, file);
    }
    if (!good) {
      for (String jar : jars) {
        delete(cache.resolve(jar));
      }
      LOG.info("first start: unpacking native libraries (about 580 MB) to {}", cache);
    }
    // All that any command needs, libtorch first: others link to what comes with it.
    load(torch.class);
    load(opencv_core.class);
    load(opencv_imgproc.class);
    load(opencv_imgcodecs.class);
    try {
      Loader.load(dnnl.class);
    } catch (LinkageError | RuntimeException e) {
      LOG.info("oneDNN does not load: {}", e.toString());
    }
    StringBuilder sizes = new StringBuilder();
    boolean whole = true;
    for (Path file : libraries(cache, jars)) {
      JarEntry entry = entry(cache, file);
      if (entry != null && Files.size(file) != entry.getSize()) {
        whole = false; // oneDNN, on a full disk
      }
      sync(file);
      sizes.append(Files.size(file)).append(' ').append(cache.relativize(file)).append('\n');
    }
    if (whole) {
      AtomicFiles.write(mark, (sizes + END + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Makes a library's bytes last; a system that forbids to open one in use keeps them anyway. */
  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (FileSystemException e) {
      LOG.debug("{} is in use", file, e);
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

  /** The unpacked files, without links. */
  private static List<Path> libraries(Path cache, List<String> jars) throws IOException {
    List<Path> all = new ArrayList<>();
    for (String jar : jars) {
      if (Files.isDirectory(cache.resolve(jar))) {
        try (Stream<Path> files = Files.walk(cache.resolve(jar))) {
          files
              .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
              .forEach(all::add);
        }
      }
    }
    return all;
  }

  /** What a file was unpacked from; null if no jar has it. */
  private static JarEntry entry(Path cache, Path file) throws IOException {
    StringBuilder name = new StringBuilder();
    Path below = cache.relativize(file);
    below.subpath(1, below.getNameCount()).forEach(part -> name.append('/').append(part));
    URL url = NativeCache.class.getResource(name.toString());
    if (url == null) {
      return null;
    }
    URLConnection connection = url.openConnection();
    return connection instanceof JarURLConnection jar ? jar.getJarEntry() : null;
  }

  private static boolean same(Path cache, Path file) throws IOException {
    JarEntry entry = entry(cache, file);
    if (entry == null) {
      return isCopy(cache, file);
    }
    if (entry.getSize() != Files.size(file)) {
      return false;
    }
    CRC32 crc = new CRC32();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = new byte[1 << 20];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        crc.update(block, 0, n);
      }
    }
    return crc.getValue() == entry.getCrc();
  }

  /** JavaCPP unpacks some libraries a second time, under another name. */
  private static boolean isCopy(Path cache, Path file) throws IOException {
    try (Stream<Path> siblings = Files.list(file.getParent())) {
      for (Path sibling : siblings.toList()) {
        if (Files.isRegularFile(sibling, LinkOption.NOFOLLOW_LINKS)
            && entry(cache, sibling) != null
            && Files.mismatch(sibling, file) < 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
