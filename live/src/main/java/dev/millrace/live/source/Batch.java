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
 * @param continued whether it goes on with what the batch before it began, such as an archive. A
 *     stamp that is no picture's is of all that: {@link Source.Memory#stored} says whether each of
 *     its pictures is
 */
public record Batch(
    List<Arrival> arrivals,
    String place,
    Map<String, String> stamps,
    List<String> released,
    List<Gap> gaps,
    boolean continued) {
  /** A source that has so many bytes of pictures ends its batch: all of it lies in memory. */
  public static final long ENOUGH_BYTES = 64L << 20;

  /** Copies what is given. */
  public Batch {
    arrivals = List.copyOf(arrivals);
    stamps = Map.copyOf(stamps);
    released = List.copyOf(released);
    gaps = List.copyOf(gaps);
  }

  /** The same with gaps. */
  public Batch with(List<Gap> noted) {
    return new Batch(arrivals, place, stamps, released, noted, continued);
  }

  /** Pictures that belong to nothing begun before, without gaps. */
  public Batch(
      List<Arrival> arrivals, String place, Map<String, String> stamps, List<String> released) {
    this(arrivals, place, stamps, released, List.of(), false);
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
