package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SelfDistillationTest {
  private static final int ROWS = 3;
  private static final int OUT = 4;
  private static final double STUDENT = 0.1;
  private static final double TEACHER = 0.04;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static float[] values(String purpose, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Draw.of(2, purpose, i).uniform(-1, 1);
    }
    return values;
  }

  private static Tensor tensor(float[] values, long... shape) {
    return torch.from_blob(new FloatPointer(values), shape).clone();
  }

  private static double[] softmax(float[] of, int row, float[] less, double temperature) {
    double[] all = new double[OUT];
    double sum = 0;
    for (int k = 0; k < OUT; k++) {
      all[k] = Math.exp((of[row * OUT + k] - less[k]) / temperature);
      sum += all[k];
    }
    for (int k = 0; k < OUT; k++) {
      all[k] /= sum;
    }
    return all;
  }

  /** Algorithm 1 of the paper, over two views of the teacher and three of the student. */
  @Test
  void theLossIsThatOfThePapersListing() {
    float[] centre = values("centre", OUT);
    List<float[]> teacher = List.of(values("t0", ROWS * OUT), values("t1", ROWS * OUT));
    List<float[]> student = new ArrayList<>();
    for (int v = 0; v < 3; v++) {
      student.add(values("s" + v, ROWS * OUT));
    }
    double sum = 0;
    int pairs = 0;
    for (int t = 0; t < 2; t++) {
      for (int s = 0; s < 3; s++) {
        if (s == t) {
          continue;
        }
        for (int row = 0; row < ROWS; row++) {
          double[] said = softmax(teacher.get(t), row, centre, TEACHER);
          double[] asked = softmax(student.get(s), row, new float[OUT], STUDENT);
          for (int k = 0; k < OUT; k++) {
            sum -= said[k] * Math.log(asked[k]) / ROWS;
          }
        }
        pairs++;
      }
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor c = tensor(centre, OUT);
      List<Tensor> said =
          teacher.stream()
              .map(t -> SelfDistillation.said(tensor(t, ROWS, OUT), c, TEACHER))
              .toList();
      List<Tensor> shown = student.stream().map(s -> tensor(s, ROWS, OUT)).toList();
      assertThat(SelfDistillation.loss(shown, said, STUDENT).item_double())
          .isCloseTo(sum / pairs, within(1e-5));
    }
  }

  @Test
  void aCentreOfAnotherWidthIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      assertThatThrownBy(
              () ->
                  SelfDistillation.said(
                      tensor(values("t", ROWS * OUT), ROWS, OUT),
                      tensor(values("c", 3), 3),
                      TEACHER))
          .hasMessageContaining("[3, 4] and centre [3]");
    }
  }
}
