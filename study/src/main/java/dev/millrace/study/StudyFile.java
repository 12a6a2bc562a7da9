package dev.millrace.study;

import static dev.millrace.file.Yaml.YAML;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.Printable;
import dev.millrace.file.TextFile;
import dev.millrace.study.record.Primary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A study as its YAML file describes it: axes whose product are the runs, settings that all or some
 * of them share, and what is asked of each.
 *
 * @param name what the study is called; the file's name where it says nothing
 * @param runs its runs, in the order they are made: for each seed, set and method the joint run
 *     first; with {@code order: data} set by set
 * @param primary what it is judged by
 * @param secondary what rows are held against joint training by beside that, if the file says so
 */
public record StudyFile(
    String name, List<PlannedRun> runs, Primary primary, Optional<Primary> secondary) {
  private static final String[] KEYS = {
    "name",
    "data",
    "methods",
    "remedies",
    "seeds",
    "order-seeds",
    "order",
    "settings",
    "exclude",
    "questions",
    "primary",
    "secondary",
    "insight"
  };

  /** Makes the list immutable. */
  public StudyFile {
    runs = List.copyOf(runs);
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException for what the file should not say: what was found, what is
   *     expected, and where
   * @throws IOException if it cannot be read
   */
  public static StudyFile read(Path file) throws IOException {
    JsonNode tree;
    try {
      tree = YAML.readTree(TextFile.read(file));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          file + " is no YAML: " + e.getOriginalMessage() + "; see configs/study/ for examples", e);
    }
    String name = file.getFileName().toString().replaceAll("\\.[^.]*$", "");
    try {
      return read(name, tree);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static StudyFile read(String name, JsonNode tree) {
    Fields top = Fields.of("the study", tree, KEYS);
    RunProduct axes = RunProduct.read(top);
    List<Question> questions = Question.read(top);
    List<PlannedRun> planned = axes.runs(questions, InsightParts.read(top));
    return new StudyFile(
        named(top.text("name", name)),
        EqualPasses.of(Exclusion.apply(top, planned), planned),
        NamedEndpoints.primary(top, questions),
        NamedEndpoints.secondary(top, questions));
  }

  /** A name that is the name of one folder, wherever it comes from. */
  private static String named(String name) {
    if (!name.matches("[^\\p{Cntrl}/\\\\:*?\"<>|]{1,100}") || name.matches("\\.+|.*[. ]|[. ].*")) {
      throw new IllegalArgumentException(
          "name: %s cannot be the name of one folder, and a study's folder is called so; use letters, digits and hyphens"
              .formatted(Printable.of(name, 100)));
    }
    return name;
  }

  /** The joint run that a run's encoders are compared with; null if that is not asked for. */
  public PlannedRun comparison(PlannedRun of) {
    return of.insight().againstJoint() && !of.joint() ? reference(of) : null;
  }

  /**
   * The ids of all comparisons with joint runs.
   *
   * @param ids of the runs, in their order: a digest takes its time
   */
  List<String> comparisons(List<String> ids) {
    List<String> comparisons = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      PlannedRun reference = comparison(runs.get(i));
      if (reference != null) {
        comparisons.add(PlannedRun.comparison(ids.get(i), reference.id()));
      }
    }
    return comparisons;
  }

  /** What is asked of every run, in words, one line each. */
  public List<String> protocol() {
    PlannedRun any = runs.get(0);
    List<String> lines = new ArrayList<>();
    if (primary.named()) {
      lines.add("judged by: " + words(primary));
    }
    secondary.ifPresent(second -> lines.add("and beside that by: " + words(second)));
    for (Question question : any.questions()) {
      lines.add(
          "%s on %s%s"
              .formatted(
                  String.join(", ", question.tasks()),
                  String.join(", ", question.data()),
                  question.images() == 0
                      ? ""
                      : "; of each at most %d training pictures".formatted(question.images())));
    }
    InsightParts insight = any.insight();
    if (!insight.parts().isEmpty()) {
      lines.add(
          "insight: %s, on at most %s pictures; the loss on %s"
              .formatted(
                  String.join(", ", insight.parts()),
                  insight.images() == 0 ? "all" : "" + insight.images(),
                  insight.lossImages() == 0
                      ? "a batch of the default size"
                      : insight.lossImages() + " pictures"));
    }
    return lines;
  }

  private static String words(Primary endpoint) {
    return "%s on %s, a gap within %s points counting as none"
        .formatted(
            endpoint.measures().isEmpty() ? "linear" : String.join(" and ", endpoint.measures()),
            endpoint.sets().isEmpty() ? "all of its sets" : String.join(", ", endpoint.sets()),
            endpoint.margin());
  }

  /** The joint run that a run is held against; null where the study has none. */
  public PlannedRun reference(PlannedRun of) {
    return runs.stream()
        .filter(
            run ->
                run.joint()
                    && run.data().equals(of.data())
                    && run.method().equals(StudyMethods.trained(of.method()))
                    && run.seed() == of.seed())
        .findFirst()
        .orElse(null);
  }
}
