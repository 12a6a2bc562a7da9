package dev.millrace.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlotTest {
  @Test
  void ticksAreRoundAndWithinTheAxis() {
    for (double scale : new double[] {1e-6, 0.003, 1, 37, 1e9}) {
      Axis axis = Axis.of(List.of(-1.3 * scale, 2.9 * scale), false, false, 0, 100);
      List<Double> ticks = axis.ticks(5);
      assertThat(ticks).hasSizeBetween(3, 9).allMatch(t -> t >= axis.low() && t <= axis.high());
      double step = ticks.get(1) - ticks.get(0);
      double leading = step / Math.pow(10, Math.floor(Math.log10(step) + 1e-9));
      assertThat(List.of(1.0, 2.0, 5.0)).anyMatch(round -> Math.abs(round - leading) < 1e-6);
    }
  }

  @Test
  void anAxisOfEqualNumbersOrOfNoneStillHasAWidth() {
    assertThat(Axis.of(List.of(3.0, 3.0), false, false, 0, 100).at(3)).isCloseTo(50, within(1e-9));
    assertThat(Axis.of(List.of(Double.NaN), false, false, 0, 100).ticks(5)).isNotEmpty();
    assertThat(Axis.of(List.of(0.0, 0.0), true, false, 0, 100).at(0)).isFinite();
  }

  @Test
  void equalFactorsAreEquallyFarApartOnALogAxis() {
    Axis axis = Axis.of(List.of(1.0, 1000.0), false, true, 0, 300);
    assertThat(axis.at(10) - axis.at(1)).isCloseTo(axis.at(1000) - axis.at(100), within(1e-9));
    assertThat(axis.ticks(5)).containsExactly(1.0, 10.0, 100.0, 1000.0);
  }

  @Test
  void lettersOnAnyColourHaveAContrastOfFourAndAHalf() {
    for (Palette palette : Palette.values()) {
      for (int i = 0; i <= 100; i++) {
        double ground = luminance(palette.at(i / 100.0));
        double ink = palette.inkOn(i / 100.0).equals("#fff") ? 1 : 0;
        double contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
        assertThat(contrast).as(palette + " " + i).isGreaterThan(4.5);
      }
    }
  }

  @Test
  void palettesGrowLighterThroughoutSoThatGreyPrintsKeepTheOrder() {
    for (Palette palette : Palette.values()) {
      for (int i = 1; i <= 50; i++) {
        assertThat(luminance(palette.at(i / 50.0)))
            .isGreaterThan(luminance(palette.at((i - 1) / 50.0)));
      }
    }
  }

  @Test
  void linesOfTextAreNoWiderThanTheirRoomAndLoseNothing() {
    String text = "a very-long-name_without_any_space_that_must_be_broken and some words more";
    List<String> lines = Svg.wrap(text, 120, false);
    assertThat(lines).allMatch(line -> Svg.width(line) <= 120);
    assertThat(String.join("", lines).replace(" ", "")).isEqualTo(text.replace(" ", ""));
  }

  @Test
  void whatWasNotMeasuredLeavesAGapInALineAndAHoleInAMap() {
    String line =
        new LineChart(
                "n",
                "t",
                "x",
                "y",
                false,
                true,
                List.of(
                    new LineChart.Series(
                        "s",
                        0,
                        false,
                        List.of(1.0, 2.0, 3.0, 4.0),
                        List.of(1.0, Double.NaN, 3.0, 4.0),
                        List.of())))
            .draw()
            .body();
    assertThat(line).doesNotContain("NaN").containsPattern("d=\"M[^M\"]*M[^M\"]*L[^M\"]*\"");
    String map =
        new HeatMap(
                "n",
                "t",
                "r",
                List.of("1"),
                "c",
                List.of("1", "2"),
                "%",
                new double[][] {{50, Double.NaN}},
                0,
                100,
                1,
                Palette.VIRIDIS)
            .draw()
            .body();
    assertThat(map).contains("class=\"none\"", "50.0").doesNotContain("NaN");
  }

  @Test
  void aSinglePointIsAMarkAloneInThePlotAndInTheLegend() {
    LineChart.Series line =
        new LineChart.Series("l", 0, true, List.of(1.0, 2.0), List.of(1.0, 2.0), List.of());
    LineChart.Series point =
        new LineChart.Series("p", 1, true, List.of(2.0), List.of(3.0), List.of());
    String body =
        new LineChart("n", "t", "x", "y", false, true, List.of(line, point)).draw().body();
    assertThat(body.split("class=\"line c0\"", -1)).hasSize(3); // the line, and in the legend
    assertThat(body).doesNotContain("class=\"line c1\"").contains("<title>p: 3</title>", ">p<");
  }

  private static double luminance(String colour) {
    double sum = 0;
    double[] weights = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      sum += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
