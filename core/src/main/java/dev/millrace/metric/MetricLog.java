package dev.millrace.metric;

import java.io.Closeable;
import java.io.IOException;

/** A file that takes measures one after another. Not thread-safe; close it to give it back. */
public interface MetricLog extends Closeable {
  /** Appends what was measured; whoever reads the file sees it at once. */
  void add(Measured measured) throws IOException;
}
