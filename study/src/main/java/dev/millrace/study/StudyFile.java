package dev.millrace.study;

import static dev.millrace.file.Yaml.YAML;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.analysis.Insights;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.Printable;
import dev.millrace.recipe.Encoders;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Orders;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.Choice;
import dev.millrace.study.record.Primary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A study as its YAML file describes it: axes whose product are the runs, settings that all or some
 * of them share, and what is asked of each.
 *
 * @param name what the study is called; the file's name where it says nothing
 * @param runs its runs, in the order they are made: for each seed, set and method the joint run
 *     first
 * @param primary what it is judged by
 */
public record StudyFile(String name, List<PlannedRun> runs, Primary primary) {
  private static final String[] KEYS = {
    "name",
    "data",
    "methods",
    "remedies",
    "seeds",
    "order-seeds",
    "settings",
    "exclude",
    "questions",
    "primary",
    "insight"
  };

  /** Several sets, one after another: a chunk each. */
  private static final String GIVEN = "given";

  private static final String[] STREAMS = Orders.dividing().toArray(String[]::new);

  /** Set by the product, and so by no settings of the file. */
  private static final Set<String> AXES =
      Set.of("data", "stream", "chunks", "method", "seed", "order-seed", "extensions");

  /** Given to the command, since machines differ. */
  private static final Set<String> MACHINE = Set.of("threads", "device");

  /** Makes the list immutable. */
  public StudyFile {
    runs = List.copyOf(runs);
  }

