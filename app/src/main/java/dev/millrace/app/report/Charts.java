package dev.millrace.app.report;

import java.util.List;
import java.util.stream.IntStream;

/** Axes that several sections share. */
final class Charts {
  private Charts() {}

  /** Chunks as people count them: 1, 2, … */
  static List<Double> chunks(int n) {
    return IntStream.rangeClosed(1, n).mapToObj(i -> (double) i).toList();
  }

  /** The same as names. */
  static List<String> numbers(int n) {
    return IntStream.rangeClosed(1, n).mapToObj(String::valueOf).toList();
  }
}
