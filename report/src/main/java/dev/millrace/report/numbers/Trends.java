package dev.millrace.report.numbers;

import dev.millrace.study.record.Cell;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How the gap to joint training, and what is forgotten, go with one thing that a study varies while
 * all else is equal: rows whose settings differ in that alone are points of one line. What may
 * differ besides, since it must follow the size of a chunk, is told with the line. A row that has
 * no other to make a line with is a point beside the lines of its place.
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

  /** One method with one remedy; a single point where a study has it at one place alone. */
  public record Line(String method, String remedy, List<Point> points) {}

  /**
   * Lines of one data set.
   *
   * @param place what all of them were trained on, in words
   * @param lines at least one of them of two points or more
   * @param besides what differs beside what runs to the right, in words; empty for nothing
   */
  public record Trend(Over over, String place, List<Line> lines, List<String> besides) {}

  private static final List<String> SHIFTS = List.of("instance", "class", "distant");

  /** Settings that may differ along a line, and are named where they do: bounded by a chunk. */
  private static final Set<String> NAMED = Set.of("queue");

  /** Settings that make no two runs of another kind; sets are compared by themselves. */
  private static final Set<String> FREE = Set.of("seed", "order-seed", "data");

  private final Study study;
  private final Endpoint endpoint;
  private final Analyses analyses;

  /** The schedule that needs no name at a place. */
  private final String usual;

  /** The trends of a study. */
  public Trends(Study study) {
    this.study = study;
    endpoint = new Endpoint(study);
    analyses = new Analyses(study);
    usual = new Schedules(study).all().get(0);
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

  /**
   * Backward transfer of plain sequential training, percentage points, the mean over the primary
   * measures, as the claim on forgetting has it; below 0: forgotten. Where all chunks are judged on
   * the same pictures nothing can be forgotten, so such rows are left out.
   */
  public List<Trend> backwardTransfer() {
    return trends(
        cell -> cell.remedy().equals(Cell.SEQUENTIAL) && analyses.canForget(cell),
        cell -> ", by " + Wording.measures(analyses.mainTasks(cell)),
        analyses::backwardTransfer);
  }

  private List<Trend> trends(
      Predicate<Cell> of, Function<Cell, String> apart, Function<Cell, Spread> measure) {
    List<Trend> trends = new ArrayList<>();
    for (Over over : Over.values()) {
      // Place by what all but the axis says, then line, then points from left to right.
      Map<String, Map<Cell, List<TrendLine>>> places = new LinkedHashMap<>();
      for (Cell cell : study.cells().stream().filter(of).toList()) {
        RunRecord run = study.seeds(cell).values().stream().findFirst().orElse(null);
        Double x = run == null ? null : over.place.apply(run);
        Spread value = measure.apply(cell);
        if (x != null && value.measured()) {
          List<TrendLine> lines =
              places
                  .computeIfAbsent(
                      place(run, over) + apart.apply(cell), place -> new LinkedHashMap<>())
                  .computeIfAbsent(line(cell, run, over), line -> new ArrayList<>());
          TrendLine.Row row = new TrendLine.Row(cell, run, x, value, settings(cell, over));
          if (lines.stream().noneMatch(line -> line.take(row))) {
            TrendLine line = new TrendLine();
            line.take(row);
            lines.add(line);
          }
        }
      }
      places.forEach(
          (place, lines) -> {
            List<List<TrendLine.Row>> drawn =
                drawn(lines.values().stream().flatMap(List::stream).map(TrendLine::rows).toList());
            if (!drawn.isEmpty()) {
              trends.add(
                  new Trend(
                      over, place, drawn.stream().map(Trends::line).toList(), besides(drawn)));
            }
          });
    }
    return trends;
  }

  /**
   * The lines of at least two points and, beside them, the single points of methods and remedies
   * that have none; of several the one whose settings are most like the first line's.
   */
  private List<List<TrendLine.Row>> drawn(List<List<TrendLine.Row>> lines) {
    List<List<TrendLine.Row>> drawn = new ArrayList<>();
    List<List<TrendLine.Row>> single = new ArrayList<>();
    for (List<TrendLine.Row> line : lines) {
      (line.size() > 1 ? drawn : single).add(line);
    }
    if (drawn.isEmpty()) {
      return drawn;
    }
    Map<String, String> first = drawn.get(0).get(0).settings();
    Set<String> there = new HashSet<>(drawn.stream().map(Trends::name).toList());
    single.sort(Comparator.comparingInt(row -> differing(first, row.get(0).settings()).size()));
    for (List<TrendLine.Row> row : single) {
      if (there.add(name(row))) {
        drawn.add(row);
      }
    }
    drawn.sort(
        Comparator.<List<TrendLine.Row>, String>comparing(
                row -> row.get(0).cell().method(), study.names().byMethod())
            .thenComparing(row -> row.get(0).cell().remedy(), study.names().byRemedy()));
    return drawn;
  }

  private static String name(List<TrendLine.Row> line) {
    return line.get(0).cell().method() + " " + line.get(0).cell().remedy();
  }

  private static Line line(List<TrendLine.Row> rows) {
    Cell cell = rows.get(0).cell();
    return new Line(
        cell.method(),
        cell.remedy(),
        rows.stream().map(row -> new Point(row.x(), row.value())).toList());
  }

  /** Named settings that differ along a line, and those that differ from method to method. */
  private List<String> besides(List<List<TrendLine.Row>> lines) {
    Set<String> besides = new LinkedHashSet<>();
    for (List<TrendLine.Row> line : lines) {
      for (String setting : NAMED) {
        List<String> values =
            line.stream()
                .map(row -> row.run().settings().get(setting))
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .toList();
        if (values.stream().distinct().count() > 1) {
          besides.add(setting + " " + String.join(", ", values) + " from left to right");
        }
      }
    }
    TrendLine.Row first = lines.get(0).get(0);
    for (List<TrendLine.Row> line : lines) {
      TrendLine.Row row = line.get(0);
      if (!row.cell().method().equals(first.cell().method())) {
        for (String setting : differing(first.settings(), row.settings())) {
          besides.add(
              "%s has %s %s, %s %s"
                  .formatted(
                      study.names().method(row.cell().method()),
                      setting,
                      row.settings().get(setting),
                      study.names().method(first.cell().method()),
                      first.settings().get(setting)));
        }
      }
    }
    return List.copyOf(besides);
  }

  /** What two rows differ in beside method, in order. */
  private static List<String> differing(Map<String, String> a, Map<String, String> b) {
    return Settings.differing(a, b).stream().filter(name -> !name.equals("method")).toList();
  }

  private String place(RunRecord run, Over over) {
    String sets = String.join(" + ", sets(run));
    String schedule = run.schedule().equals(usual) ? "" : ", " + run.schedule();
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

  /** What is equal along a line beside its settings: sets, stream, chunks, method, remedy. */
  private static Cell line(Cell cell, RunRecord run, Over over) {
    String stream = over == Over.SHIFT ? "" : cell.stream();
    String chunks = over == Over.CHUNKS ? "" : " " + run.chunks();
    return new Cell(String.valueOf(sets(run)), stream + chunks, cell.method(), cell.remedy());
  }

  /**
   * The settings that must be equal along a line; of versions that differ in what they name all.
   */
  private Map<String, String> settings(Cell cell, Over over) {
    Map<String, String> equal = new TreeMap<>();
    study.seeds(cell).values().forEach(run -> Settings.of(run).forEach(equal::putIfAbsent));
    equal.keySet().removeAll(FREE);
    equal.keySet().removeAll(NAMED);
    equal.keySet().removeAll(over.settings());
    return equal;
  }

  private static Double number(Object setting) {
    return setting instanceof Number number ? number.doubleValue() : null;
  }
}
