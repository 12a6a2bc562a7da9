package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks of remote files that were read, in the cache's folder {@code remote} and the last few in
 * memory: the least recently used go when there are more than a bound allows. Each has its
 * checksum; a damaged one is fetched again, and a disk that takes none costs time alone. May be
 * shared by processes. Thread-safe.
 */
final class RemoteBlocks {
  /** Bytes of a block: of a random place a whole one is fetched. */
  static final int BLOCK = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(RemoteBlocks.class);
  private static final Map<Path, RemoteBlocks> OF = new ConcurrentHashMap<>();
  private static final int IN_MEMORY = 32;
  private static final int SUM = Long.BYTES;

  /** Bound in GiB, for one cache. */
  private static final String BOUND = "MILLRACE_REMOTE_CACHE";

  /** A use is noted on disk so often at most. */
  private static final long NOTED_MILLIS = 60_000;

  /** Fills an array with a block's bytes. */
  interface Fetch {
    void into(byte[] bytes) throws IOException;
  }

  private final Path folder;
  private final long most;
  private final Object[] locks = new Object[64];
  private final AtomicLong kept = new AtomicLong(-1);
  private boolean told;
  private final Map<String, byte[]> latest =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
          return size() > IN_MEMORY;
        }
      };

  RemoteBlocks(Path folder, long most) {
    this.folder = folder;
    this.most = most;
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new Object();
    }
  }

  /**
   * Those of a cache; one object a process.
   *
   * @throws IllegalArgumentException if the bound that the environment says is none
   */
  static RemoteBlocks in(Path cache) {
    return OF.computeIfAbsent(
        cache.toAbsolutePath().normalize(),
        path ->
            new RemoteBlocks(path.resolve("remote"), CacheBound.of(BOUND, System.getenv(BOUND))));
  }

  /** A name that changes with a file's version. */
  static String name(RemoteStore.Found file) {
    return Sha256.of(file.place() + "\0" + file.version() + "\0" + file.size()).substring(0, 32);
  }

  /**
   * A block; nobody may write to the array.
   *
   * @param name of the file as it was found, see {@link #name}
   * @param number in the file, from 0
   * @param length of the block
   */
  byte[] get(String name, long number, int length, Fetch fetch) throws IOException {
    String key = name + "/" + number;
    byte[] there = inMemory(key);
    if (there != null) {
      return there;
    }
    synchronized (locks[Math.floorMod(key.hashCode(), locks.length)]) {
      there = inMemory(key);
      if (there == null) {
        Path path = folder.resolve(key);
        there = onDisk(path, length);
        if (there == null) {
          there = new byte[length];
          fetch.into(there);
          keep(path, there);
        }
        synchronized (latest) {
          latest.put(key, there);
        }
      }
      return there;
    }
  }

  private byte[] inMemory(String key) {
    synchronized (latest) {
      return latest.get(key);
    }
  }

  /** Null if it is not there, or not as it was written. */
  private byte[] onDisk(Path path, int length) {
    try {
      byte[] all = Files.readAllBytes(path);
      if (all.length == length + SUM
          && sum(all, length) == ByteBuffer.wrap(all, length, SUM).getLong()) {
        used(path);
        byte[] block = new byte[length];
        System.arraycopy(all, 0, block, 0, length);
        return block;
      }
      LOG.info("{} is not as it was written and is fetched again", path);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      LOG.debug("{} cannot be read", path, e);
    }
    return null;
  }

  private static void used(Path path) throws IOException {
    long now = System.currentTimeMillis();
    if (now - Files.getLastModifiedTime(path).toMillis() > NOTED_MILLIS) {
      Files.setLastModifiedTime(path, FileTime.fromMillis(now));
    }
  }

  private static long sum(byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    return sum.getValue();
  }

  private void keep(Path path, byte[] block) {
    if (most == 0) {
      return;
    }
    byte[] all = new byte[block.length + SUM];
    System.arraycopy(block, 0, all, 0, block.length);
    ByteBuffer.wrap(all, block.length, SUM).putLong(sum(block, block.length));
    try {
      Files.createDirectories(path.getParent());
      Files.write(path, all); // half written, it does not fit its checksum
      bound(all.length);
    } catch (IOException | RuntimeException e) {
      // The block is here: what the cache cannot do is no fault of the picture that it is of.
      if (!told) {
        told = true;
        LOG.warn(
            "blocks of remote files cannot be kept in {}: {}; each is fetched again",
            folder,
            e instanceof IOException io ? Reason.of(io) : e.toString());
      }
    }
  }

  /** Lets the least recently used go, a tenth at a time. */
  private void bound(int fresh) throws IOException {
    if (kept.get() >= 0 && kept.addAndGet(fresh) <= most) {
      return;
    }
    synchronized (kept) {
      List<Block> blocks = blocks();
      blocks.sort(Comparator.comparingLong(Block::used));
      long sum = blocks.stream().mapToLong(Block::size).sum();
      long enough = sum > most ? most - most / 10 : most;
      for (Block block : blocks) {
        if (sum <= enough) {
          break;
        }
        sum -= block.size;
        Files.deleteIfExists(block.file);
      }
      kept.set(sum);
    }
  }

  /** A block on disk as it was seen once: other processes use, write and delete beside us. */
  private record Block(Path file, long used, long size) {}

  private List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes seen) {
            blocks.add(new Block(file, seen.lastModifiedTime().toMillis(), seen.size()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path of, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return blocks;
  }
}
