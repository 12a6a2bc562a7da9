package dev.millrace.app.analyse;

import dev.millrace.analysis.RunInsight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What insight found out, as tables for a person; chunks are counted from 1. */
final class InsightReport {
  private final List<String> lines = new ArrayList<>();

  private InsightReport() {}

  /**
   * The tables of one run.
   *
   * @param against the run it was compared with, or null
   * @param compared by CKA; null where it was not
   */
  static List<String> lines(
      Path run, RunInsight insight, Path against, List<RunInsight.CkaToReference> compared) {
    InsightReport report = new InsightReport();
    report.line("%s", run);
    if (insight.forgetting() != null) {
      insight.forgetting().forEach(report::forgetting);
    }
    if (insight.health() != null) {
      report.health(insight.health());
    }
    if (insight.cka() != null) {
      report.cka(insight.cka());
    }
    if (insight.sharpness() != null) {
      report.sharpness(insight.sharpness());
    }
    if (insight.landscape() != null) {
      report.landscape(insight.landscape());
    }
    if (compared != null) {
      report.against(against, compared);
    }
    return report.lines;
  }

  private void forgetting(RunInsight.Forgetting f) {
    // Chunks that are alike, as those of an instance stream, have one part and nothing to forget.
    boolean alike = f.parts().size() > 1 && f.parts().stream().distinct().count() == 1;
    int parts = alike ? 1 : f.parts().size();
    line("");
    line("accuracy by %s, %%%s", f.task(), alike ? ", on the " + f.parts().get(0) : "");
    for (int j = 0; j < parts && !alike; j++) {
      line("  part %d: %s", j + 1, f.parts().get(j));
    }
    if (!alike) {
      line("  %-16s%s", "", columns(parts));
    }
    if (f.untrained() != null) {
      line("  %-16s%s", "untrained", row(f.untrained().subList(0, parts)));
    }
    for (int i = 0; i < f.accuracy().size(); i++) {
      line("  %-16s%s", "after chunk " + (i + 1), row(f.accuracy().get(i).subList(0, parts)));
    }
    if (alike) {
      line("  the chunks are alike: no part of one could be forgotten");
      return;
    }
    line(
        "  backward transfer %.2f (at the end, less right after a part's own chunk; below 0: forgotten)",
        f.backwardTransfer());
    line(
        "  average %.2f, forgetting by maximum %.2f (biased: the best of noisy values), forward transfer %s",
        f.averageAccuracy(),
        f.forgetting(),
        f.forwardTransfer() == null
            ? "-"
            : String.format(Locale.ROOT, "%.2f", f.forwardTransfer()));
  }

  private static String columns(int parts) {
    StringBuilder columns = new StringBuilder();
    for (int j = 1; j <= parts; j++) {
      columns.append(String.format("%9s", "part " + j));
    }
    return columns.toString();
  }

  private static String row(List<Double> values) {
    StringBuilder row = new StringBuilder();
    for (Double value : values) {
      row.append(value == null ? "        -" : String.format(Locale.ROOT, "%9.2f", value));
    }
    return row.toString();
  }

  private void health(List<RunInsight.Health> all) {
    line("");
    line(
        "%-14s%16s%12s%12s%12s", "health", "effective rank", "alignment", "uniformity", "variance");
    for (RunInsight.Health h : all) {
      line(
          "  %-12s%16.1f%12.3f%12.3f%12.4f%s",
          "chunk " + (h.chunk() + 1),
          h.effectiveRank(),
          h.alignment(),
          h.uniformity(),
          h.variance(),
          h.collapsed() ? "  COLLAPSED" + (h.collapse() == null ? "" : " " + h.collapse()) : "");
    }
  }

  private void cka(List<RunInsight.Cka> pairs) {
    line("");
    line("%-14s%s", "linear CKA", names(pairs.get(0).layers()));
    for (RunInsight.Cka pair : pairs) {
      line("  %-12s%s", "%d and %d".formatted(pair.a() + 1, pair.b() + 1), row(pair.values()));
    }
  }

  private static String names(List<String> layers) {
    StringBuilder names = new StringBuilder();
    layers.forEach(layer -> names.append(String.format("%9s", layer)));
    return names.toString();
  }

