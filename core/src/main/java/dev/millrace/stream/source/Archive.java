package dev.millrace.stream.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives as listings: indexed once, read at offsets. A compressed tar has no offsets to read at,
 * so it is unpacked to a plain tar in a cache once, bounded by dropping the least recently made.
 */
final class Archive {
  private static final Logger LOG = LoggerFactory.getLogger(Archive.class);
  private static final long CACHE_BYTES = 20L << 30;
  private static final String PARTIAL = ".partial";
  private static final Pattern OURS =
      Pattern.compile(".+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]{8}\\.tar\\d+\\.partial");

  /** A file this old is locked by now, if anybody writes it. */
  private static final long SETTLED_MILLIS = 60_000;

  /** What this process is unpacking. */
  private static final Set<Path> WRITING = ConcurrentHashMap.newKeySet();

  private Archive() {}

  static boolean is(Path file) {
    return named(file.getFileName().toString());
  }

  /** Whether a name is that of an archive, by its ending. */
  static boolean named(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    return name.endsWith(".zip")
        || name.endsWith(".tar")
        || name.endsWith(".tar.gz")
        || name.endsWith(".tgz");
  }

  static Listing list(Path file, Path cache) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    try {
      if (name.endsWith(".zip")) {
        return zip(file);
      }
      return tar(name.endsWith("gz") ? unpacked(file, cache) : file);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new IOException(
          file + " cannot be read as an archive: " + e.getMessage() + "; is it complete?", e);
    }
  }

  private static Listing zip(Path file) throws IOException {
    Listing listing = new Listing();
    // Stays open as long as its pictures can be asked for; ZipFile reads under a lock of its own.
    ZipFile zip = ZipFile.builder().setPath(file).get();
    for (Enumeration<ZipArchiveEntry> entries = zip.getEntries(); entries.hasMoreElements(); ) {
      ZipArchiveEntry entry = entries.nextElement();
      if (!entry.isDirectory()) {
        listing.add(
            entry.getName(),
            () -> {
              synchronized (zip) {
                try (InputStream in = zip.getInputStream(entry)) {
                  return in.readAllBytes();
                } catch (IOException e) {
                  throw new IOException(
                      "%s: %s cannot be read: %s".formatted(file, entry.getName(), e.getMessage()),
                      e);
                }
              }
            });
      }
    }
    return listing;
  }

  private static Listing tar(Path file) throws IOException {
    Listing listing = new Listing();
    try (TarFile tar = new TarFile(file)) {
      // Stays open as long as its pictures can be asked for.
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      for (TarArchiveEntry entry : tar.getEntries()) {
        if (entry.isFile() && !entry.isSymbolicLink() && !entry.isLink()) {
          long offset = entry.getDataOffset();
          int size = Math.toIntExact(entry.getSize());
          String name = entry.getName();
          listing.add(
              name.startsWith("./") ? name.substring(2) : name,
              () -> {
                ByteBuffer bytes = ByteBuffer.allocate(size);
                while (bytes.hasRemaining()) {
                  if (channel.read(bytes, offset + bytes.position()) < 0) {
                    throw new IOException(file + " ended within " + name);
                  }
                }
                return bytes.array();
              });
        }
      }
    }
    return listing;
  }

  private static Path unpacked(Path file, Path cache) throws IOException {
    String key =
        "%s-%x-%x-%s.tar"
            .formatted(
                file.getFileName().toString().replaceAll("\\.(tar\\.gz|tgz)$", ""),
                Files.size(file),
                Files.getLastModifiedTime(file).toMillis(),
                UUID.nameUUIDFromBytes(
                        file.toAbsolutePath()
                            .normalize()
                            .toString()
                            .getBytes(StandardCharsets.UTF_8))
                    .toString()
                    .substring(0, 8));
    Path tar = cache.resolve(key);
    sweep(cache);
    if (Files.exists(tar)) {
      return tar;
    }
    Files.createDirectories(cache);
    LOG.info("unpacking {} once, to {}", file.getFileName(), tar);
    Path beside = Files.createTempFile(cache, key, PARTIAL);
    WRITING.add(beside);
    try (InputStream in =
            new GzipCompressorInputStream(
                new BufferedInputStream(Files.newInputStream(file), 1 << 16), true);
        FileChannel out = FileChannel.open(beside, StandardOpenOption.WRITE)) {
      lock(out);
      in.transferTo(Channels.newOutputStream(out));
      Files.move(beside, tar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
      WRITING.remove(beside);
    }
    bound(cache, tar);
    return tar;
  }

  /** Locks a file as long as its channel is open; false where another process has, or none can. */
  private static boolean lock(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  /** Removes what killed processes left half unpacked; what one is writing now is locked. */
  static void sweep(Path cache) throws IOException {
    if (!Files.isDirectory(cache)) {
      return;
    }
    List<Path> partial;
    try (Stream<Path> files = Files.list(cache)) {
      partial = files.filter(f -> OURS.matcher(f.getFileName().toString()).matches()).toList();
    }
    long young = System.currentTimeMillis() - SETTLED_MILLIS;
    for (Path file : partial) {
      // Opening and closing a file that this process writes would drop its lock.
      if (WRITING.contains(file) || file.toFile().lastModified() > young) {
        continue;
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        if (lock(channel)) {
          long bytes = channel.size();
          Files.deleteIfExists(file);
          LOG.info("removed {} of {} bytes, which a stopped process left behind", file, bytes);
        }
      } catch (IOException e) {
        LOG.debug("{} stays", file, e); // another process was faster, or owns it
      }
    }
  }

  private static void bound(Path cache, Path fresh) throws IOException {
    List<Path> tars;
    try (Stream<Path> files = Files.list(cache)) {
      tars =
          files
              .filter(f -> f.toString().endsWith(".tar"))
              .sorted(Comparator.comparingLong((Path f) -> f.toFile().lastModified()).reversed())
              .toList();
    }
    long sum = 0;
    for (Path tar : tars) {
      sum += Files.size(tar);
      if (sum > CACHE_BYTES && !tar.equals(fresh)) {
        Files.delete(tar);
      }
    }
  }
}
