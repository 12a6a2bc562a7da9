package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How the gap to joint training, and what is forgotten, go with one thing that a study varies while
 * all else is equal: rows whose settings differ in that alone are points of one line.
 */
public final class Trends {
  /** What runs to the right. */
  public enum Over {
    /** Epochs of each chunk. */
    EPOCHS("epochs", "epochs a chunk", run -> number(run.settings().get("epochs"))),
    /** Chunks of the stream, with the same pictures in all. */
    CHUNKS("chunks", "chunks of the stream", run -> (double) run.chunks()),
    /** How much chunks differ, in the paper's order. */
    SHIFT(
        "strength of shift",
        "strength of shift: 1 instance, 2 random class, 3 distant class",
        run -> SHIFTS.contains(run.stream()) ? SHIFTS.indexOf(run.stream()) + 1.0 : null);

    private final String words;
    private final String axis;
    private final Function<RunRecord, Double> place;

    Over(String words, String axis, Function<RunRecord, Double> place) {
      this.words = words;
      this.axis = axis;
      this.place = place;
    }

    /** What varies, in words. */
    public String words() {
      return words;
    }

    /** What an axis says. */
    public String axis() {
      return axis;
    }

    /** Settings that go along with it. */
    private Set<String> settings() {
      return switch (this) {
        case EPOCHS -> Set.of("epochs");
        case CHUNKS -> Set.of("chunks");
        case SHIFT -> Set.of("stream", "hierarchy");
      };
    }
  }

  /** A number over seeds at a place of the axis. */
  public record Point(double x, Spread value) {}

  /** One method with one remedy. */
  public record Line(String method, String remedy, List<Point> points) {}

  /**
   * Lines of one data set.
   *
   * @param place what all of them were trained on, in words
   */
  public record Trend(Over over, String place, List<Line> lines) {}

  private static final List<String> SHIFTS = List.of("instance", "class", "distant");

  /** Settings that make no two runs of another kind. */
  private static final Set<String> FREE =
      Set.of(
          "seed",
          "order-seed",
          "data",
          "queue",
          "places",
          "layouts",
          "keep",
          "keep-chunks",
          "checkpoint-steps",
          "checkpoint-minutes",
          "max-bad",
          "log",
          "threads",
          "device");

  private final Study study;
  private final Endpoint endpoint;
  private final Analyses analyses;

  /** The trends of a study. */
  public Trends(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    analyses = new Analyses(study);
  }

  /**
   * Gaps to joint training in the primary endpoint, percentage points, each method by itself; below
   * 0 where streaming costs.
   */
  public List<Trend> gaps() {
    boolean many = study.cells().stream().map(Cell::method).distinct().count() > 1;
    return trends(
        cell -> !cell.joint() && !cell.baseline(),
        cell -> many ? ", " + study.names().method(cell.method()) : "",
        endpoint::gap);
  }

  /** Backward transfer of plain sequential training, percentage points; below 0: forgotten. */
  public List<Trend> backwardTransfer() {
    return trends(
        cell -> cell.remedy().equals(Cell.SEQUENTIAL),
        cell -> "",
        cell -> analyses.backwardTransfer(cell, analyses.mainTask(cell)));
  }

  private List<Trend> trends(
      Predicate<Cell> of, Function<Cell, String> apart, Function<Cell, Spread> measure) {
    List<Trend> trends = new ArrayList<>();
    for (Over over : Over.values()) {
      // Place by what all but the axis says, then line, then points from left to right.
      Map<String, Map<Cell, TreeMap<Double, Spread>>> places = new LinkedHashMap<>();
      for (Cell cell : study.cells().stream().filter(of).toList()) {
        RunRecord run = study.seeds(cell).values().stream().findFirst().orElse(null);
        Double x = run == null ? null : over.place.apply(run);
        Spread value = measure.apply(cell);
        if (x != null && value.measured()) {
          places
              .computeIfAbsent(place(run, over) + apart.apply(cell), place -> new LinkedHashMap<>())
              .computeIfAbsent(line(cell, run, over), line -> new TreeMap<>())
              .putIfAbsent(x, value);
        }
      }
      places.forEach(
          (place, lines) -> {
            List<Line> drawn = drawn(lines);
            if (!drawn.isEmpty()) {
              trends.add(new Trend(over, place, drawn));
            }
          });
    }
    return trends;
  }

  /** The lines of at least two points. */
  private List<Line> drawn(Map<Cell, TreeMap<Double, Spread>> lines) {
    List<Line> drawn = new ArrayList<>();
    lines.forEach(
        (cell, points) -> {
          if (points.size() > 1) {
            List<Point> of = new ArrayList<>();
            points.forEach((x, value) -> of.add(new Point(x, value)));
            drawn.add(new Line(cell.method(), cell.remedy(), of));
          }
        });
    drawn.sort(
        Comparator.comparing(Line::method, study.names().byMethod())
            .thenComparing(Line::remedy, study.names().byRemedy()));
    return drawn;
  }

  private static String place(RunRecord run, Over over) {
    String sets = String.join(" + ", sets(run));
    String schedule = run.schedule().equals("restart") ? "" : ", " + run.schedule();
    return sets + (over == Over.SHIFT ? "" : ", " + run.stream() + " stream") + schedule;
  }

  private static TreeSet<String> sets(RunRecord run) {
    TreeSet<String> sets = new TreeSet<>();
    if (run.settings().get("data") instanceof List<?> words) {
      words.forEach(word -> sets.add(String.valueOf(word)));
    } else {
      sets.add(run.data());
    }
    return sets;
  }

  /** Method and remedy, and in the names of data and stream all settings that must be equal. */
  private static Cell line(Cell cell, RunRecord run, Over over) {
    Map<String, Object> equal = new TreeMap<>(run.settings());
    equal.keySet().removeAll(FREE);
    equal.keySet().removeAll(over.settings());
    String stream = over == Over.SHIFT ? "" : cell.stream();
    String chunks = over == Over.CHUNKS ? "" : " " + run.chunks();
    return new Cell(sets(run) + " " + equal, stream + chunks, cell.method(), cell.remedy());
  }

  private static Double number(Object setting) {
    return setting instanceof Number number ? number.doubleValue() : null;
  }
}
