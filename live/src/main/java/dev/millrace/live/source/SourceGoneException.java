package dev.millrace.live.source;

import java.io.IOException;

/** A source cannot be read any more, and trying again would not help; the others go on. */
public final class SourceGoneException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param sentence what was found, what was expected, and what to do
   */
  public SourceGoneException(String sentence) {
    super(sentence);
  }
}
