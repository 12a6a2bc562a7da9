package dev.millrace.exchange.search;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.util.Bits;

/**
 * What an index of an earlier state of a set has of its present one. Pictures are known by keys, 64
 * bits of what they are called, of their class and of their size; eight bytes of memory per
 * picture.
 */
final class IndexUpdate {
  /** Number of a picture that the index does not have. */
  static final int NONE = -1;

  /** The present pictures' keys, ascending, and the place of each. */
  private final long[] keys;

  private final int[] places;

  /** By place, the number that the index knows the picture by. */
  private final int[] numbers;

  private final Set<Long> gone = new HashSet<>();
  private int next;
  private int documents;

  /**
   * Reads an index.
   *
   * @param pictures of the present set
   * @param key of the picture at a place
   */
  IndexUpdate(IndexReader reader, int pictures, IntToLongFunction key) throws IOException {
    long[] unsorted = IntStream.range(0, pictures).mapToLong(key::applyAsLong).toArray();
    keys = unsorted.clone();
    Arrays.sort(keys);
    places = new int[pictures];
    for (int place = 0; place < pictures; place++) {
      places[Arrays.binarySearch(keys, unsorted[place])] = place;
    }
    numbers = new int[pictures];
    Arrays.fill(numbers, NONE);
    Set<Integer> kept = new HashSet<>();
    each(
        reader,
        (found, number, first) -> {
          documents++;
          next = Math.max(next, number + 1);
          int at = Arrays.binarySearch(keys, found);
          if (at < 0 || numbers[places[at]] != NONE) {
            gone.add(found);
            if (at >= 0) { // taken off by its key, so the other of that key is as well
              kept.remove(numbers[places[at]]);
              numbers[places[at]] = NONE;
            }
          } else if (!gone.contains(found)) {
            numbers[places[at]] = number;
            kept.add(number);
          }
        });
    // A picture that shared the vector of one that is gone has lost it.
    each(
        reader,
        (found, number, first) -> {
          if (first != NONE && !kept.contains(first) && gone.add(found)) {
            numbers[places[Arrays.binarySearch(keys, found)]] = NONE;
          }
        });
  }

  /** Takes a document: its key, its number, and the number of the first that has its vector. */
  private interface Taker {
    void take(long key, int number, int first);
  }

  private static void each(IndexReader reader, Taker taker) throws IOException {
    for (LeafReaderContext leaf : reader.leaves()) {
      SortedNumericDocValues keys = DocValues.getSortedNumeric(leaf.reader(), IndexBuild.KEY);
      SortedNumericDocValues firsts = DocValues.getSortedNumeric(leaf.reader(), IndexBuild.COPY);
      NumericDocValues numbers = DocValues.getNumeric(leaf.reader(), IndexBuild.PLACE);
      Bits live = leaf.reader().getLiveDocs();
      for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
        if ((live == null || live.get(doc))
            && keys.advanceExact(doc)
            && numbers.advanceExact(doc)) {
          int first = firsts.advanceExact(doc) ? (int) firsts.nextValue() : NONE;
          taker.take(keys.nextValue(), (int) numbers.longValue(), first);
        }
      }
    }
  }

  /** Pictures in the index, whether or not the set still has them. */
  int documents() {
    return documents;
  }

  /** Keys of documents to be taken off. */
  Set<Long> gone() {
    return gone;
  }

  /** Places of the pictures that the index does not have, ascending. */
  int[] missing() {
    return IntStream.range(0, numbers.length).filter(place -> numbers[place] == NONE).toArray();
  }

  /** By place, the number that the index knows the picture by, or {@link #NONE}. */
  int[] numbers() {
    return numbers.clone();
  }

  /** A number above all that the index has used. */
  int next() {
    return next;
  }

  /** By number, the picture's place; a number that no picture has is not asked for. */
  int[] placesByNumber() {
    int[] byNumber = new int[next];
    for (int place = 0; place < numbers.length; place++) {
      if (numbers[place] != NONE) {
        byNumber[numbers[place]] = place;
      }
    }
    return byNumber;
  }
}
