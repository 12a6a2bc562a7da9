package dev.millrace.stream.source;

import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of unpacked tars: bounded by dropping the least recently made, swept of what killed
 * processes left. May be shared by processes and users.
 *
 * @param folder made when it is needed
 * @param most bytes of tars that stay
 */
record TarCache(Path folder, long most) {
  private static final Logger LOG = LoggerFactory.getLogger(TarCache.class);

  /** Bound in GiB. */
  static final String BOUND = "MILLRACE_UNPACKED_CACHE";

  static final String PARTIAL = ".partial";
  private static final Pattern OURS =
      Pattern.compile(".+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]{8}\\.tar\\d+\\.partial");
  private static final Pattern TAR = Pattern.compile(".+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]{8}\\.tar");

  /** A file this old is locked by now, if anybody writes it. */
  private static final long SETTLED_MILLIS = 60_000;

  /** What this process is unpacking. */
  static final Set<Path> WRITING = ConcurrentHashMap.newKeySet();

  /** What this process has unpacked or found unpacked. */
  private static final Set<Path> USED = ConcurrentHashMap.newKeySet();

  /**
   * The tars of a cache.
   *
   * @throws IllegalArgumentException if the bound that the environment says is none
   */
  TarCache(Path folder) {
    this(folder, CacheBound.of(BOUND, System.getenv(BOUND)));
  }

  /** Notes that this process reads a tar. */
  static void use(Path tar) {
    USED.add(tar);
  }

  /** Makes the folder. */
  void prepare() throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CacheException(
          "%s, the cache where compressed archives are unpacked, cannot be made: %s; set MILLRACE_CACHE to a folder that this user may write"
              .formatted(folder, Reason.of(e)),
          e);
    }
  }

  /** Says that the cache is in the way, and not the archive. */
  CacheException refuses(String archive, IOException e) {
    return new CacheException(
        "%s cannot be unpacked to the cache %s: %s; make room there, or set MILLRACE_CACHE to a folder with room that this user may write"
            .formatted(archive, folder, Reason.of(e)),
        e);
  }

  /** A failure that is not the archive's. */
  static final class CacheException extends SourceException {
    private static final long serialVersionUID = 1;

    CacheException(String message, IOException cause) {
      super(message, cause);
    }
  }

  /** Locks a file as long as its channel is open; false where another process has, or none can. */
  static boolean lock(FileChannel channel) {
    try {
      return LockFile.hold(channel);
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes what killed processes left half unpacked; what one is writing now is locked. */
  void sweep() {
    long young = System.currentTimeMillis() - SETTLED_MILLIS;
    for (Path file : matching(OURS)) {
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

  /**
   * Removes the least recently made, until the rest is small enough.
   *
   * @return those that this process has read, and has to unpack again if it needs them once more
   */
  List<Path> bound(Path fresh) {
    List<Path> missed = new ArrayList<>();
    List<Path> tars =
        tars().stream()
            .sorted(Comparator.comparingLong((Path f) -> f.toFile().lastModified()).reversed())
            .toList();
    long sum = 0;
    for (Path tar : tars) {
      sum += tar.toFile().length();
      if (sum > most && !tar.equals(fresh)) {
        try {
          if (Files.deleteIfExists(tar) && USED.remove(tar)) {
            missed.add(tar);
          }
        } catch (IOException e) {
          LOG.debug("{} stays", tar, e); // another user's
        }
      }
    }
    return missed;
  }

  /** What is unpacked. */
  List<Path> tars() {
    return matching(TAR);
  }

  /** Whether a file has the name of an unpacked archive. */
  static boolean isTar(Path file) {
    return TAR.matcher(file.getFileName().toString()).matches();
  }

  private List<Path> matching(Pattern names) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> names.matcher(f.getFileName().toString()).matches()).toList();
    } catch (IOException e) {
      LOG.debug("{} cannot be listed", folder, e);
      return List.of();
    }
  }
}
