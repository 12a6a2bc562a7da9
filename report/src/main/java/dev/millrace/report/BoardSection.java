package dev.millrace.report;

import dev.millrace.report.numbers.Accuracy;
import dev.millrace.report.numbers.Endpoint;
import dev.millrace.report.numbers.MethodBoard;
import dev.millrace.report.numbers.RemedyBoard;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Leaderboards: which method is best, and which remedy, each with what it costs. */
final class BoardSection {
  /** The anchors. */
  static final String METHODS = "methods";

  static final String REMEDIES = "remedies";

  private final Study study;
  private final Endpoint endpoint;
  private final Accuracy accuracy;

  private BoardSection(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    accuracy = new Accuracy(study);
  }

  /** Methods by what joint training reaches. */
  static Section methods(Study study) {
    return new BoardSection(study).methods();
  }

  /** Remedies by what they leave of the gap to joint training. */
  static Section remedies(Study study) {
    return new BoardSection(study).remedies();
  }

  private Section methods() {
    Section.Draft draft =
        new Section.Draft(
            METHODS, "Which method", "methods ranked at equal passes, and at equal processor time");
    MethodBoard board = new MethodBoard(study);
    if (board.data().isEmpty()) {
      return draft.done();
    }
    draft.add(
        Html.note(
            "Ranked by the primary endpoint of joint training, percent, mean ± deviation over"
                + " seeds; beside it each measure by itself, the mean over the own sets. SL learns"
                + " from labels. ST is sequential training by the"
                + " same method, with its gap to JT in points ± half of the 95 % t-interval. What"
                + " looks found (--knn-every in the study's settings) is the accuracy of neighbours"
                + " on a part of the test pictures while a run learns, looks not counted as time:"
                + " at equal time, on the line between two looks, once the quickest method is done;"
                + " and the time until a look comes to what MoCo v2's last one found, paired by"
                + " seed, over those seeds that do, and at most that of the first look. Under a"
                + " constant rate such looks see the weights as they are, of which the chunk publishes"
                + " a better encoder. A rank is no verdict: differences within a deviation mean"
                + " nothing, nor does a method whose rate was tuned beside one whose was not."));
    board.data().forEach(data -> draft.add(methods(board, data)));
    return draft.done();
  }

  private String methods(MethodBoard board, String data) {
    Map<String, List<Task>> measures =
        study.tasks(data).stream()
            .filter(task -> task.of(data))
            .collect(
                Collectors.groupingBy(
                    BoardSection::measure, LinkedHashMap::new, Collectors.toList()));
    List<String> streams = board.streams(data);
    OptionalDouble budget = board.budget(data);
    boolean timed = board.reference(data).isPresent();
    List<String> columns = new ArrayList<>(List.of("#Seeds", "#JT, primary"));
    measures.keySet().forEach(measure -> columns.add("#JT, " + measure));
    streams.forEach(stream -> columns.add("#ST, " + stream + " stream, primary"));
    columns.add("#JT, processor time");
    budget.ifPresent(seconds -> columns.add("#Looks after " + Wording.seconds(seconds)));
    if (timed) {
      columns.add("#Time to MoCo v2's last look");
    }
    Table table = new Table("Methods on " + data + ", the best first", "Method", columns);
    List<Cell> rows = board.rows(data);
    double longest =
        rows.stream()
            .mapToDouble(cell -> board.seconds(cell).mean())
            .filter(Double::isFinite)
            .max()
            .orElse(0);
    for (Cell cell : rows) {
      List<String> row = new ArrayList<>();
      row.add(Table.number("" + study.seeds(cell).size()));
      row.add(Table.number(Wording.spread(endpoint.of(cell), 1)));
      measures
          .values()
          .forEach(tasks -> row.add(Table.number(Wording.spread(accuracy.of(cell, tasks), 1))));
      streams.forEach(stream -> row.add(sequential(board, cell, stream)));
      Spread seconds = board.seconds(cell);
      row.add(Table.number(Wording.seconds(seconds.mean(), longest)));
      budget.ifPresent(by -> row.add(Table.number(Wording.spread(board.at(cell, by), 1))));
      if (timed) {
        row.add(reached(board, cell, longest));
      }
      table.row(study.names().method(cell.method()), row);
    }
    String machines =
        board.oneMachine(data)
            ? ""
            : Html.p("These runs come from several kinds of machines: no times.");
    return machines + table.html();
  }

