package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.stream.SourceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard that can be listed by itself. What a large one holds stays in the cache until the whole
 * set is listed, so that a call that was ended goes on where it was.
 *
 * @param front what stands before the names of its pictures
 * @param part that pictures belong to which do not say another
 * @param worth bytes of a shard that is kept, at least
 */
record OneShard(
    ShardFiles.Form form, Origin file, String front, Part part, Path cache, long worth) {
  private static final Logger LOG = LoggerFactory.getLogger(OneShard.class);

  /** A shard this large takes longer to list than what it holds to keep. */
  static final long WORTH = 32 << 20;

  /** Of another machine, whose bytes come slower. */
  private static final long WORTH_FAR = 1 << 20;

  OneShard(ShardFiles.Form form, Origin file, String front, Part part, Path cache) {
    this(form, file, front, part, cache, file.remote() ? WORTH_FAR : WORTH);
  }

  private static Path folder(Path cache) {
    return cache.resolve(PackedWriter.FOLDER).resolve("shards");
  }

  private String key() {
    return "shard 2 %s %s %s %s".formatted(form, part, front, file.file());
  }

  private Path kept() {
    return folder(cache).resolve(PackedFile.fileName("shard", key()));
  }

  /** Whether what it holds is kept. */
  boolean isWorth() {
    return file.size() >= worth;
  }

  /**
   * What it holds, by itself; from the cache where it was listed before.
   *
   * @throws IllegalArgumentException if it cannot be understood
   */
  PackedFile listed(BooleanSupplier stop) throws IOException {
    PackedFile known =
        isWorth() ? KeptIndex.find(kept(), cache, key(), List.of(file), false) : null;
    if (known != null) {
      return known;
    }
    try (PackedWriter writer = new PackedWriter(cache)) {
      ShardTally tally = new ShardTally();
      add(new NameSet(), writer, tally, stop);
      return writer.shard(isWorth() ? kept() : null, key(), tally.about(""), tally.leftOut.done());
    }
  }

  /** Takes away what is kept of shards of a set that is listed, and of others where it is much. */
  static void forget(List<OneShard> shards, Path cache) {
    try {
      for (OneShard shard : shards) {
        if (shard.isWorth()) {
          Files.deleteIfExists(shard.kept());
        }
      }
      if (Files.isDirectory(folder(cache))) {
        PackedWriter.bound(folder(cache).resolve("none"));
      }
    } catch (IOException e) {
      LOG.debug("a listed shard stays in the cache", e); // where it is mapped, some systems keep it
    }
  }

  IllegalArgumentException twice(String id) {
    return form == ShardFiles.Form.TAR
        ? TarShard.twice(file.file(), id.substring(front.length()), id)
        : ParquetShard.twice(file.file(), id);
  }

  /** Adds a row a picture. */
  void add(NameSet names, PackedWriter writer, ShardTally tally, BooleanSupplier stop)
      throws IOException {
    Listing.heed(stop);
    try {
      if (form == ShardFiles.Form.PARQUET) {
        ParquetShard.add(file, front, part, names, writer, tally, cache, stop);
        return;
      }
      try (OpenShard open = OpenShard.of(file, cache)) {
        int origin = writer.origin(file);
        TarShard shard = new TarShard(file.file(), front, part, origin, names, writer, tally, stop);
        Tar.list(new Tar.Bytes(open.source(), 0, 0, open.size(), file.file()), shard);
        shard.flush();
      }
    } catch (SourceException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(Reason.of(e), e);
    } catch (IndexOutOfBoundsException
        | NullPointerException
        | NegativeArraySizeException
        | ArithmeticException
        | StackOverflowError e) {
      throw unreadable("what it says of itself cannot be", e);
    }
  }

  private IOException unreadable(String why, Throwable e) {
    return new IOException(
        "%s cannot be read as a shard: %s; is it complete?".formatted(file.file(), why), e);
  }
}
