package dev.millrace.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class IntervalChartTest {
  private static IntervalChart.Row row(String name, double value, double half, boolean hollow) {
    return new IntervalChart.Row("set", name, 1, value, half, hollow);
  }

  private static String draw(double margin, IntervalChart.Row... rows) {
    List<IntervalChart.Row> all = List.of(rows);
    return new IntervalChart("n", "t", "x", all, IntervalChart.span(all, margin), margin)
        .draw()
        .body();
  }

  private static int count(String what, String svg) {
    return svg.split(Pattern.quote(what), -1).length - 1;
  }

  /** The ends of the bars, in pixels. */
  private static double[] ends(String svg) {
    Matcher bar =
        Pattern.compile("<line x1=\"([0-9.]+)\" y1=\"[0-9.]+\" x2=\"([0-9.]+)\"[^>]*class=\"bar")
            .matcher(svg);
    assertThat(bar.find()).isTrue();
    return new double[] {Double.parseDouble(bar.group(1)), Double.parseDouble(bar.group(2))};
  }

  private static final String ARROW = "<path d=\"M";
  private static final String OF_BAR = "class=\"bar";

  private static long arrows(String svg) {
    return Pattern.compile(ARROW + "[^\"]*\" " + OF_BAR).matcher(svg).results().count();
  }

  @Test
  void anIntervalThatIsShownInPartHasAnArrowWhereItGoesOn() {
    assertThat(arrows(draw(0, row("near", 2, 3, false)))).isZero();
    assertThat(arrows(draw(0, row("far", 5, 46, false)))).isEqualTo(2);
  }

  @Test
  void aPartOfAnIntervalThatHoldsZeroNeverEndsAtZero() {
    String svg = draw(0, row("far", 5.4, 46.6, false));
    Matcher zero = Pattern.compile("<line x1=\"([0-9.]+)\"[^>]*class=\"zero\"").matcher(svg);
    assertThat(zero.find()).isTrue();
    assertThat(ends(svg)[0]).isLessThan(Double.parseDouble(zero.group(1)) - 10);
  }

  @Test
  void theBandOfWhatIsEqualIsShownWholeWhereverTheNumbersLie() {
    String svg = draw(1, row("below", -3, 1, false));
    Matcher band =
        Pattern.compile("<path d=\"M([0-9.]+) [0-9.]+h([0-9.]+)v[^\"]*\" class=\"none\"")
            .matcher(svg);
    assertThat(band.find()).isTrue();
    Matcher zero = Pattern.compile("<line x1=\"([0-9.]+)\"[^>]*class=\"zero\"").matcher(svg);
    assertThat(zero.find()).isTrue();
    double from = Double.parseDouble(band.group(1));
    double wide = Double.parseDouble(band.group(2));
    assertThat(from + wide / 2).isCloseTo(Double.parseDouble(zero.group(1)), offset(0.2));
    assertThat(draw(0, row("below", -3, 1, false))).doesNotContain("class=\"none\"");
  }

  @Test
  void aNumberThatIsNoEvidenceHasAHollowMark() {
    assertThat(count("mark hollow", draw(1, row("a", 1, 1, true), row("b", 1, 1, false))))
        .isEqualTo(1);
  }
}
