package dev.millrace.stream;

import java.io.IOException;

/**
 * The place that pictures lie at does not answer, or holds others than were listed. No picture is
 * bad for that: whoever reads pictures ends, and may go on later.
 */
public class SourceException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * A failure.
   *
   * @param message the place, what is wrong, and the mend
   */
  public SourceException(String message) {
    super(message);
  }

  /** A failure with what led to it. */
  public SourceException(String message, Throwable cause) {
    super(message, cause);
  }
}
