package dev.millrace.recipe;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import dev.millrace.stream.order.ClassOrder;
import dev.millrace.stream.order.DomainOrder;
import dev.millrace.stream.order.InstanceOrder;
import dev.millrace.stream.order.JointOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The orders of a stream there are. One more is a constant of {@link StreamOrder}, its division and
 * a line here. {@code --chunks} 1, the default, counts as not given.
 */
public final class Orders {
  private static final List<OrderPart> ALL =
      List.of(
          whole(StreamOrder.INSTANCE, InstanceOrder::stream),
          whole(StreamOrder.CLASS, ClassOrder::stream).byLabels(true),
          OrderPart.of(StreamOrder.DISTANT, Divisions::distant).byLabels(true),
          whole(
                  StreamOrder.DOMAIN,
                  (set, chunks, seed) ->
                      chunks == 1
                          ? DomainOrder.stream(set, seed)
                          : DomainOrder.stream(set, chunks, seed))
              .byLabels(false)
              .onePer("domain"),
          whole(StreamOrder.JOINT, (set, chunks, seed) -> JointOrder.stream(set))
              .limited("1", run -> 1, "a joint stream is the whole set at once"),
          OrderPart.of(StreamOrder.GIVEN, Divisions::given)
              .noted("one chunk per SET")
              .limited(
                  "one per SET", run -> run.data().sets().size(), "each set of --data is a chunk"));

  private Orders() {}

  private static OrderPart whole(StreamOrder order, OrderPart.Whole division) {
    return OrderPart.of(
        order,
        (run, sets, hierarchy) -> {
          ImageSet set = Divisions.union(run, sets);
          int chunks = run.stream().chunks();
          return Divisions.ordered(run, seed -> division.of(set, chunks, seed));
        });
  }

  /** The part of a constant. */
  static OrderPart of(StreamOrder order) {
    return ALL.stream().filter(part -> part.order() == order).findFirst().orElseThrow();
  }

  /** The order of a run. */
  static OrderPart of(Settings run) {
    return of(run.stream().order());
  }

  /** The words of those that divide a stream into several chunks, as studies compare them. */
  public static List<String> dividing() {
    return ALL.stream()
        .filter(part -> !part.order().atOnce())
        .map(part -> part.order().word())
        .toList();
  }

  /** The words of those in which no class is in two chunks. */
  public static List<String> byClass() {
    return ALL.stream().filter(OrderPart::byClass).map(part -> part.order().word()).toList();
  }

  /** Their words, for a line of help. */
  static String words() {
    List<String> words =
        ALL.stream()
            .map(
                part ->
                    part.order().word() + (part.note().isEmpty() ? "" : " (" + part.note() + ")"))
            .toList();
    int last = words.size() - 1;
    return String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  /** How many chunks they have, for a line of help. */
  static String chunks() {
    return ALL.stream()
        .filter(part -> !part.chunks().isEmpty())
        .map(part -> part.order().word() + " has " + part.chunks())
        .collect(Collectors.joining(", "));
  }

  /**
   * The set that a chunk is by itself: one of {@code --data} where each is a chunk, or one that the
   * run was extended by.
   *
   * @param chunk counted from 0
   * @param chunks of the run, with its extensions
   * @return its word in the settings; null for a part of all sets of {@code --data}
   */
  public static String setOf(Settings run, int chunk, int chunks) {
    if (run.stream().order().bySet()) {
      return run.data().sets().get(chunk);
    }
    List<String> extensions = run.history().extensions();
    int planned = chunks - extensions.size();
    return chunk < planned ? null : extensions.get(chunk - planned);
  }

  /** Refuses a number of chunks that the order of the settings does not have. */
  static void requireChunks(Settings settings) {
    OrderPart part = of(settings);
    int has = part.limit().applyAsInt(settings);
    if (has > 0 && settings.stream().chunks() != 1 && settings.stream().chunks() != has) {
      throw UsageException.of(
          "--chunks",
          "%d is not the %d that --stream %s has here: %s; leave --chunks out%s, or take --stream instance"
              .formatted(
                  settings.stream().chunks(),
                  has,
                  part.order().word(),
                  part.why(),
                  has == 1 ? "" : " or give " + has));
    }
  }

  /**
   * Divides sets as the settings have it.
   *
   * @param hierarchies those of the sets, for the distant stream; empty for a set that has none
   * @throws IllegalArgumentException if the settings do not fit the sets
   */
  static ImageStream stream(
      Settings run, List<ImageSet> sets, List<Map<String, List<String>>> hierarchies)
      throws IOException {
    return of(run).division().of(run, new ArrayList<>(sets), Divisions.together(hierarchies));
  }
}
