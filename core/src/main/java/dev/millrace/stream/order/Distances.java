package dev.millrace.stream.order;

import dev.millrace.stream.taxonomy.ClassTree;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The distances between all pairs of some classes, a byte per pair: taxonomies count edges, so few
 * distances differ. A tree of more than 256 distances takes eight bytes per pair. Immutable.
 */
final class Distances {
  private static final int CODES = 256;

  /**
   * Row a holds the pairs (a, b) of b below a, as places in {@link #values}; null when too many.
   */
  private final byte[][] codes;

  private final double[] values;

  /** The same pairs as they are; null unless there are too many distances for codes. */
  private final double[][] plain;

  private final int size;

  private Distances(byte[][] codes, double[] values, double[][] plain, int size) {
    this.codes = codes;
    this.values = values;
    this.plain = plain;
    this.size = size;
  }

  /**
   * Asks the tree once per pair.
   *
   * @throws dev.millrace.stream.taxonomy.UnmappedClassException if it does not know a name
   */
  static Distances of(List<String> names, ClassTree tree) {
    tree.require(names);
    int n = names.size();
    byte[][] codes = new byte[n][];
    double[] values = new double[CODES];
    Map<Double, Integer> known = new HashMap<>();
    double[] row = new double[n];
    for (int a = 0; a < n; a++) {
      codes[a] = new byte[a];
      for (int b = 0; b < a; b++) {
        row[b] = tree.distance(names.get(a), names.get(b));
      }
      for (int b = 0; b < a; b++) {
        Integer code = known.get(row[b]);
        if (code == null) {
          if (known.size() == CODES) {
            return new Distances(null, null, plain(names, tree), n);
          }
          code = known.size();
          known.put(row[b], code);
          values[code] = row[b];
        }
        codes[a][b] = (byte) (int) code;
      }
    }
    return new Distances(codes, values, null, n);
  }

  private static double[][] plain(List<String> names, ClassTree tree) {
    double[][] plain = new double[names.size()][];
    for (int a = 0; a < plain.length; a++) {
      plain[a] = new double[a];
      for (int b = 0; b < a; b++) {
        plain[a][b] = tree.distance(names.get(a), names.get(b));
      }
    }
    return plain;
  }

  int size() {
    return size;
  }

  double at(int a, int b) {
    if (a == b) {
      return 0;
    }
    int high = Math.max(a, b);
    int low = Math.min(a, b);
    return plain == null ? values[codes[high][low] & 0xFF] : plain[high][low];
  }

  /** From one class to each, itself included. */
  double[] from(int a) {
    double[] row = new double[size];
    Arrays.setAll(row, b -> at(a, b));
    return row;
  }
}
