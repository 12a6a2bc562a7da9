package dev.millrace.live.gate;

import java.io.IOException;
import java.nio.file.Path;

/** Compares a candidate with the encoder that is served. Not thread-safe. */
@FunctionalInterface
public interface Judge {
  /**
   * Compares two encoders on the same pictures.
   *
   * @param champion file of the served encoder; null where none is served yet: the candidate is
   *     then judged on its own
   * @param candidate file of the other
   * @throws IOException if pictures or an encoder cannot be read
   */
  Judgement of(Path champion, Path candidate) throws IOException;
}
