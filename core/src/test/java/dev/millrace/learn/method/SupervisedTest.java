package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.vision.encoder.ResNetShape;
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

  private static Supervised method(boolean mlp, Supervised.Head head, Precision precision) {
    return new Supervised(
        new Supervised.Settings(4, mlp, head, List.of(Set.of(0, 2), Set.of(1, 3))),
        SHAPE,
        new Device("cpu"),
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
        Supervised method = method(mlp, Supervised.Head.FULL, precision);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, 0), method.weights())) {
      Tensor labels = torch.arange(new Scalar(16)).remainder(new Scalar(4));
      Batch batch = new Batch(List.of(torch.randn(16, 3, 16, 16)), labels.to(ScalarType.Long));
      double first = 0;
      double last = 0;
      for (int i = 0; i < 30; i++) {
        try (PointerScope step = new PointerScope()) {
          method.weights().zeroGradient();
          Tensor loss = method.loss(batch);
          last = loss.item_double();
          first = i == 0 ? last : first;
          loss.backward();
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
        Supervised same = method(false, Supervised.Head.FULL, Precision.FP32);
        Supervised fresh = method(false, Supervised.Head.NEW, Precision.FP32)) {
      Tensor before = fresh.weights().flat().clone();
      assertThat(same.weights().flat().equal(before)).isTrue();
      same.startChunk(1);
      fresh.startChunk(1);
      assertThat(same.weights().flat().equal(before)).isTrue();
      long n = fresh.encoderSize();
      assertThat(fresh.weights().flat().narrow(0, 0, n).equal(before.narrow(0, 0, n))).isTrue();
      assertThat(fresh.weights().flat().equal(before)).isFalse();
      fresh.startChunk(0);
      assertThat(fresh.weights().flat().equal(before)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aHeadOfTheChunkIsASoftmaxOverTheChunksClassesAlone(boolean mlp) {
    try (PointerScope scope = new PointerScope();
        Supervised method = method(mlp, Supervised.Head.CHUNK, Precision.FP32);
        Supervised full = method(mlp, Supervised.Head.FULL, Precision.FP32)) {
      Tensor views = torch.randn(4, 3, 16, 16);
      Tensor labels = longs(0, 2, 1, 3);
      Batch known = new Batch(List.of(views), labels, longs(0, 7, 0, 8, 1, 7, 1, 9).reshape(4, 2));
      Tensor logits = logits(full, views); // weights are equal until a chunk starts
      Tensor first = logits.narrow(0, 0, 2).index_select(1, longs(0, 2));
      Tensor second = logits.narrow(0, 2, 2).index_select(1, longs(1, 3));
      double expected =
          (torch.cross_entropy(first, longs(0, 1)).item_double()
                  + torch.cross_entropy(second, longs(0, 1)).item_double())
              / 2;
      try (FixedLoss fixed = method.fix(known)) {
        assertThat(fixed.get().item_double()).isCloseTo(expected, within(1e-5));
      }
    }
  }

  /** By the derivative of the loss of each class: −log softmax is known up to the sum. */
  private static Tensor logits(Supervised full, Tensor views) {
    Tensor columns = torch.empty(4, 4).to(ScalarType.Float);
    for (int row = 0; row < 4; row++) {
      for (int k = 0; k < 4; k++) {
        try (FixedLoss fixed = full.fix(new Batch(List.of(views), labels(row, k)));
            FixedLoss zero = full.fix(new Batch(List.of(views), labels(row, 0)))) {
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
        Supervised method = method(true, Supervised.Head.CHUNK, Precision.FP32)) {
      Tensor weight = method.weights().get("head.2.weight");
      Tensor before = method.weights().flat().clone();
      Tensor rows = weight.clone();
      method.startChunk(1);
      for (int k = 0; k < 4; k++) {
        assertThat(weight.select(0, k).equal(rows.select(0, k))).isEqualTo(k % 2 == 0);
      }
      long changed = method.weights().flat().ne(before).sum().item_long();
      assertThat(changed).isBetween(2L, 2L * (SHAPE.dim() + 1));
    }
  }

  @Test
  void lessThanTwoClassesAreRefused() {
    assertThatThrownBy(() -> new Supervised.Settings(1, false, Supervised.Head.FULL, List.of()))
        .hasMessageContaining("found 1 classes");
  }
}
