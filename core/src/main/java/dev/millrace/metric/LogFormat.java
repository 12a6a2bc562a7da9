package dev.millrace.metric;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** A form in which a run's measures can be copied. */
public enum LogFormat {
  /** An event file in a folder. */
  TENSORBOARD {
    @Override
    public MetricLog begin(Path place) throws IOException {
      return EventFile.begin(place);
    }
  },
  /** A table in a file. */
  CSV {
    @Override
    public MetricLog begin(Path place) throws IOException {
      return CsvFile.begin(place);
    }
  };

  /**
   * Begins an empty copy in the place of that of an earlier call; the caller closes it.
   *
   * @param place the file, or the folder of the file
   */
  public abstract MetricLog begin(Path place) throws IOException;

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
