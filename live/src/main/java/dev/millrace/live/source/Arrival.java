package dev.millrace.live.source;

import dev.millrace.file.Reason;

/**
 * A picture that a source offers.
 *
 * @param key its name at the source, in any characters; with the source's name it is the picture's
 *     id
 * @param bytes the encoded picture; given away
 * @param label its class; null where nobody says one
 * @param fault why it cannot be accepted, where the source knows that already; null else
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Arrival(String key, byte[] bytes, String label, String fault) {
  /** A picture without a class. */
  public static Arrival of(String key, byte[] bytes) {
    return new Arrival(key, bytes, null, null);
  }

  /** What the heap has no room for, in the words that sets have for it; others are read on. */
  static Arrival unread(String key, OutOfMemoryError failure) {
    return bad(key, "cannot be read: " + Reason.of(failure));
  }

  /** What cannot be read, for the quarantine. */
  public static Arrival bad(String key, String fault) {
    return new Arrival(key, new byte[0], null, fault);
  }
}
