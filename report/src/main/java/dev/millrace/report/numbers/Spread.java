package dev.millrace.report.numbers;

import java.util.Collection;
import java.util.List;

/**
 * Numbers of several seeds in short.
 *
 * @param n how many numbers
 * @param mean their mean, NaN of none
 * @param deviation sample standard deviation (divided by n − 1), NaN below two
 */
public record Spread(int n, double mean, double deviation) {
  /** Of no numbers. */
  public static final Spread NONE = of(List.of());

  /** The mean and the deviation of numbers; those that are missing or not finite do not count. */
  public static Spread of(Collection<Double> numbers) {
    double[] finite =
        numbers.stream()
            .filter(x -> x != null && Double.isFinite(x))
            .mapToDouble(Double::doubleValue)
            .toArray();
    double sum = 0;
    for (double x : finite) {
      sum += x;
    }
    double mean = finite.length == 0 ? Double.NaN : sum / finite.length;
    double squares = 0;
    for (double x : finite) {
      squares += (x - mean) * (x - mean);
    }
    return new Spread(
        finite.length,
        mean,
        finite.length < 2 ? Double.NaN : Math.sqrt(squares / (finite.length - 1)));
  }

  /** The same without the mean's sign. */
  public Spread size() {
    return new Spread(n, Math.abs(mean), deviation);
  }

  /** Standard error of the mean, NaN below two numbers. */
  public double error() {
    return deviation / Math.sqrt(n);
  }

  /**
   * Half the width of the t-interval of the mean, NaN below two numbers.
   *
   * @param confidence such as 0.95
   */
  public double half(double confidence) {
    return StudentT.factor(confidence, n) * error();
  }

  /** The numbers multiplied by a factor of at least 0. */
  public Spread times(double factor) {
    return new Spread(n, mean * factor, deviation * factor);
  }

  /** Whether there is any number. */
  public boolean measured() {
    return n > 0;
  }
}
