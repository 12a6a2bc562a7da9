package dev.millrace.app.report;

import dev.millrace.app.report.plot.Figure;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the page.
 *
 * @param id its anchor
 * @param html its content below the heading; it has the figures in it
 * @param figures its plots, for files of their own
 */
record Section(String id, String title, String html, List<Figure> figures) {
  /** A section that grows. */
  static final class Draft {
    private final String id;
    private final String title;
    private final StringBuilder html = new StringBuilder();
    private final List<Figure> figures = new ArrayList<>();

    Draft(String id, String title) {
      this.id = id;
      this.title = title;
    }

    Draft add(String more) {
      html.append(more);
      return this;
    }

    Draft add(List<Figure> more) {
      html.append(Html.figures(more));
      figures.addAll(more);
      return this;
    }

    /** The section; without tables and figures it says that nothing was measured. */
    Section done(String nothing) {
      boolean measured = !figures.isEmpty() || html.indexOf("<table") >= 0;
      return new Section(id, title, measured ? html.toString() : Html.p(nothing), figures);
    }
  }
}
