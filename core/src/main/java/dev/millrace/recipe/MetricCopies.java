package dev.millrace.recipe;

import dev.millrace.file.Closing;
import dev.millrace.file.Reason;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.metric.LogFormat;
import dev.millrace.metric.Measured;
import dev.millrace.metric.MetricLog;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of what a run measures, for other programs. Each call of a run makes them anew, from what
 * the run's own log holds, so none is worth the run. Not thread-safe; {@link RunLog} closes it.
 */
final class MetricCopies implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricCopies.class);

  private final RunDirectory directory;
  private final List<MetricLog> copies = new ArrayList<>();

  MetricCopies(RunDirectory directory) {
    this.directory = directory;
  }

  /** Begins copies of what was measured so far. */
  void begin(List<LogFormat> formats) throws IOException {
    for (LogFormat format : formats) {
      copies.add(
          format.begin(
              switch (format) {
                case TENSORBOARD -> directory.folder().tensorboard();
                case CSV -> directory.folder().table();
              }));
    }
    if (!copies.isEmpty()) {
      new LoggedMeasures(directory).each(this::add);
    }
  }

  /** Copies what was measured; a copy that fails ends, and the run goes on. */
  void add(Measured measured) throws IOException {
    for (MetricLog copy : List.copyOf(copies)) {
      try {
        copy.add(measured);
      } catch (IOException e) {
        // A copy is no reason to end a run, and the next call makes it anew.
        copies.remove(copy);
        try {
          copy.close();
        } catch (IOException also) {
          e.addSuppressed(also);
        }
        LOG.warn(
            "a copy of the metrics in {} ends here: {}; `millrace resume` makes it anew",
            directory.root(),
            Reason.of(e));
      }
    }
  }

  @Override
  public void close() throws IOException {
    Closing.all(copies);
  }
}
