package dev.millrace.stream;

import dev.millrace.draw.Draw;
import java.util.Arrays;

/**
 * Epochs that read a set nearly as it lies, for places where that is faster than reading at random:
 * the set is cut into stretches of neighbours in one file, whose order is drawn, and pictures leave
 * a buffer, as large as a stretch, by a draw, each making room for the next. So neighbours are
 * mostly drawn within a few buffers of each other, and where a picture stands in the epoch is a
 * function of seed, chunk, epoch and of how the set lies. Immutable, thread-safe.
 */
public final class ReadAlong {
  private final int buffer;

  /** Indices in the order in which the pictures lie; null where that is the set's own. */
  private final int[] lying;

  /** Where stretches begin, ascending, and the set's size behind them. */
  private final int[] stretches;

  private ReadAlong(int buffer, int[] lying, int[] stretches) {
    this.buffer = buffer;
    this.lying = lying;
    this.stretches = stretches;
  }

  /**
   * How a set is read.
   *
   * @param set whose pictures say where they lie; those that do not are taken in the set's order
   * @param buffer pictures of it, at least 1
   */
  public static ReadAlong of(ImageSet set, int buffer) {
    long[] places = new long[set.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = set.image(i).content().place();
    }
    besideNeighbours(places);
    boolean ordered = true;
    for (int i = 0; i < places.length; i++) {
      ordered &= i == 0 || places[i - 1] <= places[i];
    }
    int[] lying = ordered ? null : sorted(places);
    int[] begins = new int[places.length + 1];
    int count = 0;
    long file = 0;
    for (int at = 0; at < places.length; at++) {
      long of = places[lying == null ? at : lying[at]] >> Image.Content.PLACE_BITS;
      if (at == 0 || of != file || at - begins[count - 1] == buffer) {
        begins[count++] = at;
      }
      file = of;
    }
    begins[count++] = places.length;
    return new ReadAlong(buffer, lying, Arrays.copyOf(begins, count));
  }

  /** Indices by ascending places; sets may share these, and of equals the first comes first. */
  private static int[] sorted(long... places) {
    long[] ascending = places.clone();
    Arrays.parallelSort(ascending);
    int[] lying = new int[places.length];
    int[] equals = new int[places.length]; // of the place that begins here, those that are met
    for (int i = 0; i < places.length; i++) {
      int first = first(ascending, places[i]);
      lying[first + equals[first]++] = i;
    }
    return lying;
  }

  /** Where a place stands first. */
  private static int first(long[] ascending, long place) {
    int low = 0;
    int high = ascending.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ascending[middle] < place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * All that an order is made of, to be kept: the buffer, how many stretches there are, where they
   * begin with the set's size behind them, and the pictures as they lie, unless that is the set's
   * own order.
   */
  public int[] numbers() {
    int[] numbers = Arrays.copyOf(new int[] {buffer, stretches.length - 1}, 2 + stretches.length);
    System.arraycopy(stretches, 0, numbers, 2, stretches.length);
    if (lying == null) {
      return numbers;
    }
    int[] all = Arrays.copyOf(numbers, numbers.length + lying.length);
    System.arraycopy(lying, 0, all, numbers.length, lying.length);
    return all;
  }

  /** What {@link #numbers} told, wherever pictures lie now. */
  public static ReadAlong of(int... numbers) {
    int end = 3 + numbers[1];
    return new ReadAlong(
        numbers[0],
        numbers.length == end ? null : Arrays.copyOfRange(numbers, end, numbers.length),
        Arrays.copyOfRange(numbers, 2, end));
  }

  /** How many pictures the set has. */
  public int size() {
    return stretches[stretches.length - 1];
  }

  /** Who lies nowhere, as a picture that was taken away since, changes nobody else's order. */
  private static void besideNeighbours(long... places) {
    for (int i = 1; i < places.length; i++) {
      places[i] = places[i] < 0 ? places[i - 1] : places[i];
    }
    for (int i = places.length - 2; i >= 0; i--) {
      places[i] = places[i] < 0 ? places[i + 1] : places[i];
    }
  }

  /** All indices of the set in the order of an epoch. */
  int[] sequence(long seed, int chunk, int epoch) {
    Draw draw = Draw.of(seed, "read along", chunk, epoch);
    int size = stretches[stretches.length - 1];
    int[] read = new int[size];
    int end = 0;
    for (int stretch : draw.permutation(stretches.length - 1)) {
      for (int at = stretches[stretch]; at < stretches[stretch + 1]; at++) {
        read[end++] = lying == null ? at : lying[at];
      }
    }
    int[] held = Arrays.copyOf(read, Math.min(buffer, size));
    int next = held.length;
    for (int i = 0; i < size; i++) {
      int waiting = Math.min(held.length, size - i);
      int one = draw.at(i).below(waiting);
      read[i] = held[one];
      held[one] = next < size ? read[next++] : held[waiting - 1];
    }
    return read;
  }

  /**
   * An epoch of a pool in which the set's own pictures come as they are read, at the places where
   * own pictures stand; what is not the set's stays.
   *
   * @param order indices into the pool, the set's first, as {@link Sampler} has it
   */
  public int[] along(int[] order, long seed, int chunk, int epoch) {
    int size = stretches[stretches.length - 1];
    int[] sequence = sequence(seed, chunk, epoch);
    int[] along = order.clone();
    int next = 0;
    for (int i = 0; i < along.length; i++) {
      if (along[i] < size) {
        along[i] = sequence[next++];
      }
    }
    return along;
  }
}
