package dev.millrace.metric;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** A form in which a run's measures can be copied. */
public enum LogFormat {
  /** An event file in {@code tensorboard/}. */
  TENSORBOARD {
    @Override
    public MetricLog begin(Path run) throws IOException {
      return EventFile.begin(run.resolve("tensorboard"));
    }
  },
  /** {@code metrics.csv}. */
  CSV {
    @Override
    public MetricLog begin(Path run) throws IOException {
      return CsvFile.begin(run.resolve("metrics.csv"));
    }
  };

  /**
   * Begins an empty file in a run's folder, in the place of that of an earlier call; the caller
   * closes it.
   */
  public abstract MetricLog begin(Path run) throws IOException;

  /** Its name in settings. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Every name in settings. */
  public static String[] words() {
    return Arrays.stream(values()).map(LogFormat::word).toArray(String[]::new);
  }

  /** The form of a name that settings have. */
  public static LogFormat of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
