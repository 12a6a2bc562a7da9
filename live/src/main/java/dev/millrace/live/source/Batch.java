package dev.millrace.live.source;

import dev.millrace.live.account.Gap;
import java.util.List;
import java.util.Map;

/**
 * What a source offers at once. Immutable.
 *
 * @param arrivals the pictures, in their order; may be none
 * @param place how far the source is read with them, in its own words; null where it has no places
 * @param stamps what is to be remembered of keys, for {@link Source.Memory#stamp}
 * @param released keys whose stamps need not be remembered any more
 * @param gaps what the source no longer has, and passes over
 */
public record Batch(
    List<Arrival> arrivals,
    String place,
    Map<String, String> stamps,
    List<String> released,
    List<Gap> gaps) {
  /** Copies what is given. */
  public Batch {
    arrivals = List.copyOf(arrivals);
    stamps = Map.copyOf(stamps);
    released = List.copyOf(released);
    gaps = List.copyOf(gaps);
  }

  /** A batch without gaps. */
  public Batch(
      List<Arrival> arrivals, String place, Map<String, String> stamps, List<String> released) {
    this(arrivals, place, stamps, released, List.of());
  }

  /** The same with gaps. */
  public Batch with(List<Gap> noted) {
    return new Batch(arrivals, place, stamps, released, noted);
  }

  /** Nothing, and nothing to note. */
  public static Batch none() {
    return new Batch(List.of(), null, Map.of(), List.of());
  }

  /** Pictures, and how far the source is read with them. */
  public static Batch of(List<Arrival> arrivals, String place) {
    return new Batch(arrivals, place, Map.of(), List.of());
  }

  /** Whether there is nothing to commit. */
  public boolean isEmpty() {
    return arrivals.isEmpty()
        && released.isEmpty()
        && stamps.isEmpty()
        && gaps.isEmpty()
        && place == null;
  }
}
