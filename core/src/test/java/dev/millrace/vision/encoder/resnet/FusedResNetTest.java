package dev.millrace.vision.encoder.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.engine.onednn.OneDnn;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** oneDNN's passes against libtorch's operators, which golden files hold to PyTorch. */
class FusedResNetTest {
  private static final Device CPU = new Device("cpu");

  @BeforeAll
  static void natives() {
    Natives.load();
    torch.manual_seed(5);
    assumeTrue(OneDnn.available());
  }

  private static final class Net implements AutoCloseable {
    final Parameters weights;
    final Parameters statistics;
    final ResNet net;

    Net(ResNetShape shape) {
      Parameters.Layout.Builder layout = Parameters.Layout.builder();
      layout.add("before", 3);
      ResNet.layout(shape, layout, "encoder.");
      layout.add("after", 5);
      weights = new Parameters(layout.build(), CPU, true);
      Parameters.Layout.Builder running = Parameters.Layout.builder();
      ResNet.statisticsLayout(shape, running, "encoder.");
      statistics = new Parameters(running.build(), CPU, false);
      net = new ResNet(shape, weights, "encoder.", statistics, "encoder.");
      net.initialise(Draw.of(3, "encoder"));
    }

    @Override
    public void close() {
      net.close();
      weights.close();
      statistics.close();
    }
  }

  private static double apart(Tensor a, Tensor b) {
    return a.detach().sub(b).norm().item_double() / b.detach().norm().item_double();
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 16, SMALL, 32, 0.01",
    "resnet18, 32, SMALL, 20, 0.01",
    "resnet18, 16, IMAGENET, 64, 0.01",
    // So deep a net on so small a batch moves by as much when its weights do by 3e-7.
    "resnet50, 16, IMAGENET, 64, 0.1",
  })
  void featuresGradientsAndRunningStatisticsAreThoseOfLibtorch(
      String name, int width, ResNetShape.Stem stem, int side, double limit) {
    ResNetShape shape = new ResNetShape(name, width, stem);
    try (PointerScope scope = new PointerScope();
        Net fused = new Net(shape);
        Net plain = new Net(shape)) {
      Tensor x = torch.randn(6, 3, side, side);
      Tensor towards = torch.randn(6, shape.dim());
      Tensor ours = fused.net.forward(x, true);
      Tensor theirs = plain.net.unfused(x, true);
      OneDnnPrimitives.require(ours.is_leaf());
      assertThat(apart(ours, theirs)).isLessThan(2e-4);
      assertThat(apart(fused.statistics.flat(), plain.statistics.flat())).isLessThan(2e-4);
      ours.mul(towards).sum().backward();
      theirs.mul(towards).sum().backward();
      for (Parameters.Entry entry : plain.weights.layout().entries()) {
        Tensor gradient = plain.weights.gradient().narrow(0, entry.offset(), entry.size());
        Tensor mine = fused.weights.gradient().narrow(0, entry.offset(), entry.size());
        if (entry.name().startsWith("encoder.")) {
          assertThat(apart(mine, gradient)).as(entry.name()).isLessThan(limit);
        } else {
          assertThat(mine.abs().sum().item_double()).as(entry.name()).isZero();
        }
      }
    }
  }

  @Test
  void inBfloat16ItIsNoFurtherFromFloat32ThanLibtorchIs() {
    ResNetShape shape = new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL);
    try (PointerScope scope = new PointerScope();
        Net fused = new Net(shape);
        Net plain = new Net(shape);
        Net exact = new Net(shape)) {
      Tensor x = torch.randn(32, 3, 32, 32);
      Tensor truth = exact.net.unfused(x, true);
      Tensor ours;
      Tensor theirs;
      try (Precision.Autocast cast = Precision.BF16.autocast(CPU)) {
        ours = fused.net.forward(x, true);
        theirs = plain.net.unfused(x, true);
      }
      OneDnnPrimitives.require(ours.is_leaf());
      assertThat(apart(ours, truth)).isLessThan(1.2 * apart(theirs, truth)).isGreaterThan(1e-4);
      truth.square().mean().backward();
      ours.square().mean().backward();
      theirs.square().mean().backward();
      assertThat(apart(fused.weights.gradient(), exact.weights.gradient()))
          .isLessThan(1.2 * apart(plain.weights.gradient(), exact.weights.gradient()));
    }
  }

  @Test
  void gradientsOfSeveralPassesAddUpInWhateverOrderTheyComeBack() {
    ResNetShape shape = new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL);
    try (PointerScope scope = new PointerScope();
        Net both = new Net(shape);
        Net one = new Net(shape);
        Net two = new Net(shape)) {
      Tensor x = torch.randn(4, 3, 16, 16);
      Tensor y = torch.randn(4, 3, 16, 16);
      Tensor first = both.net.forward(x, true);
      Tensor second = both.net.forward(y, true);
      second.square().sum().backward();
      first.square().sum().backward();
      one.net.forward(x, true).square().sum().backward();
      two.net.forward(y, true).square().sum().backward();
      Tensor sum = one.weights.gradient().add(two.weights.gradient());
      assertThat(apart(both.weights.gradient(), sum)).isLessThan(1e-6);
    }
  }

  @Test
  void withoutGradientTheFeaturesAreTheSameBits() {
    ResNetShape shape = new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL);
    try (PointerScope scope = new PointerScope();
        Net net = new Net(shape)) {
      Tensor x = torch.randn(4, 3, 16, 16);
      Tensor with = net.net.forward(x, true);
      Tensor without;
      try (NoGradGuard guard = new NoGradGuard()) {
        without = net.net.forward(x, true);
      }
      assertThat(with.detach().equal(without)).isTrue();
      assertThat(without.requires_grad()).isFalse();
    }
  }

  @Test
  void manyPassesLeaveNoNativeMemoryBehind() {
    ResNetShape shape = new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL);
    try (Net net = new Net(shape)) {
      long before = 0;
      for (int i = 0; i < 40; i++) {
        try (PointerScope scope = new PointerScope()) {
          net.net.forward(torch.randn(4, 3, 16, 16), true).sum().backward();
        }
        if (i == 4) {
          before = org.bytedeco.javacpp.Pointer.totalCount();
        }
      }
      assertThat(org.bytedeco.javacpp.Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
  }

  @Test
  void aNetOfOtherWidthsGoesThroughLibtorch() {
    ResNetShape shape = new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL);
    try (PointerScope scope = new PointerScope();
        Net net = new Net(shape)) {
      assertThat(net.net.forward(torch.randn(4, 3, 16, 16), true).is_leaf()).isFalse();
    }
  }
}
