package dev.millrace.stream;

/**
 * Content whose source keeps what was seen of its first bytes, for calls to come: that they are
 * those of a picture, and how large it is. Thread-safe.
 */
public interface KnownHead extends Image.Content {
  /** The picture's shorter side in pixels, 65535 for a longer one; 0 while it is not known. */
  int shortSide();

  /** Keeps the shorter side of a picture whose first bytes are good. */
  void keepShortSide(int pixels);
}