  private static String measure(Task task) {
    return task.shots() == null ? Wording.task(task.task()) : task.shots() + "-shot";
  }

  private static String sequential(MethodBoard board, Cell joint, String stream) {
    Spread value = board.sequential(joint, stream);
    Spread gap = board.gap(joint, stream);
    return value.measured()
        ? Table.number(
            Wording.spread(value, 1), gap.measured() ? Wording.signedInterval(gap, 1) : "")
        : Table.missing("not run");
  }

  private static String reached(MethodBoard board, Cell cell, double longest) {
    return board
        .reached(cell)
        .map(
            reached ->
                Table.number(
                    reached.seconds().measured()
                        ? Wording.seconds(reached.seconds().mean(), longest)
                        : "not reached",
                    reached.seconds().n() == reached.of()
                        ? ""
                        : "by %s of %s".formatted(reached.seconds().n(), reached.of())))
        .orElse(Table.missing("no looks"));
  }

  private Section remedies() {
    Section.Draft draft =
        new Section.Draft(
            REMEDIES,
            "Which remedy",
            "remedies ranked over all streams by what they leave of the gap to joint training");
    RemedyBoard board = new RemedyBoard(study);
    List<String> methods = board.methods();
    if (methods.isEmpty()) {
      return draft.done();
    }
    draft.add(
        Html.note(
            "Points of the primary endpoint from joint training under the same schedule, paired by"
                + " seed, ± half of the 95 % t-interval: 0 is as good as joint. The mean counts each"
                + " stream the same; the worst run is the lowest of any seed and order. Pictures"
                + " kept are the past ones on disk at the end, of all bytes seen, where that is"
                + " most. Time is the processor's, of plain sequential training, over streams; all"
                + " rows make as many passes of the method's own, and what a remedy adds to them"
                + " is in the costs. A rank is no verdict; those stand with the claims."));
    methods.forEach(method -> draft.add(remedies(board, method)));
    return draft.done();
  }

  private String remedies(RemedyBoard board, String method) {
    List<RemedyBoard.Place> places = board.places(method);
    List<String> columns = new ArrayList<>();
    places.forEach(place -> columns.add("#" + place.data() + ", " + place.stream() + " stream"));
    boolean several = places.size() > 1;
    if (several) {
      columns.addAll(List.of("#Mean", "#Worst stream"));
    }
    columns.addAll(List.of("#Worst run", "#Pictures kept, %", "#Time, × ST"));
    String shown = study.names().method(method);
    Table table = new Table("Remedies of " + shown + ", the best first", "Remedy", columns);
    for (RemedyBoard.Row remedy : board.rows(method)) {
      List<String> row = new ArrayList<>();
      for (RemedyBoard.Place place : places) {
        Spread gap = board.gap(remedy, place);
        row.add(
            gap.measured()
                ? Table.number(Wording.signedInterval(gap, 1), Wording.count(gap.n(), "seed"))
                : Table.missing("not run"));
      }
      if (several) {
        String all = board.everywhere(remedy) ? "" : "not of all streams";
        row.add(Table.number(Wording.signed(board.mean(remedy), 1), all));
        row.add(Table.number(Wording.signed(board.worstPlace(remedy), 1)));
      }
      row.add(Table.number(Wording.signed(board.worstRun(remedy), 1)));
      row.add(Table.number(Wording.number(100 * board.kept(remedy).orElse(Double.NaN), 1)));
      row.add(Table.number(Wording.number(board.time(remedy).orElse(Double.NaN), 2)));
      table.row(study.names().remedy(remedy.remedy()), row);
    }
    return table.html();
  }
}
