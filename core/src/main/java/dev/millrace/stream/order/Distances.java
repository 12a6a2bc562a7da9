package dev.millrace.stream.order;

import dev.millrace.stream.taxonomy.ClassTree;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The distances between all pairs of some classes, a row per class of a byte each: taxonomies count
 * edges, so few distances differ. A tree of more than 256 distances takes eight bytes each.
 * Immutable.
 */
final class Distances {
  private static final int CODES = 256;

  /** Row a holds the distances from a, as places in {@link #values}; null when too many. */
  private final byte[][] codes;

  private final double[] values;

  /** The distances as they are; null unless there are too many for codes. */
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
    byte[][] codes = new byte[n][n];
    double[] values = new double[CODES];
    Map<Double, Integer> known = new HashMap<>();
    known.put(0.0, 0); // from each class to itself
    double[] row = new double[n];
    for (int a = 0; a < n; a++) {
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
        codes[b][a] = codes[a][b];
      }
    }
    return new Distances(codes, values, null, n);
  }

  private static double[][] plain(List<String> names, ClassTree tree) {
    double[][] plain = new double[names.size()][names.size()];
    for (int a = 0; a < plain.length; a++) {
      for (int b = 0; b < a; b++) {
        plain[a][b] = tree.distance(names.get(a), names.get(b));
        plain[b][a] = plain[a][b];
      }
    }
    return plain;
  }

  int size() {
    return size;
  }

  double at(int a, int b) {
    return plain == null ? values[codes[a][b] & 0xFF] : plain[a][b];
  }

  /** From one class to each, itself included. */
  double[] from(int a) {
    return from(a, new double[size]);
  }

  /** Like {@link #from(int)}, into an array of that size. */
  double[] from(int a, double[] row) {
    if (plain != null) {
      System.arraycopy(plain[a], 0, row, 0, size);
      return row;
    }
    byte[] of = codes[a];
    for (int b = 0; b < size; b++) {
      row[b] = values[of[b] & 0xFF];
    }
    return row;
  }
}
