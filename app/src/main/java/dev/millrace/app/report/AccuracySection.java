package dev.millrace.app.report;

import dev.millrace.app.report.numbers.Accuracy;
import dev.millrace.app.report.numbers.Cell;
import dev.millrace.app.report.numbers.Spread;
import dev.millrace.app.report.numbers.Study;
import dev.millrace.app.report.numbers.Task;
import dev.millrace.app.report.numbers.Wording;
import java.util.ArrayList;
import java.util.List;

/** Downstream accuracy by stream and remedy, and the gaps to joint training. */
final class AccuracySection {
  private final Study study;
  private final Accuracy accuracy;

  private AccuracySection(Study study) {
    this.study = study;
    accuracy = new Accuracy(study);
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
                + " Below each, the gap to joint training (JT) in percentage points, paired by seed:"
                + " negative where streaming costs quality. The average counts every task the same."
                + " ST: sequential training."));
    for (String data : study.data()) {
      List<Task> tasks = study.tasks(data);
      for (String method : study.methods(data)) {
        List<Cell> cells =
            study.cells().stream()
                .filter(cell -> cell.data().equals(data) && cell.method().equals(method))
                .toList();
        draft.add(Html.h3(data + ": " + Wording.method(method)));
        draft.add(table(data, method, cells, tasks));
      }
    }
    return draft.done();
  }

  private String table(String data, String method, List<Cell> cells, List<Task> tasks) {
    List<String> columns = new ArrayList<>(List.of("#Seeds", "#Average"));
    tasks.forEach(
        task -> columns.add("#" + Wording.task(task) + ", " + Wording.metric(task.metric())));
    Table table =
        new Table(
                "Accuracy in % after pre-training on "
                    + data
                    + " by "
                    + Wording.method(method)
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
      table.row(Wording.remedy(cell.remedy()), row(cell, tasks));
    }
    return table.html();
  }

  private List<String> row(Cell cell, List<Task> tasks) {
    int done = study.seeds(cell).size();
    int planned =
        (int) study.pending().stream().filter(run -> run.cell().equals(cell)).count()
            + (int) study.failed().stream().filter(run -> run.cell().equals(cell)).count()
            + done;
    List<String> row = new ArrayList<>();
    row.add(Table.number(done == planned ? "" + done : done + " of " + planned));
    row.add(value(cell, tasks));
    tasks.forEach(task -> row.add(value(cell, List.of(task))));
    return row;
  }

  private String value(Cell cell, List<Task> tasks) {
    Spread value = accuracy.of(cell, tasks);
    if (!value.measured()) {
      return Table.missing(why(cell));
    }
    Spread gap = accuracy.gap(cell, tasks);
    String below = cell.joint() ? "" : gap.measured() ? Wording.signedSpread(gap, 1) : "JT pending";
    return Table.number(Wording.spread(value, 1), below);
  }

  private String why(Cell cell) {
    if (!study.seeds(cell).isEmpty()) {
      return "not asked";
    }
    boolean pending = study.pending().stream().anyMatch(run -> run.cell().equals(cell));
    return pending || !study.hasPlan() ? "pending" : "failed";
  }
}
