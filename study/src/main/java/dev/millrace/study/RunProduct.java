package dev.millrace.study;

import dev.millrace.recipe.Settings;
import dev.millrace.refusal.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The axes of a study, and the runs that are their product. What one axis sets stands above what
 * the axes before it set.
 *
 * @param shared settings of all runs
 * @param methods settings by method
 * @param remedies by name, joint training first
 * @param byData whether one set is done before the next is begun, instead of one seed
 */
record RunProduct(
    Map<String, Object> shared,
    List<StudySource> sources,
    Map<String, Map<String, Object>> methods,
    Map<String, Remedies.Remedy> remedies,
    Repetitions repetitions,
    boolean byData) {
  /**
   * Reads the axes.
   *
   * @throws IllegalArgumentException for what should not stand there
   */
  static RunProduct read(Fields top) {
    List<StudySource> sources = StudySource.read(top);
    RunProduct axes =
        new RunProduct(
            StudySettings.allowed("settings", top.settings("settings"), Set.of()),
            sources,
            top.named("methods", StudyMethods.NAMES),
            Remedies.read(
                top, sources.stream().map(StudySource::label).collect(Collectors.toSet())),
            Repetitions.read(top),
            byData(top));
    axes.methods.forEach(StudySettings::requireOwn);
    List<String> trained = axes.methods.keySet().stream().map(StudyMethods::trained).toList();
    StudySettings.requireOfSome("settings", trained, axes.shared);
    axes.sources.forEach(
        source -> StudySettings.requireOfSome(of(source), trained, source.settings()));
    return axes;
  }

  private static String of(StudySource source) {
    return "data." + source.label() + ".settings";
  }

  private static boolean byData(Fields top) {
    String order = top.text("order", "seed");
    Choice.check("order", order, "seed", "data");
    return order.equals("data");
  }

  /** Every run: for each seed and set, or each set and seed, and method the joint one first. */
  List<PlannedRun> runs(List<Question> questions, InsightParts insight) {
    List<PlannedRun> runs = new ArrayList<>();
    if (byData) {
      for (StudySource source : sources) {
        repetitions.seeds().forEach(seed -> add(seed, source, questions, insight, runs));
      }
    } else {
      for (long seed : repetitions.seeds()) {
        sources.forEach(source -> add(seed, source, questions, insight, runs));
      }
    }
    requireOfEncoders(runs);
    return runs;
  }

  private void add(
      long seed,
      StudySource source,
      List<Question> questions,
      InsightParts insight,
      List<PlannedRun> to) {
    for (String method : methods.keySet()) {
      Map<String, Object> before = new LinkedHashMap<>();
      Settings base = settings(seed, source, method, before);
      remedies.forEach(
          (remedy, own) -> {
            Map<String, Object> given = new LinkedHashMap<>(before);
            lay(own.at(source.label()), given);
            Settings cured = StudySettings.with("remedies." + remedy, base, given);
            Row row = new Row(source, method, remedy, seed, questions, insight);
            to.addAll(row.runs(cured, repetitions));
          });
    }
  }

  /**
   * Settings of all remedies.
   *
   * @param given takes in what the file says of them: what one setting brings along, such as an
   *     encoder its optimiser, replaces none of it
   */
  private Settings settings(
      long seed, StudySource source, String method, Map<String, Object> given) {
    // The method decides what the others are settings of.
    given.putAll(shared);
    given.putAll(StudyMethods.settings(method));
    given.put("seed", seed);
    Settings base = StudySettings.with(source.label(), source.defaults(), given);
    lay(source.settings(), given);
    base = StudySettings.with("data." + source.label(), base, given);
    lay(methods.get(method), given);
    return StudySettings.with("methods." + method, base, given);
  }

  /** Over those of a wider place: what that has published is of its own schedule. */
  private static void lay(Map<String, Object> own, Map<String, Object> over) {
    if (own.containsKey("schedule")) {
      over.remove("publish");
    }
    over.putAll(own);
  }

  /** One set, method, remedy and seed: a run for each stream and order. */
  private record Row(
      StudySource source,
      String method,
      String remedy,
      long seed,
      List<Question> questions,
      InsightParts insight) {
    List<PlannedRun> runs(Settings cured, Repetitions repetitions) {
      boolean joint = remedy.equals(PlannedRun.JOINT);
      List<PlannedRun> runs = new ArrayList<>();
      Map<String, Integer> streams = joint ? Map.of("joint", 1) : source.streams();
      streams.forEach(
          (stream, chunks) -> {
            Settings run = cured.with(Map.of("stream", stream, "chunks", chunks));
            if (!StudyMethods.own(method, run)) {
              return;
            }
            for (Long order : repetitions.ordersOf(joint)) {
              Settings seeded = order == null ? run : run.with("order-seed", order);
              runs.add(
                  new PlannedRun(
                      source.label(),
                      stream,
                      method,
                      remedy,
                      seed,
                      source.ordered(seeded),
                      questions,
                      insight));
            }
          });
      return runs;
    }
  }

  private void requireOfEncoders(List<PlannedRun> runs) {
    StudySettings.requireOfEncoders("settings", runs, shared);
    for (StudySource source : sources) {
      StudySettings.requireOfEncoders(
          of(source),
          runs.stream().filter(run -> run.data().equals(source.label())).toList(),
          source.settings());
    }
    methods.forEach(
        (method, given) ->
            StudySettings.requireOfEncoders(
                "methods." + method,
                runs.stream().filter(run -> run.method().equals(method)).toList(),
                given));
  }
}
