package dev.millrace.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Training with the number of threads that Millrace chooses, beside a thread that keeps one core
 * busy, against the best of fixed numbers, all in turns.
 *
 * <pre>
 * bench/run dev.millrace.bench.BusyCore --rounds 5
 * </pre>
 */
public final class BusyCore {
  private static final String CHOSEN = "0";

  private BusyCore() {}

  /**
   * {@code --rounds N} alternations (5), {@code --width N} (16), {@code --busy N} threads that only
   * keep cores busy (1), {@code --seconds N} of warm-up and {@code --steps N} measured per process
   * (8, 40).
   */
  public static void main(String[] args) throws Exception {
    Arguments given =
        new Arguments(args, List.of("rounds", "width", "busy", "seconds", "steps", "batch"));
    for (int i = 0; i < given.number("busy", 1); i++) {
      Thread busy =
          new Thread(
              () -> {
                while (true) {
                  Thread.onSpinWait();
                }
              },
              "busy");
      busy.setDaemon(true);
      busy.start();
    }
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    int cores = Runtime.getRuntime().availableProcessors();
    for (String threads : List.of(CHOSEN, "1", Integer.toString(Math.max(2, cores)))) {
      rates.put(threads, new ArrayList<>());
    }
    for (int round = 0; round < given.number("rounds", 5); round++) {
      for (Map.Entry<String, List<Double>> one : rates.entrySet()) {
        one.getValue().add(rate(given, one.getKey()));
      }
      double best = 0;
      double chosen = 0;
      StringBuilder line = new StringBuilder();
      for (Map.Entry<String, List<Double>> one : rates.entrySet()) {
        double median = OwnProcess.median(one.getValue());
        boolean own = one.getKey().equals(CHOSEN);
        chosen = own ? median : chosen;
        best = own ? best : Math.max(best, median);
        line.append(
            String.format(
                Locale.ROOT,
                "%s %.0f images/s, ",
                own ? "threads chosen" : "--threads " + one.getKey(),
                median));
      }
      System.out.printf(
          Locale.ROOT, "median of %d: %schosen to best %.2f%n", round + 1, line, chosen / best);
    }
  }

  private static double rate(Arguments given, String threads) throws Exception {
    return OwnProcess.run(
            OwnProcess.ours(
                List.of(
                    "throughput",
                    "--threads",
                    threads,
                    "--width",
                    Integer.toString(given.number("width", 16)),
                    "--batch",
                    Integer.toString(given.number("batch", 128)),
                    "--seconds",
                    Integer.toString(given.number("seconds", 8)),
                    "--steps",
                    Integer.toString(given.number("steps", 40)))))
        .path("images_per_s")
        .asDouble();
  }
}
