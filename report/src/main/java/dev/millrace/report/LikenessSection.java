package dev.millrace.report;

import dev.millrace.report.numbers.Analyses;
import dev.millrace.report.numbers.Matrix;
import dev.millrace.report.numbers.Study;
import dev.millrace.report.numbers.Wording;
import dev.millrace.report.plot.Figure;
import dev.millrace.report.plot.HeatMap;
import dev.millrace.report.plot.Palette;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Comparison;
import dev.millrace.study.record.Insight;
import dev.millrace.study.record.RunRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** CKA: a run's layers against the joint run's, and against its own of other chunks. */
final class LikenessSection {
  private final Study study;
  private final String other;
  private final Charts charts;
  private final Analyses analyses;

  private LikenessSection(Study study, String other, Charts charts) {
    this.study = study;
    this.other = other;
    this.charts = charts;
    analyses = new Analyses(study);
  }

  /**
   * @param other what runs were compared with, such as "joint training"
   */
  static Section of(Study study, String other, Charts charts) {
    return new LikenessSection(study, other, charts).section();
  }

  private Section section() {
    Section.Draft draft =
        new Section.Draft(
            "cka",
            "Likeness of representations (CKA)",
            "layer by layer, against " + other + " and over chunks");
    draft.add(
        Html.note(
            "Linear centred kernel alignment, mean over seeds: 1 for representations that are equal"
                + " up to rotation and scale, 0 for unrelated ones."));
    List<Figure> last = new ArrayList<>();
    List<Figure> over = new ArrayList<>();
    List<Figure> own = new ArrayList<>();
    for (Cell cell : study.cells()) {
      toJoint(cell, last, over);
      own(cell, own);
    }
    if (!last.isEmpty()) {
      draft.add(Html.h3("Against " + other + ", after the last chunk")).add(last, charts.columns());
      draft
          .add(Html.h3("Against the same layer of " + other + ", chunk after chunk"))
          .add(over, charts.columns());
    }
    if (!own.isEmpty()) {
      draft
          .add(Html.h3("A run against itself, layer by layer over chunks"))
          .add(own, charts.columns());
    }
    return draft.done();
  }

  private void toJoint(Cell cell, List<Figure> last, List<Figure> over) {
    List<Comparison.Likeness> all = analyses.likenesses(cell);
    if (all.isEmpty()) {
      return;
    }
    List<Integer> chunks =
        List.copyOf(new TreeSet<>(all.stream().map(Comparison.Likeness::chunk).toList()));
    int end = chunks.get(chunks.size() - 1);
    List<String> layers = all.get(0).layers();
    Matrix matrix = analyses.toJoint(cell, end);
    last.add(
        map(
            Figure.name("cka-joint", name(cell)),
            name(cell) + ", after chunk " + (end + 1),
            "layer of the run ↓",
            layers,
            "layer of " + other,
            matrix.columns(),
            matrix.values()));
    double[][] same = new double[layers.size()][chunks.size()];
    for (int c = 0; c < chunks.size(); c++) {
      double[][] values = analyses.toJoint(cell, chunks.get(c)).values();
      for (int layer = 0; layer < layers.size(); layer++) {
        same[layer][c] =
            layer < values.length && layer < values[layer].length
                ? values[layer][layer]
                : Double.NaN;
      }
    }
    over.add(
        map(
            Figure.name("cka-joint-chunks", name(cell)),
            name(cell),
            "layer ↓",
            layers,
            "after chunk",
            chunks.stream().map(c -> String.valueOf(c + 1)).toList(),
            same));
  }

  private void own(Cell cell, List<Figure> figures) {
    Map<String, List<List<Double>>> pairs = new LinkedHashMap<>();
    Set<String> layers = new LinkedHashSet<>();
    for (RunRecord run : study.seeds(cell).values()) {
      for (Insight.ChunkCka cka : run.insight().cka()) {
        layers.addAll(cka.layers());
        pairs
            .computeIfAbsent((cka.a() + 1) + "–" + (cka.b() + 1), pair -> new ArrayList<>())
            .add(cka.values());
      }
    }
    if (pairs.isEmpty()) {
      return;
    }
    double[][] values = new double[layers.size()][pairs.size()];
    int column = 0;
    for (List<List<Double>> seeds : pairs.values()) {
      double[][] mean = Matrix.mean(List.of(), seeds.stream().map(List::of).toList()).values();
      for (int layer = 0; layer < layers.size(); layer++) {
        values[layer][column] =
            mean.length > 0 && layer < mean[0].length ? mean[0][layer] : Double.NaN;
      }
      column++;
    }
    figures.add(
        map(
            Figure.name("cka-chunks", name(cell)),
            name(cell),
            "layer ↓",
            List.copyOf(layers),
            "after chunks",
            List.copyOf(pairs.keySet()),
            values));
  }

  private static Figure map(
      String name,
      String title,
      String rowLabel,
      List<String> rows,
      String columnLabel,
      List<String> columns,
      double[][] values) {
    return new HeatMap(
            name,
            title,
            rowLabel,
            rows,
            columnLabel,
            columns,
            "CKA",
            values,
            0,
            1,
            2,
            Palette.VIRIDIS)
        .draw();
  }

  private String name(Cell cell) {
    return Wording.place(cell) + ": " + study.names().row(cell);
  }
}
