package dev.millrace.vision.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreeBoxesTest {
  @ParameterizedTest
  @CsvSource({"6,0.3", "7,1.0", "33,1.4", "12,1.5", "13,2.0", "40,2.0", "224,2.4"})
  void threeBoxesAtOnceAreOneAfterTheOther(int size, double sigma) {
    double radius = Blur.boxRadius(sigma);
    float[][] rows = new float[size][size];
    float[][] expected = new float[size][size];
    for (int i = 0; i < size * size; i++) {
      rows[i / size][i % size] = Draw.of(1, "plane", i).below(256);
      expected[i / size][i % size] = rows[i / size][i % size];
    }
    for (int pass = 0; pass < 6; pass++) {
      float[][] to = new float[size][size];
      if (pass < 3) {
        for (int y = 0; y < size; y++) {
          Blur.across(expected[y], to[y], radius);
        }
      } else {
        Blur.down(expected, to, radius);
      }
      expected = to;
    }
    ThreeBoxes boxes = new ThreeBoxes((int) radius + 1, radius);
    float[][] answer = new float[size][size];
    float[][] across = new float[size][size];
    for (int y = 0; y < size; y++) {
      boxes.across(rows[y], size, new float[12][size], across[y]);
    }
    boxes.down(across, answer);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        assertThat(answer[y][x]).as("%d, %d", y, x).isCloseTo(expected[y][x], within(1e-3f));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0.1", "1.0", "2.0"})
  void aGreyPlaneStaysAsItIs(double sigma) {
    float[][] plane = new float[1][1600];
    java.util.Arrays.fill(plane[0], 128);
    new Blur(40, 1600).gaussian(plane, sigma);
    for (float value : plane[0]) {
      assertThat(value).isCloseTo(128, within(1e-3f));
    }
  }
}
