package dev.millrace.evaluation;

import dev.millrace.probe.SplitParts;
import dev.millrace.refusal.Choice;
import dev.millrace.stream.source.DataSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Data sets that are judged together.
 *
 * @param name what the command calls it
 * @param entries the sets in the order they are judged
 */
record Suite(String name, List<Entry> entries) {
  /**
   * One set of a suite.
   *
   * @param data its known name
   * @param own the task that stands for the set in the suite's summary
   * @param byDomain whether each domain is judged to itself and left out, instead of the whole set
   */
  record Entry(String data, String own, boolean byDomain) {
    /** Whether the set is one of boxes, which only detection can judge by. */
    boolean boxes() {
      return own.equals(DetectionTask.NAME);
    }

    /** How the set is divided; one division, or two a domain. */
    List<SplitParts> divisions(DataSet set, int images) {
      return byDomain
          ? SplitParts.byDomain(data, set, images)
          : List.of(SplitParts.whole(data, set, images));
    }

    /** Those of the tasks asked for that a division can answer. */
    static List<String> tasks(List<String> asked, SplitParts parts) {
      return asked.stream()
          .filter(
              // Labels are no boxes.
              task -> !task.equals(DetectionTask.NAME) && ProbeTasks.of(task).answers(parts))
          .toList();
    }
  }

  /** Training pictures of a set that a suite uses, unless another number is asked for. */
  static final int IMAGES = 20_000;

  /** What a suite asks of every set, where nothing else is asked for. */
  static final List<String> TASKS =
      List.of(ProbeTasks.KNN, ProbeTasks.LINEAR, ProbeTasks.FEW_SHOT, DetectionTask.NAME);

  /** The twelve downstream sets. */
  private static final Suite TWELVE =
      new Suite(
          "twelve",
          List.of(
              many("cifar10"),
              many("tiny-imagenet"),
              many("caltech101"),
              many("dtd10"),
              many("flowers12"),
              many("gtsrb"),
              many("sign-digits"),
              many("mnist"),
              many("fashion-mnist"),
              new Entry("pacs", ProbeTasks.LINEAR, true),
              new Entry("omniglot", ProbeTasks.FEW_SHOT, false),
              new Entry("bccd", DetectionTask.NAME, false)));

  private static final List<Suite> ALL = List.of(TWELVE);

  private static Entry many(String data) {
    return new Entry(data, ProbeTasks.LINEAR, false);
  }

  /**
   * The suite of a name.
   *
   * @throws IllegalArgumentException for an unknown one
   */
  static Suite named(String name) {
    Choice.check("--suite", name, ALL.stream().map(Suite::name).toArray(String[]::new));
    return ALL.stream().filter(suite -> suite.name().equals(name)).findFirst().orElseThrow();
  }

  /** The sets' names, with commas between. */
  String sets() {
    return entries.stream().map(Entry::data).collect(Collectors.joining(", "));
  }
}
