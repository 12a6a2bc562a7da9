package dev.millrace.evaluation;

import dev.millrace.probe.SplitParts;
import dev.millrace.recipe.Sources;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.DataSet;
import dev.millrace.stream.source.KnownSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One call of a suite on a run: asks what the run's log does not know yet, set after set, and puts
 * everything known beside each other. Not thread-safe.
 */
final class SuiteRun {
  /** A row of the table before its columns are known. */
  private record Line(String data, String split, String task, Integer shots) {}

  private final ProbeCall call;
  private final Suite suite;
  private final List<ProbedEncoder> encoders;
  private final List<ProbeResult> results = new ArrayList<>();

  /** The questions behind each row, of several domains several. */
  private final Map<Line, Set<String>> questions = new LinkedHashMap<>();

  private final Map<String, String> missing = new LinkedHashMap<>();

  SuiteRun(ProbeCall call, Suite suite) throws IOException {
    this.call = call;
    this.suite = suite;
    encoders = ProbedEncoder.of(call.run(), call.settings(), call.request());
  }

  SuiteOutcome go() throws IOException {
    int done = 0;
    for (Suite.Entry entry : suite.entries()) {
      call.listener().set(++done, suite.entries().size(), entry.data());
      String why = unable(entry);
      if (why != null) {
        missing.put(entry.data(), why);
        call.listener().missing(entry.data(), why);
      } else {
        examine(entry);
      }
    }
    if (missing.size() == suite.entries().size()) {
      throw UsageException.of(
          "--suite",
          "%s: none of its sets is here (%s); set MILLRACE_DATA to the folder that holds them"
              .formatted(suite.name(), suite.sets()));
    }
    return new SuiteOutcome(results, table(), missing);
  }

  private String unable(Suite.Entry entry) throws IOException {
    if (entry.boxes() && !call.request().tasks().contains(DetectionTask.NAME)) {
      return "has boxes, which only --task detection judges by";
    }
    if (entry.boxes() && encoders.stream().noneMatch(ProbedEncoder::net)) {
      return "detection fine-tunes a net, and raw pixels have none";
    }
    for (KnownSet known : call.catalogue().known()) {
      if (known.name().equals(entry.data()) && call.catalogue().find(known) == null) {
        return "not found under MILLRACE_DATA: " + String.join(" or ", known.patterns());
      }
    }
    return null;
  }

  private void examine(Suite.Entry entry) throws IOException {
    Examination examination = entry.boxes() ? DetectionTask.on(call, entry.data()) : labels(entry);
    for (ProbedEncoder encoder : encoders) {
      if (examination.judges(encoder)) {
        examination.ask(encoder, false, given -> answered(entry, encoder, given));
      }
    }
  }

  private Examination labels(Suite.Entry entry) throws IOException {
    DataSet set = call.catalogue().open(entry.data());
    List<SplitParts> divisions = entry.divisions(set, call.request().pictures().images());
    boolean own = new Sources(call.settings(), call.run()).has(call.catalogue(), entry.data());
    return new LabelExamination(call, entry.data(), set, own, divisions, Suite.Entry::tasks);
  }

  private void answered(Suite.Entry entry, ProbedEncoder encoder, ProbeLog.Given given) {
    results.addAll(given.results());
    for (ProbeResult result : given.results()) {
      if (Examination.shown(result)) {
        Line line = new Line(entry.data(), result.split(), result.task(), result.shots());
        questions.computeIfAbsent(line, k -> new LinkedHashSet<>()).add(given.question());
        call.listener()
            .answered(result, encoder.shown(call.settings()), given.seconds(), given.kept());
      }
    }
  }

  /** Every encoder whose answers to these questions are kept, those of this call first. */
  private List<ProbedEncoder> columns() throws IOException {
    Map<List<Object>, ProbedEncoder> columns = new LinkedHashMap<>();
    for (ProbedEncoder encoder : encoders) {
      columns.put(key(encoder.label(), encoder.chunk()), encoder);
    }
    Set<String> asked = new LinkedHashSet<>();
    questions.values().forEach(asked::addAll);
    List<ProbeLog.Kept> kept = call.answers().all();
    for (int i = kept.size() - 1; i >= 0; i--) {
      ProbeLog.Kept one = kept.get(i);
      ProbeResult result = one.result();
      if (asked.contains(one.question())) {
        ProbedEncoder encoder = as(one);
        if (encoder != null && encoder.sha256().equals(one.encoder())) {
          columns.putIfAbsent(key(result.encoder(), result.chunk()), encoder);
        }
      }
    }
    return List.copyOf(columns.values());
  }

  private static List<Object> key(String label, Integer chunk) {
    return java.util.Arrays.asList(label, chunk);
  }

  /** The encoder of a kept answer as it is today; null if it is gone. */
  private ProbedEncoder as(ProbeLog.Kept one) throws IOException {
    ProbeResult result = one.result();
    if (result.chunk() != null) {
      ProbedEncoder pretrained = ProbedEncoder.pretrained(call.run(), result.chunk());
      return pretrained != null && result.encoder().equals(ProbedEncoder.MOMENTUM)
          ? ProbedEncoder.twinOf(call.run(), pretrained)
          : pretrained;
    }
    return switch (result.encoder()) {
      case ProbedEncoder.UNTRAINED -> ProbedEncoder.untrained(call.run(), call.settings());
      case ProbedEncoder.RAW_PIXELS -> ProbedEncoder.rawPixels();
      // A file of anywhere: the last answers of its name are the ones that count.
      default -> new ProbedEncoder(result.encoder(), null, null, one.encoder());
    };
  }

  private SuiteTable table() throws IOException {
    List<ProbedEncoder> columns = columns();
    List<SuiteTable.Row> rows = new ArrayList<>();
    List<String> order = new ArrayList<>(call.request().tasks());
    List<Map.Entry<Line, Set<String>>> lines = new ArrayList<>(questions.entrySet());
    lines.sort(
        java.util.Comparator.comparingInt(
                (Map.Entry<Line, Set<String>> line) -> order.indexOf(line.getKey().task()))
            .thenComparingInt(line -> line.getKey().shots() == null ? 0 : line.getKey().shots()));
    for (Map.Entry<Line, Set<String>> line : lines) {
      List<List<ProbeResult>> cells = new ArrayList<>();
      for (ProbedEncoder column : columns) {
        cells.add(cell(column, line.getKey(), line.getValue()));
      }
      rows.add(SuiteTable.row(line.getKey().data(), cells));
    }
    Map<String, String> own = new LinkedHashMap<>();
    for (Suite.Entry entry : suite.entries()) {
      own.put(entry.data(), entry.own());
      if (missing.containsKey(entry.data())) {
        rows.add(
            new SuiteTable.Row(
                entry.data(),
                null,
                entry.own(),
                null,
                null,
                List.of(),
                List.of(),
                missing.get(entry.data())));
      }
    }
    return SuiteTable.of(columns.stream().map(c -> c.shown(call.settings())).toList(), rows, own);
  }

  private List<ProbeResult> cell(ProbedEncoder column, Line line, Set<String> asked) {
    List<ProbeResult> cell = new ArrayList<>();
    for (String question : asked) {
      call.answers().to(question, column).stream()
          .filter(Examination::shown)
          .filter(result -> java.util.Objects.equals(result.shots(), line.shots()))
          .forEach(cell::add);
    }
    return cell;
  }
}
