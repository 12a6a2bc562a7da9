package dev.millrace.live;

import dev.millrace.draw.Draw;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * The pictures of the open chunk by draws, of which the smallest are kept: a uniform sample of what
 * arrived, whenever it is looked at (Vitter, "Random Sampling with a Reservoir", 1985, by
 * priorities). A draw follows from a picture's checksum, so a sample that is made anew after a kill
 * is the same. Not thread-safe.
 */
final class Sample {
  private static final int HEX = 16;

  /** A picture: its draw, its number and the bytes it takes. */
  private record Slot(long draw, long number, long bytes) {}

  private final long seed;
  private final TreeSet<Slot> slots =
      new TreeSet<>(Comparator.comparingLong(Slot::draw).thenComparingLong(Slot::number));
  private long bytes;

  Sample(long seed) {
    this.seed = seed;
  }

  private long draw(String sha256) {
    long high = Long.parseUnsignedLong(sha256, 0, HEX, HEX);
    long low = Long.parseUnsignedLong(sha256, HEX, 2 * HEX, HEX);
    return Draw.of(seed, "sample-out", high, low).bits();
  }

  /** How many bytes its pictures take. */
  long bytes() {
    return bytes;
  }

  void add(long number, String sha256, long size) {
    slots.add(new Slot(draw(sha256), number, size));
    bytes += size;
  }

  /**
   * The pictures that give way to another one, which are then in the sample no more.
   *
   * @param sha256 of the other one
   * @param over whether so many pictures fewer, of this many bytes in all, are still too many
   * @return their numbers; null if the other one is left out, since it has the largest draw
   */
  List<Long> displacedBy(String sha256, BiPredicate<Integer, Long> over) {
    long draw = draw(sha256);
    List<Slot> out = new ArrayList<>();
    long left = bytes;
    for (Slot slot : slots.descendingSet()) {
      if (!over.test(out.size(), left)) {
        break;
      }
      if (slot.draw() <= draw) {
        return null;
      }
      out.add(slot);
      left -= slot.bytes();
    }
    if (over.test(out.size(), left)) {
      return null;
    }
    out.forEach(slots::remove);
    bytes = left;
    return out.stream().map(Slot::number).toList();
  }
}
