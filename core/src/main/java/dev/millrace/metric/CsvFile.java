package dev.millrace.metric;

import dev.millrace.file.AppendLog;
import dev.millrace.file.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Comma-separated values: a line of names, then a line per measure, with nothing between two commas
 * where a value was not measured. Not thread-safe.
 */
final class CsvFile implements MetricLog {
  private static final String NAMES =
      "time,step,chunk,epoch," + String.join(",", Measured.NAMES) + ",knn_set\n";

  private final AppendLog log;

  private CsvFile(AppendLog log) {
    this.log = log;
  }

  static CsvFile begin(Path file) throws IOException {
    AtomicFiles.write(file, NAMES.getBytes(StandardCharsets.UTF_8));
    return new CsvFile(AppendLog.open(file));
  }

  @Override
  public void add(Measured measured) throws IOException {
    StringBuilder line = new StringBuilder();
    line.append(measured.time()).append(',').append(measured.step());
    line.append(',').append(measured.chunk()).append(',').append(measured.epoch());
    for (String name : Measured.NAMES) {
      Double value = measured.values().get(name);
      line.append(',').append(value == null ? "" : value.toString());
    }
    line.append(',').append(measured.set() == null ? "" : quoted(measured.set()));
    log.append(line.toString());
  }

  /** Quoted by RFC 4180: a name may hold commas, and quotes count twice. */
  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
