package dev.millrace.stream.memory;

import dev.millrace.stream.Chunk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many encoded bytes pictures of a chunk have, each read when it is asked for, and which of
 * those have more by themselves than a memory may hold. Not thread-safe.
 */
public final class Lengths {
  private static final Logger LOG = LoggerFactory.getLogger(Lengths.class);

  private final Chunk chunk;
  private final long bound;
  private final Map<Integer, Long> known = new HashMap<>();
  private final Map<Integer, Long> tooLong = new TreeMap<>();

  /**
   * @param bound bytes that the memory may hold
   */
  public Lengths(Chunk chunk, long bound) {
    this.chunk = chunk;
    this.bound = bound;
  }

  /**
   * Bytes of a picture.
   *
   * @throws UncheckedIOException if it cannot be read
   */
  public long of(int position) {
    return known.computeIfAbsent(
        position,
        at -> {
          try {
            long length = chunk.images().image(at).bytes().length;
            if (length > bound) {
              tooLong.put(at, length);
            }
            return length;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** How many of those that were asked for are longer than the bound. */
  int tooLong() {
    return tooLong.size();
  }

  /** Whether a picture is not known to be longer than the bound. */
  boolean fits(int position) {
    return !tooLong.containsKey(position);
  }

  /** A copy of a chunk's priorities, without those of pictures known to be too long. */
  long[] fitting(long[] priorities) {
    return tooLong.isEmpty()
        ? priorities.clone()
        : IntStream.range(0, priorities.length)
            .filter(this::fits)
            .mapToLong(position -> priorities[position])
            .toArray();
  }

  /** Those of these positions whose pictures are not longer than the bound; asks for all. */
  public int[] fitting(int[] positions) {
    return Arrays.stream(positions).filter(position -> of(position) <= bound).toArray();
  }

  /** Says how many were too long, if any. */
  public void log() {
    if (!tooLong.isEmpty()) {
      LOG.warn(
          "{} of the pictures of chunk {} that were chosen for replay have more than the {} bytes that it may keep, each by itself, up to {}; they are left out: a larger bound keeps them",
          tooLong.size(),
          chunk.index() + 1,
          bound,
          tooLong.values().stream().max(Long::compare).orElseThrow());
    }
  }
}
