package dev.millrace.report;

import dev.millrace.report.numbers.Accuracy;
import dev.millrace.report.numbers.Endpoint;
import dev.millrace.report.numbers.Spread;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Task;
import java.util.ArrayList;
import java.util.List;

/** Downstream accuracy by stream and remedy, and the gaps to joint training. */
final class AccuracySection {
  private final Study study;
  private final Accuracy accuracy;
  private final Endpoint endpoint;

  private AccuracySection(Study study) {
    this.study = study;
    accuracy = new Accuracy(study);
    endpoint = new Endpoint(study);
  }

  static Section of(Study study) {
    return new AccuracySection(study).section();
  }

  private Section section() {
    Section.Draft draft =
        new Section.Draft(
            "accuracy",
            "Downstream accuracy",
            "every task of every final encoder, with its gap to joint training");
    draft.add(
        Html.note(
            "Percent, of the encoder after the last chunk: mean ± standard deviation over seeds."
                + " Below each, the gap to joint training (JT) in percentage points, paired by seed"
                + " and order, ± half of its 95 % t-interval: negative where streaming costs"
                + " quality. \"Primary\" is the endpoint that claims are judged by: "
                + (study.primary().named()
                    ? "the one that the study's file names, whose tasks count the same. "
                    : "the study's file names none, so linear on all sets (or the first measure"
                        + " there is), weighted by the inverse of the variance that equal runs"
                        + " show, none more than a task of median noise. ")
                + "Other tasks are shown and not in it. The interval of a few-shot score is over"
                + " its episodes and enters nowhere. ST: sequential training."));
    for (String data : study.data()) {
      List<Task> tasks = study.tasks(data);
      draft.add(noise(data, tasks));
      for (String method : study.methods(data)) {
        List<Cell> cells =
            study.cells().stream()
                .filter(cell -> cell.data().equals(data) && cell.method().equals(method))
                .toList();
        draft.add(Html.h3(data + ": " + study.names().method(method)));
        draft.add(table(data, method, cells, tasks));
      }
    }
    return draft.done();
  }

  /** How far equal runs lie apart in each task, and what each counts. */
  private String noise(String data, List<Task> tasks) {
    if (tasks.isEmpty()) {
      return "";
    }
    Table table =
        new Table(
            "Noise of each task after pre-training on "
                + data
                + ": deviation between runs that differ in the seed only (joint training, and"
                + " streams of one order), pooled over rows",
            "Task",
            List.of("#Deviation, points", "#Degrees of freedom", "#Share of the primary, %"));
    for (Task task : tasks) {
      Endpoint.Noise noise = endpoint.noise(data, task);
      double weight = endpoint.weight(data, task);
      table.row(
          Wording.task(task),
          List.of(
              Table.number(Wording.number(noise.deviation(), 2)),
              Table.number("" + noise.freedom()),
              Table.number(weight == 0 ? "–" : Wording.number(100 * weight, 0))));
    }
    return Html.h3(data + ": noise per task") + table.html();
  }

  private String table(String data, String method, List<Cell> cells, List<Task> tasks) {
    List<String> columns = new ArrayList<>(List.of("#Seeds", "#Primary"));
    tasks.forEach(
        task -> columns.add("#" + Wording.task(task) + ", " + Wording.metric(task.metric())));
    Table table =
        new Table(
                "Accuracy in % after pre-training on "
                    + data
                    + " by "
                    + study.names().method(method)
                    + ", gap to JT in points below",
                "Remedy",
                columns)
            .goesOnWith(Wording.count(tasks.size(), "task"));
    String stream = null;
    for (Cell cell : cells) {
      if (!cell.stream().equals(stream)) {
        stream = cell.stream();
        table.group(
            cell.baseline()
                ? "no pre-training"
                : stream.equals("joint") ? "joint: everything at once" : stream + " stream");
      }
      table.row(study.names().remedy(cell.remedy()), row(cell, tasks));
    }
    return table.html();
  }

  private List<String> row(Cell cell, List<Task> tasks) {
    int done = study.seeds(cell).size();
    int planned =
        (study.unplanned() ? 0 : pending(cell))
            + (int) study.failed().stream().filter(run -> run.cell().equals(cell)).count()
            + done;
    List<String> row = new ArrayList<>();
    row.add(Table.number(done == planned ? "" + done : done + " of " + planned));
    row.add(value(cell, endpoint.of(cell), endpoint.gap(cell)));
    for (Task task : tasks) {
      List<Task> one = List.of(task);
      row.add(value(cell, accuracy.of(cell, one), accuracy.gap(cell, one)));
    }
    return row;
  }

  private int pending(Cell cell) {
    return (int) study.pending().stream().filter(run -> run.cell().equals(cell)).count();
  }

  private String value(Cell cell, Spread value, Spread gap) {
    if (!value.measured()) {
      return Table.missing(why(cell));
    }
    String below =
        cell.joint() ? "" : gap.measured() ? Wording.signedInterval(gap, 1) : "JT pending";
    return Table.number(Wording.spread(value, 1), below);
  }

  private String why(Cell cell) {
    if (!study.seeds(cell).isEmpty()) {
      return "not asked";
    }
    return pending(cell) > 0 || !study.hasPlan() ? "pending" : "failed";
  }
}
