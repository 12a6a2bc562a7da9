package dev.millrace.report;

import dev.millrace.report.numbers.Accuracy;
import dev.millrace.report.numbers.Endpoint;
import dev.millrace.report.numbers.NoiseFloor;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.study.record.RunRecord;
import dev.millrace.study.record.Task;
import java.util.List;
import java.util.function.Function;

/** How far runs that are equal but for rounding lie apart, beside how far seeds do. */
final class NoiseSection {
  /** Its anchor; few studies repeat anything so, and those that do not lack nothing. */
  static final String ID = "noise";

  private final Study study;
  private final NoiseFloor floor;
  private final Endpoint endpoint;

  private NoiseSection(Study study, NoiseFloor floor) {
    this.study = study;
    this.floor = floor;
    endpoint = new Endpoint(study);
  }

  /**
   * @param study with the labels that are repetitions alone
   */
  static Section of(Study study, NoiseFloor floor) {
    return new NoiseSection(study, floor).section();
  }

  private Section section() {
    Section.Draft draft =
        new Section.Draft(
            ID,
            "Noise floor",
            "how far runs lie apart that differ in rounding alone, beside how far seeds do");
    if (floor.all().isEmpty()) {
      return draft.done();
    }
    draft.add(
        Html.note(
            "Runs of one seed whose settings are equal but for a change of one number by a thousandth"
                + " at most: what that changes is rounding, which grows as they learn. A difference"
                + " of single runs that is not above it says nothing; the deviation between seeds"
                + " holds it, and more. Percentage points, with the 95 % interval of a deviation of"
                + " normal numbers."));
    for (NoiseFloor.Roundings one : floor.all()) {
      String row =
          Wording.place(one.cell())
              + ", "
              + study.names().row(one.cell())
              + ", "
              + one.setting()
              + " changed by "
              + Wording.brief(100 * one.change())
              + " % at most";
      Table table =
          new Table(
              row,
              "Task",
              List.of(
                  "#Runs",
                  "#Deviation between roundings",
                  "#Seeds",
                  "#Deviation between seeds",
                  "#Of which rounding, % of the variance"));
      row(table, "Primary", one, run -> primary(one, run));
      for (Task task : study.tasks(one.cell().data())) {
        row(table, Wording.task(task), one, run -> value(one, run, task));
      }
      draft.add(table.html());
    }
    return draft.done();
  }

  /** The primary endpoint with the row's weights, whatever a repetition's label would weigh. */
  private Double primary(NoiseFloor.Roundings one, RunRecord run) {
    double sum = 0;
    for (Task task : endpoint.tasks(one.cell().data())) {
      Double value = value(one, run, task);
      if (value == null) {
        return null;
      }
      sum += endpoint.weight(one.cell().data(), task) * value;
    }
    return sum;
  }

  /** A task of the row's data is that of a repetition's data, under its own label. */
  private static Double value(NoiseFloor.Roundings one, RunRecord run, Task task) {
    String own = one.cell().data();
    String data = task.of(own) ? run.data() + task.data().substring(own.length()) : task.data();
    return Accuracy.value(
        run, new Task(task.task(), data, task.split(), task.shots(), task.metric()));
  }

  private void row(
      Table table, String name, NoiseFloor.Roundings one, Function<RunRecord, Double> number) {
    NoiseFloor.Deviation rounding = floor.between(one, number);
    NoiseFloor.Deviation seeds = floor.betweenSeeds(one, number);
    if (rounding.freedom() > 0) {
      double share = rounding.deviation() / seeds.deviation();
      table.row(
          name,
          List.of(
              Table.number("" + (rounding.freedom() + one.repeated().size())),
              deviation(rounding),
              Table.number("" + (seeds.freedom() + 1)),
              deviation(seeds),
              Table.number(Wording.number(100 * share * share, 0))));
    }
  }

  private static String deviation(NoiseFloor.Deviation one) {
    return Table.number(
        Wording.number(one.deviation(), 2),
        one.freedom() < 1
            ? ""
            : Wording.number(one.low(), 2) + " … " + Wording.number(one.high(), 2));
  }
}
