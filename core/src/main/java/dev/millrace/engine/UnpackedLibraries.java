package dev.millrace.engine;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import dev.millrace.file.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Libraries that JavaCPP unpacks from jars. It writes each in its place, and one that a kill cut
 * off would be mapped by the system's loader and crash every later start. So they are unpacked by
 * one process at a time, and a mark with the sizes of all is written last: without it, or where a
 * size differs, what is damaged is unpacked anew.
 *
 * @param cache where they lie, a folder for each jar
 * @param jars the jars' file names; the class path has them
 */
record UnpackedLibraries(Path cache, List<String> jars) {
  private static final Logger LOG = LoggerFactory.getLogger(UnpackedLibraries.class);

  private static final String END = "complete";

  /** Unpacks all libraries, and may load them. */
  @FunctionalInterface
  interface Unpacking {
    /** Unpacks what is not there; what is there is whole. */
    void run() throws IOException;
  }

  /**
   * Makes sure that all are there and whole: at once where the mark says so, else alone among all
   * processes.
   */
  void ready(Unpacking unpacking) throws IOException {
    if (!whole()) {
      try (FileChannel lock = lock(cache)) {
        if (!whole()) {
          unpack(unpacking);
        }
      }
    }
  }

  boolean isMarked() {
    return Files.exists(mark());
  }

  /** Those that differ from the ones in the jars, read in full. */
  List<Path> damaged() throws IOException {
    List<Path> damaged = new ArrayList<>();
    for (Path file : libraries()) {
      if (!same(file)) {
        damaged.add(file);
      }
    }
    return damaged;
  }

  private Path mark() {
    return cache.resolve(
        ".millrace-" + Sha256.of(String.join("\n", jars)).substring(0, 16) + "." + END);
  }

  /** Whether the mark is there and all files have the sizes that it says. */
  private boolean whole() throws IOException {
    Path mark = mark();
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
  static FileChannel lock(Path cache) throws IOException {
    FileChannel channel =
        FileChannel.open(
            cache.resolve(".millrace.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!LockFile.hold(channel)) {
        LOG.info("waiting for another process that unpacks native libraries to {}", cache);
        channel.lock();
      }
    } catch (IOException e) {
      LOG.info("{} cannot be locked ({}); going on without", cache, Reason.of(e));
    } catch (RuntimeException e) {
      channel.close();
      throw e;
    }
    return channel;
  }

  private void unpack(Unpacking unpacking) throws IOException {
    Files.deleteIfExists(mark());
    if (libraries().isEmpty() || !damaged().isEmpty()) {
      for (String jar : jars) {
        Trees.delete(cache.resolve(jar));
      }
      LOG.info("first start: unpacking native libraries (about 580 MB) to {}", cache);
    }
    unpacking.run();
    StringBuilder sizes = new StringBuilder();
    boolean whole = true;
    for (Path file : libraries()) {
      JarEntry entry = entry(file);
      if (entry != null && Files.size(file) != entry.getSize()) {
        whole = false; // oneDNN, on a full disk
      }
      sync(file);
      sizes.append(Files.size(file)).append(' ').append(cache.relativize(file)).append('\n');
    }
    if (whole) {
      AtomicFiles.write(mark(), (sizes + END + "\n").getBytes(StandardCharsets.UTF_8));
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

  /** The unpacked files, without links. */
  private List<Path> libraries() throws IOException {
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
  private JarEntry entry(Path file) throws IOException {
    StringBuilder name = new StringBuilder();
    Path below = cache.relativize(file);
    below.subpath(1, below.getNameCount()).forEach(part -> name.append('/').append(part));
    URL url = UnpackedLibraries.class.getResource(name.toString());
    if (url == null) {
      return null;
    }
    URLConnection connection = url.openConnection();
    return connection instanceof JarURLConnection jar ? jar.getJarEntry() : null;
  }

  private boolean same(Path file) throws IOException {
    JarEntry entry = entry(file);
    if (entry == null) {
      return isCopy(file);
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
  private boolean isCopy(Path file) throws IOException {
    try (Stream<Path> siblings = Files.list(file.getParent())) {
      for (Path sibling : siblings.toList()) {
        if (Files.isRegularFile(sibling, LinkOption.NOFOLLOW_LINKS)
            && entry(sibling) != null
            && Files.mismatch(sibling, file) < 0) {
          return true;
        }
      }
    }
    return false;
  }
}