  /** A set, or several that are given one after another, and the streams that are made of them. */
  private record Source(
      String label, List<String> sets, Map<String, Integer> streams, Map<String, Object> settings) {
    /** The sets in a cyclic Latin square: orders 1 … n have each set once in each place. */
    List<String> inOrder(long order) {
      List<String> turned = new ArrayList<>(sets);
      Collections.rotate(turned, -(int) Math.floorMod(order - 1, (long) sets.size()));
      return turned;
    }
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
      tree = YAML.readTree(Files.readAllBytes(file));
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
    Map<String, Object> shared = allowed("settings", top.settings("settings"), Set.of());
    List<Source> sources = sources(top);
    Map<String, Map<String, Object>> methods = top.named("methods", StudyMethods.NAMES);
    methods.forEach((method, given) -> requireOwn(method, given));
    List<String> trained = methods.keySet().stream().map(StudyMethods::trained).toList();
    requireOfSome("settings", trained, shared);
    sources.forEach(
        source -> requireOfSome("data." + source.label + ".settings", trained, source.settings));
    Map<String, Map<String, Object>> remedies = Remedies.read(top);
    Repetitions repetitions = Repetitions.read(top);
    List<Question> questions = questions(top);
    InsightParts insight = insight(top);
    List<PlannedRun> product = new ArrayList<>();
    for (long seed : repetitions.seeds()) {
      for (Source source : sources) {
        for (String method : methods.keySet()) {
          Map<String, Object> given = begun(shared, method);
          given.put("seed", seed);
          Settings base = with(source.label, defaults(source.sets), given);
          // With all that was given before: what an encoder brings along replaces none of it.
          given.putAll(source.settings);
          base = with("data." + source.label, base, given);
          given.putAll(methods.get(method));
          base = with("methods." + method, base, given);
          for (String remedy : remedies.keySet()) {
            Settings cured = with("remedies." + remedy, base, remedies.get(remedy));
            boolean joint = remedy.equals(PlannedRun.JOINT);
            Map<String, Integer> streams = joint ? Map.of("joint", 1) : source.streams;
            streams.forEach(
                (stream, chunks) -> {
                  if (!StudyMethods.own(method, stream)) {
                    return;
                  }
                  Settings run = cured.with(Map.of("stream", stream, "chunks", chunks));
                  for (Long order : repetitions.ordersOf(joint)) {
                    Settings ordered = order == null ? run : run.with("order-seed", order);
                    product.add(
                        new PlannedRun(
                            source.label,
                            stream,
                            method,
                            remedy,
                            seed,
                            stream.equals(GIVEN) ? given(ordered, source) : ordered,
                            questions,
                            insight));
                  }
                });
          }
        }
      }
    }
    requireOfEncoders("settings", product, shared);
    sources.forEach(
        source ->
            requireOfEncoders(
                "data." + source.label + ".settings",
                product.stream().filter(run -> run.data().equals(source.label)).toList(),
                source.settings));
    methods.forEach(
        (method, given) ->
            requireOfEncoders(
                "methods." + method,
                product.stream().filter(run -> run.method().equals(method)).toList(),
                given));
    return new StudyFile(
        named(top.text("name", name)),
        Exclusion.apply(top, product),
        PrimaryEndpoint.read(top, questions));
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

  /** The defaults, but one arithmetic on whatever machine: a study's runs are compared. */
  private static Settings defaults(List<String> sets) {
    return Settings.defaults(sets.toArray(String[]::new)).with("precision", "bf16");
  }

  private static Settings given(Settings run, Source source) {
    return run.with("data", source.inOrder(run.stream().ordering()));
  }

  /** The method decides what the others are settings of. */
  private static Map<String, Object> begun(Map<String, Object> shared, String method) {
    Map<String, Object> begun = new LinkedHashMap<>(shared);
    begun.putAll(StudyMethods.settings(method));
    return begun;
  }

  private static void requireOwn(String method, Map<String, Object> given) {
    String where = "methods." + method;
    allowed(where, given, Set.of());
    try {
      Methods.requireKnown(StudyMethods.trained(method), given.keySet());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  private static void requireOfSome(
      String where, List<String> methods, Map<String, Object> settings) {
    try {
      Methods.requireKnownToAny(methods, settings.keySet());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  private static void requireOfEncoders(
      String where, List<PlannedRun> runs, Map<String, Object> settings) {
    List<String> encoders =
        runs.stream().map(run -> run.settings().encoder().name()).distinct().toList();
    try {
      Encoders.requireKnownToAny(encoders, settings.keySet());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  private static Settings with(String where, Settings base, Map<String, Object> changes) {
    try {
      return base.with(changes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  private static List<Source> sources(Fields top) {
    JsonNode data = top.require("data", "sets by name, each with its streams");
    List<Source> sources = new ArrayList<>();
    if (!data.isObject() || data.isEmpty()) {
      throw top.wrong("data", data, "sets by name, such as {cifar10: {streams: {class: 5}}}");
    }
    data.fields()
        .forEachRemaining(
            entry -> {
              String where = "data." + entry.getKey();
              Fields set = Fields.of(where, entry.getValue(), "set", "sets", "streams", "settings");
              List<String> sets = sets(set, entry.getKey());
              sources.add(
                  new Source(
                      entry.getKey(),
                      sets,
                      streams(set, sets.size()),
                      allowed(where + ".settings", set.settings("settings"), Set.of())));
            });
    return sources;
  }

  private static List<String> sets(Fields set, String label) {
    if (!set.has("sets")) {
      return List.of(set.text("set", label));
    }
    List<String> sets = set.words("sets", "two or more sets, a chunk each");
    if (set.has("set") || sets.size() < 2) {
      throw set.wrong("sets", set.node().get("sets"), "two or more sets, in place of `set`");
    }
    return sets;
  }

  private static Map<String, Integer> streams(Fields set, int sets) {
    String expected =
        "chunks by stream, such as {class: 4}, of " + String.join(", ", Arrays.asList(STREAMS));
    JsonNode given = set.require("streams", expected);
    Map<String, Integer> streams = new LinkedHashMap<>();
    if (!given.isObject() || given.isEmpty()) {
      throw set.wrong("streams", given, expected);
    }
    given
        .fields()
        .forEachRemaining(
            e -> {
              Choice.check(set.where() + ".streams", e.getKey(), STREAMS);
              int chunks = set.whole("streams." + e.getKey(), e.getValue(), 2);
              if (e.getKey().equals(GIVEN) ? chunks != sets : sets > 1) {
                throw set.wrong(
                    "streams",
                    given,
                    sets > 1
                        ? "{given: %d}, a chunk per set".formatted(sets)
                        : "`sets` in place of `set` for a given stream, a chunk per set");
              }
              streams.put(e.getKey(), chunks);
            });
    return streams;
  }

  private static List<Question> questions(Fields top) {
    List<Question> questions = new ArrayList<>();
    JsonNode given = top.require("questions", "a list such as [{task: [knn], data: [own]}]");
    for (JsonNode one : given) {
      String where = "questions[" + questions.size() + "]";
      Fields fields = Fields.of(where, one, "task", "data", "images");
      List<String> tasks = fields.words("task", "some of " + Probing.TASKS);
      tasks.forEach(
          task -> Choice.check(where + ": task", task, Probing.TASKS.toArray(String[]::new)));
      questions.add(
          new Question(
              tasks,
              fields.words("data", "sets, or `own` for the run's set"),
              fields.whole("images", 0, 0)));
    }
    return questions;
  }

  private static InsightParts insight(Fields top) {
    if (!top.has("insight")) {
      return InsightParts.none();
    }
    Fields fields =
        Fields.of(
            "insight",
            top.node().get("insight"),
            "parts",
            "images",
            "loss-images",
            "against-joint");
    List<String> parts =
        fields.has("parts") ? fields.words("parts", "some of " + Insights.PARTS) : List.of();
    parts.forEach(
        part -> Choice.check("insight: parts", part, Insights.PARTS.toArray(String[]::new)));
    return new InsightParts(
        parts,
        fields.whole("images", 2000, 0),
        fields.whole("loss-images", 0, 0),
        fields.flag("against-joint"));
  }

  /** Refuses settings that have their place elsewhere. */
  static Map<String, Object> allowed(String where, Map<String, Object> given, Set<String> remedy) {
    for (String key : given.keySet()) {
      if (AXES.contains(key)) {
        throw new IllegalArgumentException(
            "%s: %s is set by the study's axes; take it out".formatted(where, key));
      }
      if (MACHINE.contains(key)) {
        throw new IllegalArgumentException(
            "%s: %s differs from machine to machine; give --%s to the command"
                .formatted(where, key, key));
      }
      if (Remedies.SETTINGS.contains(key) && !remedy.contains(key)) {
        throw new IllegalArgumentException(
            "%s: %s makes a remedy; expected it under a remedy of that name".formatted(where, key));
      }
    }
    return given;
  }

  /** The joint run that a run's encoders are compared with; null if that is not asked for. */
  public PlannedRun comparison(PlannedRun of) {
    return of.insight().againstJoint() && !of.joint() ? reference(of) : null;
  }

  /** What is asked of every run, in words, one line each. */
  public List<String> protocol() {
    PlannedRun any = runs.get(0);
    List<String> lines = new ArrayList<>();
    if (primary.named()) {
      lines.add(
          "judged by: %s on %s, a gap within %s points counting as none"
              .formatted(
                  primary.measure().isEmpty() ? "linear" : primary.measure(),
                  primary.sets().isEmpty() ? "all of its sets" : String.join(", ", primary.sets()),
                  primary.margin()));
    }
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
