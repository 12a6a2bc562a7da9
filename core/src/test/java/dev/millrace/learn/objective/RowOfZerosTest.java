package dev.millrace.learn.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The root of a sum of squares has no derivative at 0, and rows of zeros do come. */
class RowOfZerosTest {
  private static final int ROWS = 4;
  private static final int DIM = 3;

  private static final Map<String, BinaryOperator<Tensor>> LOSSES =
      Map.ofEntries(
          Map.entry("NT-Xent", (a, b) -> NtXent.loss(a, b, 0.2)),
          Map.entry("DCL", (a, b) -> DecoupledContrast.loss(a, b, 0.2)),
          Map.entry("SupCon", (a, b) -> SupervisedContrast.loss(a, b, labels(), 0.2)),
          Map.entry("BYOL", NegativeCosine::loss),
          Map.entry("SimSiam", NegativeCosine::plain),
          Map.entry("MoCo v3", (a, b) -> BatchNce.loss(a, b, 0.2)),
          Map.entry("NNCLR", (a, b) -> NeighbourNce.loss(b, a, 0.2)),
          Map.entry("against others", (a, b) -> CrossContrast.loss(a, b, b, 0.2)),
          Map.entry("KoLeo", (a, b) -> KoLeo.loss(a)),
          Map.entry(
              "TiCo",
              (a, b) ->
                  CovarianceContrast.loss(
                      a, b, torch.zeros(DIM, DIM).to(ScalarType.Double), 0.9, 20)),
          Map.entry("CaSSLe, contrastive", (a, b) -> Distillation.loss(a, b, 0.2)),
          Map.entry("PNR", (a, b) -> PseudoNegatives.predicted(a, b, b, 0.2)));

  @BeforeAll
  static void natives() {
    Loader.load(torch.class);
  }

  private static Tensor labels() {
    return torch.tensor(new long[] {0, 0, 1, 2});
  }

  static Stream<String> losses() {
    return LOSSES.keySet().stream().sorted();
  }

  /** Rows of which the second is 0. */
  private static Tensor rows(long seed) {
    Tensor rows = torch.arange(new Scalar(ROWS * DIM)).to(ScalarType.Double);
    Tensor wide = rows.mul(new Scalar(0.7 + seed)).sin().reshape(ROWS, DIM).clone();
    wide.narrow(0, 1, 1).zero_();
    return wide;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void isAFiniteLossWithAFiniteGradient(String name) {
    try (PointerScope scope = new PointerScope()) {
      Tensor a = rows(1).requires_grad_(true);
      Tensor loss = LOSSES.get(name).apply(a, rows(2));
      assertThat(loss.item_double()).isFinite();
      loss.backward();
      assertThat(a.grad().isfinite().all().item_bool()).isTrue();
      assertThat(a.grad().narrow(0, 0, 1).abs().max().item_double()).isPositive();
    }
  }

  @Test
  void itsGradientIsThatOfARowDividedByTheLeastNorm() {
    try (PointerScope scope = new PointerScope()) {
      Tensor p = rows(1).requires_grad_(true);
      Tensor z = rows(2).narrow(0, 0, 2).flip(0).clone(); // against a row that is none of zeros
      NegativeCosine.plain(p.narrow(0, 0, 2), z).backward();
      Tensor target = z.select(0, 1);
      double wanted = -target.select(0, 0).item_double() / target.norm().item_double() / 2 / 1e-8;
      assertThat(p.grad().select(0, 1).select(0, 0).item_double())
          .isCloseTo(wanted, within(Math.abs(wanted) * 1e-9));
    }
  }
}
