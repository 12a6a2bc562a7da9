package dev.millrace.report;

import dev.millrace.report.plot.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of the page.
 *
 * @param id its anchor
 * @param says what is in it, in some words, for a reader who sees it folded
 * @param html its content below the heading, with the figures in it; empty if nothing was measured
 * @param figures its plots, for files of their own
 */
record Section(String id, String title, String says, String html, List<Figure> figures) {
  /** Whether there is anything in it. */
  boolean measured() {
    return !html.isEmpty();
  }

  /** A section that grows. */
  static final class Draft {
    private final String id;
    private final String title;
    private final String says;
    private final StringBuilder html = new StringBuilder();
    private final Map<String, Figure> figures = new LinkedHashMap<>();

    Draft(String id, String title, String says) {
      this.id = id;
      this.title = title;
      this.says = says;
    }

    Draft add(String more) {
      html.append(more);
      return this;
    }

    /** Plots side by side; of those that show the same one is drawn, and the others are named. */
    Draft add(List<Figure> more) {
      return add(more, 0);
    }

    /**
     * Plots side by side.
     *
     * @param columns how many where there is room; 0 for as many as there is room for
     */
    Draft add(List<Figure> more, int columns) {
      Map<Figure, List<String>> drawn = new LinkedHashMap<>();
      List<String> above = new ArrayList<>();
      for (Figure figure : more) {
        Figure first = figures.putIfAbsent(figure.body(), figure);
        if (first == null) {
          drawn.put(figure, new ArrayList<>());
        } else if (drawn.containsKey(first)) {
          drawn.get(first).add(figure.title());
        } else {
          above.add(figure.title() + ": the same as \"" + first.title() + "\" above");
        }
      }
      html.append(Html.figures(drawn, columns));
      if (!above.isEmpty()) {
        html.append(Html.note("Not drawn twice: " + String.join("; ", above) + "."));
      }
      return this;
    }

    /** The section; without tables and figures it is empty. */
    Section done() {
      boolean measured = !figures.isEmpty() || html.indexOf("<table") >= 0;
      return new Section(
          id, title, says, measured ? html.toString() : "", List.copyOf(figures.values()));
    }
  }
}
