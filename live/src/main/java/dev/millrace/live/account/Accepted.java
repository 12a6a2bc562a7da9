package dev.millrace.live.account;

import java.util.List;
import java.util.Map;

/**
 * A batch of one source, all of which is accepted at once. Immutable.
 *
 * @param source its name
 * @param entries what was offered, in that order
 * @param place how far the source is read then, in its own words; null for a source without places
 * @param stamps what the source wants remembered of keys, see {@link Account#stamp}
 * @param released keys whose stamps need not be remembered any more
 * @param gaps what the source no longer has, and passes over
 * @param continued whether it belongs with the batch before it, to one thing: whether all of that
 *     is stored, {@link Account#stored} says of the stamps that are no entry's key
 * @param displaced pictures of the open chunk that give way to some of the entries, by number
 * @param near how many of the entries are nearly equal to another one, accepted or not
 * @param spooled length of the open chunk with all of them, in bytes
 * @param horizon how many pictures back a checksum is known
 */
public record Accepted(
    String source,
    List<Entry> entries,
    String place,
    Map<String, String> stamps,
    List<String> released,
    List<Gap> gaps,
    boolean continued,
    List<Long> displaced,
    long near,
    long spooled,
    long horizon) {
  /** Copies the lists. */
  public Accepted {
    entries = List.copyOf(entries);
    stamps = Map.copyOf(stamps);
    released = List.copyOf(released);
    gaps = List.copyOf(gaps);
    displaced = List.copyOf(displaced);
  }
}