  private void sharpness(List<RunInsight.Sharpness> all) {
    List<RunInsight.Sharpness> relative = all.stream().filter(s -> s.adaptive() != null).toList();
    if (!relative.isEmpty()) {
      adaptive(relative);
    }
    line("");
    line(
        "%-14s%10s%14s%16s%18s",
        "scale-dependent", "loss", "Keskar, %", "top eigenvalue", "trace ± error");
    for (RunInsight.Sharpness s : all) {
      line(
          "  %-12s%11.4f%14s%16.3f%18s",
          "chunk " + (s.chunk() + 1),
          s.loss(),
          s.keskar() == null ? "-" : String.format(Locale.ROOT, "%.3f", s.keskar()),
          s.largestEigenvalue(),
          give(s.trace(), s.traceStandardError()));
    }
    RunInsight.Sharpness first = all.get(0);
    line(
        "  of the pre-training loss, ε %s, %d pictures; the scale of weights before a normalisation changes these numbers and nothing of the encoder",
        first.epsilon(), first.images());
  }

  /** The measure that counts: relative to weights and loss. */
  private void adaptive(List<RunInsight.Sharpness> all) {
    line("");
    line(
        "%-14s%9s%14s%9s%16s%18s",
        "sharpness", "loss", "noise, %", "box, %", "top eigenvalue", "trace ± error");
    RunInsight.Adaptive measured = null;
    for (RunInsight.Sharpness s : all) {
      RunInsight.Adaptive a = s.adaptive();
      String chunk = "chunk " + (s.chunk() + 1);
      if (a.leftOut() != null) {
        line("  %-12s left out: %s", chunk, a.leftOut());
        continue;
      }
      measured = a;
      line(
          "  %-12s%9.4f%14s%9s%16s%18s",
          chunk,
          a.loss(),
          give(a.noise(), a.noiseStandardError()),
          number(a.box(), 2),
          number(a.largestEigenvalue(), 2),
          give(a.trace(), a.traceStandardError()));
    }
    if (measured != null) {
      line(
          "  rise of the %s%s under noise of %s of each filter and in a box of ± %s of each weight, and its Hessian where a filter's norm is 1, as shares of the loss; %d pictures",
          measured.of(),
          measured.of().equals(RunInsight.Adaptive.HEAD) ? "'s loss" : "",
          measured.noiseSize(),
          measured.boxSize(),
          measured.images());
    }
  }

  private static String give(Double value, Double error) {
    return value == null || error == null
        ? "no number"
        : String.format(Locale.ROOT, "%.1f ± %.1f", value, error);
  }

  private static String number(Double value, int digits) {
    return value == null ? "no number" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private void landscape(RunInsight.Landscape landscape) {
    line("");
    line("landscape: the loss in random directions, and from solution to solution");
    for (RunInsight.Line line : landscape.lines()) {
      line(
          "  chunk %d: %s at the solution, at most %s within %.2f of the weights' norm",
          line.chunk() + 1,
          number(line.loss().get(0).get(line.alphas().size() / 2)),
          number(
              line.loss().stream()
                  .flatMap(List::stream)
                  .filter(Objects::nonNull)
                  .max(Double::compare)
                  .orElse(null)),
          line.alphas().get(line.alphas().size() - 1));
    }
    for (RunInsight.Stretch path : landscape.paths()) {
      line("  chunk %d to %d:%s", path.from() + 1, path.to() + 1, row(path.loss()));
    }
  }

  private void against(Path reference, List<RunInsight.CkaToReference> compared) {
    line("");
    line("%-14s%s", "CKA against", names(compared.get(0).layers()));
    line("  (%s, each layer with its own)", reference);
    for (RunInsight.CkaToReference one : compared) {
      List<Double> own =
          java.util.stream.IntStream.range(0, one.layers().size())
              .mapToObj(i -> one.values().get(i).get(i))
              .toList();
      line("  %-12s%s", "chunk " + (one.chunk() + 1), row(own));
    }
  }

  private static String number(Double value) {
    return value == null ? "no number" : String.format(Locale.ROOT, "%.4f", value);
  }

  private void line(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values));
  }
}
