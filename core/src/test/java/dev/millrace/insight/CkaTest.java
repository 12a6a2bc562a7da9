package dev.millrace.insight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Natives;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CkaTest {
  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Tensor tensor(double[] values, long... shape) {
    return torch
        .from_blob(new DoublePointer(values), shape, new TensorOptions(ScalarType.Double))
        .clone();
  }

  private static Tensor gaussian(String purpose, int rows, int columns) {
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = Draw.of(1, purpose, i).gaussian();
    }
    return tensor(values, rows, columns);
  }

  private static double cka(Tensor x, Tensor y) {
    Cka cka = new Cka(2);
    cka.add(List.of(x, y));
    return cka.value(0, 1);
  }

  @Test
  void theValuesAreNumPys() throws IOException {
    JsonNode golden;
    try (var in = CkaTest.class.getResourceAsStream("/golden/insight/cka.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    try (PointerScope scope = new PointerScope()) {
      int n = golden.get("n").asInt();
      List<Tensor> all = new ArrayList<>();
      for (JsonNode one : golden.get("representations")) {
        double[] values = new double[one.get("values").size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = one.get("values").get(i).asDouble();
        }
        all.add(tensor(values, n, one.get("d").asInt()));
      }
      for (JsonNode part : golden.get("cases")) {
        int batch = part.get("batch").asInt();
        Cka cka = new Cka(all.size());
        for (int from = 0; from < n; from += batch) {
          int begin = from;
          cka.add(all.stream().map(x -> x.narrow(0, begin, batch)).toList());
        }
        for (int a = 0; a < all.size(); a++) {
          for (int b = 0; b < all.size(); b++) {
            assertThat(cka.value(a, b))
                .as("batch %d, %d with %d", batch, a, b)
                .isCloseTo(part.get("cka").get(a).get(b).asDouble(), within(1e-10));
          }
        }
      }
    }
  }

  @Test
  void aRepresentationIsWhollyLikeItselfTurnedScaledAndShifted() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = gaussian("x", 20, 6);
      Tensor turn = torch.linalg_qr(gaussian("turn", 6, 6)).get0();
      assertThat(cka(x, x)).isCloseTo(1, within(1e-12));
      assertThat(cka(x, x.matmul(turn))).isCloseTo(1, within(1e-10));
      assertThat(cka(x, x.mul(new Scalar(-1e3)).add(new Scalar(50)))).isCloseTo(1, within(1e-10));
      Tensor y = gaussian("y", 20, 9);
      assertThat(cka(x.matmul(turn), y)).isCloseTo(cka(x, y), within(1e-10));
      assertThat(cka(y, x)).isCloseTo(cka(x, y), within(1e-12));
    }
  }

  @Test
  void anotherLinearMapIsNotTheSameRepresentation() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = gaussian("x", 40, 6);
      assertThat(cka(x, x.matmul(gaussian("map", 6, 6)))).isBetween(0.1, 0.95);
    }
  }

  @Test
  void unrelatedRepresentationsAreUnlikeOnAverageHoweverSmallTheBatch() {
    try (PointerScope scope = new PointerScope()) {
      Cka cka = new Cka(2);
      for (int b = 0; b < 200; b++) {
        cka.add(List.of(gaussian("x" + b, 8, 30), gaussian("y" + b, 8, 30)));
      }
      // The biased estimator would say about 0.8 here.
      assertThat(cka.value(0, 1)).isCloseTo(0, within(0.1));
    }
  }

  @Test
  void mapsOfPixelsAreTakenWhole() {
    try (PointerScope scope = new PointerScope()) {
      Tensor maps = gaussian("maps", 10, 24);
      assertThat(cka(maps.view(10, 2, 3, 4), maps)).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void tooFewPicturesAndUnequalNumbersAreRefused() {
    try (PointerScope scope = new PointerScope()) {
      Tensor three = gaussian("three", 3, 2);
      Tensor four = gaussian("four", 4, 2);
      assertThatThrownBy(() -> cka(three, three)).hasMessageContaining("at least 4");
      assertThatThrownBy(() -> cka(four, gaussian("five", 5, 2))).hasMessageContaining("[4, 5]");
      assertThatThrownBy(() -> new Cka(2).add(List.of(four))).hasMessageContaining("1 repr");
      assertThatThrownBy(() -> new Cka(2).value(0, 1)).hasMessageContaining("no batch");
    }
  }
}
