package dev.millrace.recipe;

import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * An order of the stream as {@code --stream} names it: all that the rest of the house needs to know
 * of it.
 *
 * @param order its constant, whose word flags and files have
 * @param note what the help adds to its word; empty for nothing
 * @param chunks how many chunks it has, for the help; empty for any number
 * @param labels whether it goes by classes or domains, so that these must be known
 * @param byClass whether no class is in two chunks
 * @param limit the chunks that it has, by a run's settings; 0 where any number is right, or only
 *     the pictures tell
 * @param why what decides that number, for a refusal
 * @param division how it makes chunks
 */
record OrderPart(
    StreamOrder order,
    String note,
    String chunks,
    boolean labels,
    boolean byClass,
    ToIntFunction<Settings> limit,
    String why,
    Division division) {
  /** How an order makes chunks. */
  @FunctionalInterface
  interface Division {
    /**
     * Divides sets.
     *
     * @param sets those of the settings, in their order
     * @param hierarchy of all their classes; empty if one of them has none
     * @throws IllegalArgumentException if the settings do not fit the sets
     */
    ImageStream of(Settings run, List<ImageSet> sets, Map<String, List<String>> hierarchy)
        throws IOException;
  }

  /** Divides all sets as one. */
  @FunctionalInterface
  interface Whole {
    /** As {@link Division#of}. */
    ImageStream of(ImageSet set, int chunks, long seed) throws IOException;
  }

  /** One that needs no labels and has any number of chunks. */
  static OrderPart of(StreamOrder order, Division division) {
    return new OrderPart(order, "", "", false, false, run -> 0, "", division);
  }

  /** One that needs to know classes or domains. */
  OrderPart byLabels(boolean classes) {
    return new OrderPart(order, note, chunks, true, classes, limit, why, division);
  }

  /** With as many chunks as the pictures have parts of a kind. */
  OrderPart onePer(String kind) {
    return new OrderPart(order, note, "one per " + kind, labels, byClass, limit, why, division);
  }

  /** With what the help adds to its word. */
  OrderPart noted(String words) {
    return new OrderPart(order, words, chunks, labels, byClass, limit, why, division);
  }

  /** With a number of chunks that settings decide. */
  OrderPart limited(String words, ToIntFunction<Settings> number, String reason) {
    return new OrderPart(order, note, words, labels, byClass, number, reason, division);
  }
}
