package dev.millrace.exchange.embed;

import dev.millrace.file.Padded;
import dev.millrace.probe.FeatureStream;

/**
 * Where the files of a set's vectors begin and end: a function of the number of pictures, their
 * size and the setting, so that every call and every machine divides alike. Each begins where a
 * batch does, which makes its vectors those of an embedding in one file, to the bit.
 *
 * @param pictures of the whole set
 * @param each pictures per file but the last
 */
record Partitions(int pictures, int each) {
  /**
   * @param size side of what the encoder sees, pixels
   * @param wanted pictures per file; rounded up to whole batches
   */
  static Partitions of(int pictures, int size, int wanted) {
    int batch = FeatureStream.batch(pictures, size);
    long batches = Math.max(1, ((long) wanted + batch - 1) / batch);
    return new Partitions(
        pictures, (int) Math.min(batches * batch, Math.max(1, Integer.MAX_VALUE - batch)));
  }

  int count() {
    return (int) (((long) pictures + each - 1) / each);
  }

  int from(int part) {
    return part * each;
  }

  int to(int part) {
    return (int) Math.min(pictures, (long) from(part) + each);
  }

  /** A file's name; readers of such folders take all that end so. */
  static String name(int part) {
    return "part-" + Padded.of(part, 5) + ".parquet";
  }
}
