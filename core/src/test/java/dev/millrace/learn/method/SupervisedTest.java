package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupervisedTest {
  private static final ResNetShape SHAPE = new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Learner method(boolean mlp, Supervised.Span head, Precision precision) {
    return Steps.supervised(
        new Supervised.Settings(4, mlp, head, List.of(Set.of(0, 2), Set.of(1, 3))),
        SHAPE,
        precision,
        1);
  }

  private static Tensor longs(long... values) {
    return Tensor.create(values).to(ScalarType.Long);
  }

  @ParameterizedTest
  @CsvSource({"false, FP32", "true, FP32", "true, BF16"})
  void theLossOfOneBatchRepeatedFalls(boolean mlp, Precision precision) {
    try (PointerScope scope = new PointerScope();
        Learner method = method(mlp, Supervised.Span.FULL, precision);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0), method.network().weights())) {
      Tensor labels = torch.arange(new Scalar(16)).remainder(new Scalar(4));
      Views batch = new Views(List.of(torch.randn(16, 3, 16, 16)), labels.to(ScalarType.Long));
      double first = 0;
      double last = 0;
      for (int i = 0; i < 30; i++) {
        try (PointerScope step = new PointerScope()) {
          method.network().weights().zeroGradient();
          last = Steps.of(method, batch);
          first = i == 0 ? last : first;
          sgd.step(0.02);
        }
      }
      assertThat(first).isBetween(0.8, 3.0);
      assertThat(last).isLessThan(first / 4);
    }
  }

  @Test
  void aChunkStartsWithANewHeadOnlyWhereThatIsAskedFor() {
    try (PointerScope scope = new PointerScope();
        Learner same = method(false, Supervised.Span.FULL, Precision.FP32);
        Learner fresh = method(false, Supervised.Span.NEW, Precision.FP32)) {
      Tensor before = fresh.network().weights().flat().clone();
      assertThat(same.network().weights().flat().equal(before)).isTrue();
      same.method().beginChunk(1);
      fresh.method().beginChunk(1);
      assertThat(same.network().weights().flat().equal(before)).isTrue();
      long n = fresh.network().encoderSize();
      assertThat(fresh.network().weights().flat().narrow(0, 0, n).equal(before.narrow(0, 0, n)))
          .isTrue();
      assertThat(fresh.network().weights().flat().equal(before)).isFalse();
      fresh.method().beginChunk(0);
      assertThat(fresh.network().weights().flat().equal(before)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aHeadOfTheChunkIsASoftmaxOverTheChunksClassesAlone(boolean mlp) {
    try (PointerScope scope = new PointerScope();
        Learner method = method(mlp, Supervised.Span.CHUNK, Precision.FP32);
        Learner full = method(mlp, Supervised.Span.FULL, Precision.FP32)) {
      Tensor views = torch.randn(4, 3, 16, 16);
      Tensor labels = longs(0, 2, 1, 3);
      Views known = new Views(List.of(views), labels, longs(0, 7, 0, 8, 1, 7, 1, 9).reshape(4, 2));
      Tensor logits = logits(full, views); // weights are equal until a chunk starts
      Tensor first = logits.narrow(0, 0, 2).index_select(1, longs(0, 2));
      Tensor second = logits.narrow(0, 2, 2).index_select(1, longs(1, 3));
      double expected =
          (torch.cross_entropy(first, longs(0, 1)).item_double()
                  + torch.cross_entropy(second, longs(0, 1)).item_double())
              / 2;
      try (FixedLoss fixed = FixedLoss.of(method.method(), known)) {
        assertThat(fixed.get().item_double()).isCloseTo(expected, within(1e-5));
      }
    }
  }

  /** By the derivative of the loss of each class: −log softmax is known up to the sum. */
  private static Tensor logits(Learner full, Tensor views) {
    Tensor columns = torch.empty(4, 4).to(ScalarType.Float);
    for (int row = 0; row < 4; row++) {
      for (int k = 0; k < 4; k++) {
        try (FixedLoss fixed =
                FixedLoss.of(full.method(), new Views(List.of(views), labels(row, k)));
            FixedLoss zero =
                FixedLoss.of(full.method(), new Views(List.of(views), labels(row, 0)))) {
          double difference = zero.get().item_double() - fixed.get().item_double();
          columns.select(0, row).select(0, k).fill_(new Scalar((float) (4 * difference)));
        }
      }
    }
    return columns;
  }

  private static Tensor labels(int row, int label) {
    long[] labels = new long[4];
    labels[row] = label;
    return longs(labels);
  }

  @Test
  void aChunkDrawsTheRowsOfItsOwnClassesAlone() {
    try (PointerScope scope = new PointerScope();
        Learner method = method(true, Supervised.Span.CHUNK, Precision.FP32)) {
      Tensor weight = method.network().weights().get("head.2.weight");
      Tensor before = method.network().weights().flat().clone();
      Tensor rows = weight.clone();
      method.method().beginChunk(1);
      for (int k = 0; k < 4; k++) {
        assertThat(weight.select(0, k).equal(rows.select(0, k))).isEqualTo(k % 2 == 0);
      }
      long changed = method.network().weights().flat().ne(before).sum().item_long();
      assertThat(changed).isBetween(2L, 2L * (SHAPE.dim() + 1));
    }
  }

  @Test
  void lessThanTwoClassesAreRefused() {
    assertThatThrownBy(() -> new Supervised.Settings(1, false, Supervised.Span.FULL, List.of()))
        .hasMessageContaining("found 1 classes");
  }
}
