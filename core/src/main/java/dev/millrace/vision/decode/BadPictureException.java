package dev.millrace.vision.decode;

/** Bytes that are not a usable picture. The reason is a sentence for the person who owns them. */
public final class BadPictureException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * A picture refused.
   *
   * @param reason what is wrong with it, such as {@code "cut off: the JPEG has no end marker"}
   */
  public BadPictureException(String reason) {
    super(reason);
  }

  /** What is wrong with the picture; never null. */
  public String reason() {
    return getMessage();
  }
}
