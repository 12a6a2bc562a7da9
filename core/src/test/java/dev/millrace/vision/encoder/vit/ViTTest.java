package dev.millrace.vision.encoder.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.engine.Safetensors;
import dev.millrace.insight.MeanLoss;
import dev.millrace.vision.encoder.FrozenEncoder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden values by golden/vit.py. */
final class ViTTest {
  private static final Device CPU = new Device("cpu");

  /** As golden/vit.py makes it. */
  private static final ViTShape GOLDEN = new ViTShape("vit-tiny", 48, 2, 3, 4, 16);

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static Parameters storage(ViTShape shape) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    shape.layout(layout, "encoder.");
    return new Parameters(layout.build(), CPU, true);
  }

  private static Map<String, Tensor> read(String file) throws Exception {
    Path golden = Path.of(ViTTest.class.getResource("/golden/vit/" + file).toURI());
    return Safetensors.read(golden, CPU).tensors();
  }

  private static double apart(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item_double();
  }

  @Test
  void featuresAndGradientsOfTimmsWeightsAreTimms() throws Exception {
    try (PointerScope scope = new PointerScope();
        Parameters weights = storage(GOLDEN)) {
      ViT net = new ViT(GOLDEN, weights, "encoder.");
      net.load(read("timm.safetensors")); // its classifier is ignored
      Map<String, Tensor> golden = read("features.safetensors");
      Tensor pictures = golden.get("pictures");
      assertThat(apart(net.forward(pictures, false), golden.get("features"))).isLessThan(1e-5);
      assertThat(apart(net.differentiable(pictures), golden.get("features"))).isLessThan(1e-5);
      try (FrozenEncoder frozen = net.freeze(Precision.FP32)) {
        assertThat(apart(frozen.forward(pictures), golden.get("features"))).isLessThan(1e-5);
      }
      net.forward(pictures, true).square().sum().div(new Scalar(2)).backward();
      for (String name : List.of("blocks.0.attn.qkv.weight", "pos_embed")) {
        Tensor gradient =
            golden.get(name.equals("pos_embed") ? "positions_gradient" : "qkv_gradient");
        assertThat(apart(weights.get("encoder." + name).grad(), gradient))
            .as(name)
            .isLessThan(1e-4 * gradient.abs().max().item_double());
      }
    }
  }

  @Test
  void theDifferentiablePassHasSecondDerivatives() throws Exception {
    try (PointerScope scope = new PointerScope();
        Parameters weights = storage(GOLDEN)) {
      ViT net = new ViT(GOLDEN, weights, "encoder.");
      net.load(read("timm.safetensors"));
      Tensor pictures = read("features.safetensors").get("pictures");
      MeanLoss loss =
          new MeanLoss(
              weights,
              List.of(() -> net.differentiable(pictures).mul(new Scalar(0.3)).sin().mean()));
      Tensor direction;
      Tensor product;
      Tensor before;
      Tensor after;
      try (NoGradGuard guard = new NoGradGuard()) {
        direction = torch.arange(new Scalar((double) weights.flat().numel())).sin();
        product = torch.zeros_like(direction);
        before = torch.zeros_like(direction);
        after = torch.zeros_like(direction);
      }
      loss.curvature(direction, product);
      double h = 1e-4;
      try (NoGradGuard guard = new NoGradGuard()) {
        weights.flat().add_(direction, new Scalar(h));
      }
      loss.gradient(after);
      try (NoGradGuard guard = new NoGradGuard()) {
        weights.flat().add_(direction, new Scalar(-2 * h));
      }
      loss.gradient(before);
      Tensor numeric = after.sub(before).div(new Scalar(2 * h));
      assertThat(product.sub(numeric).norm().item_double())
          .isLessThan(0.02 * product.norm().item_double());
    }
  }

  @Test
  void aFrozenCopyStaysAsItWasAndHalfPrecisionIsNear() throws Exception {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Parameters weights = storage(GOLDEN)) {
      ViT net = new ViT(GOLDEN, weights, "encoder.");
      net.initialise(Draw.of(1, "encoder"));
      Tensor x = torch.ones(2, 3, 16, 16);
      try (FrozenEncoder single = net.freeze(Precision.FP32);
          FrozenEncoder half = net.freeze(Precision.BF16)) {
        Tensor truth = single.forward(x);
        weights.flat().zero_();
        assertThat(apart(single.forward(x), truth)).isZero();
        assertThat(apart(half.forward(x), truth)).isLessThan(0.05);
      }
    }
  }

  @Test
  void layersHaveTheNamesAndShapesThatTheyAreSaidToHave() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Parameters weights = storage(GOLDEN)) {
      ViT net = new ViT(GOLDEN, weights, "encoder.");
      net.initialise(Draw.of(1, "encoder"));
      Tensor x = torch.ones(2, 3, 16, 16);
      List<Tensor> layers = net.layers(x);
      assertThat(GOLDEN.layers()).containsExactly("patches", "block1", "block2", "features");
      assertThat(layers).hasSameSizeAs(GOLDEN.layers());
      assertThat(layers.get(0).sizes().vec().get()).containsExactly(2, 17, 48);
      assertThat(apart(layers.get(3), net.forward(x, false))).isZero();
    }
  }

  @Test
  void picturesOfAnotherSizeAreRefusedByName() {
    try (PointerScope scope = new PointerScope();
        Parameters weights = storage(GOLDEN)) {
      assertThatThrownBy(
              () -> new ViT(GOLDEN, weights, "encoder.").forward(torch.ones(1, 3, 24, 24), false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("found pictures of 24×24 pixels, expected 16×16")
          .hasMessageContaining("vit-tiny")
          .hasMessageContaining("--size 16");
    }
  }

  /** Bicubic, by libtorch: {@code [1, 1 + G², D]} to {@code [1, 1 + g², D]}. */
  private static Tensor interpolated(Tensor positions, long from, long to) {
    Tensor grid =
        positions
            .narrow(1, 1, from * from)
            .transpose(1, 2)
            .reshape(1, positions.size(2), from, from);
    Tensor smaller =
        torch.upsample_bicubic2d(
            grid, new long[] {to, to}, false, new DoubleOptional(), new DoubleOptional());
    return torch.cat(
        new TensorVector(positions.narrow(1, 0, 1), smaller.flatten(2, -1).transpose(1, 2)), 1);
  }

  @ParameterizedTest
  @CsvSource({"8, 1e-5", "12, 1e-5", "4, 1e-5"})
  void aSmallCropHasFeaturesAndGradientsOfANetWhosePositionsLieBetweenTheLearnedOnes(
      int side, double near) throws Exception {
    ViTShape small = new ViTShape("vit-tiny", 48, 2, 3, 4, side);
    try (PointerScope scope = new PointerScope();
        Parameters weights = storage(GOLDEN);
        Parameters direct = storage(small);
        ViT net = new ViT(GOLDEN, weights, "encoder.")) {
      net.load(read("timm.safetensors"));
      ViT other = new ViT(small, direct, "encoder.");
      Map<String, Tensor> state = new HashMap<>(net.state());
      Tensor learned = state.get("pos_embed").detach();
      state.put("pos_embed", interpolated(learned, 4, side / 4));
      other.load(state);
      Tensor pictures = read("features.safetensors").get("pictures").narrow(2, 3, side);
      Tensor crops = pictures.narrow(3, 1, side).contiguous();
      Tensor made = net.forward(crops, true);
      Tensor expected = other.forward(crops, true);
      assertThat(apart(made, expected)).isLessThan(near);
      assertThat(apart(net.differentiable(crops), expected)).isLessThan(near);
      made.square().sum().backward();
      expected.square().sum().backward();
      for (String name : List.of("blocks.0.attn.qkv.weight", "cls_token", "norm.bias")) {
        Tensor gradient = direct.get("encoder." + name).grad();
        assertThat(apart(weights.get("encoder." + name).grad(), gradient))
            .as(name)
            .isLessThan(1e-4 * gradient.abs().max().item_double());
      }
      // Of the positions, what flows back through the interpolation.
      Tensor leaf = learned.clone().set_requires_grad(true);
      interpolated(leaf, 4, side / 4).mul(direct.get("encoder.pos_embed").grad()).sum().backward();
      assertThat(apart(weights.get("encoder.pos_embed").grad(), leaf.grad()))
          .isLessThan(1e-4 * leaf.grad().abs().max().item_double());
      try (FrozenEncoder frozen = net.freeze(Precision.FP32)) {
        assertThatThrownBy(() -> frozen.forward(crops)).hasMessageContaining("expected 16×16");
      }
      assertThatThrownBy(() -> net.forward(torch.ones(1, 3, 6, 6), true))
          .hasMessageContaining("small crops in patches of 4");
    }
  }

  @Test
  void freshWeightsSpreadAsTimmHasThem() {
    ViTShape tiny = ViTShape.of("vit-tiny", 0, 32);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Parameters weights = storage(tiny);
        Parameters again = storage(tiny)) {
      ViT net = new ViT(tiny, weights, "encoder.");
      net.initialise(Draw.of(1, "encoder"));
      new ViT(tiny, again, "encoder.").initialise(Draw.of(1, "encoder"));
      assertThat(apart(weights.flat(), again.flat())).isZero();
      Map<String, Tensor> state = net.state();
      for (String name :
          List.of("blocks.3.attn.qkv.weight", "blocks.11.mlp.fc2.weight", "pos_embed")) {
        assertThat(state.get(name).std(true).item_double()).as(name).isCloseTo(0.02, within(5e-4));
      }
      assertThat(state.get("cls_token").abs().max().item_double()).isBetween(1e-7, 1e-5);
      assertThat(state.get("patch_embed.proj.weight").abs().max().item_double())
          .isCloseTo(1 / Math.sqrt(48), within(1e-3)); // of 3 × 4 × 4 inputs
      assertThat(state.get("norm.weight").eq(new Scalar(1)).all().item_bool()).isTrue();
      assertThat(state.get("blocks.0.mlp.fc1.bias").abs().sum().item_double()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"vit-tiny, 5524416", "vit-small, 21665664"})
  void theNetsHaveTimmsNumberOfWeights(String name, long weights) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    ViTShape.of(name, 0, 224).layout(layout, "");
    assertThat(layout.build().size()).isEqualTo(weights);
  }

  @Test
  void aPatchIsTheUsualOneOrOneThatDividesTheSize() {
    assertThat(ViTShape.of("vit-tiny", 0, 32).patch()).isEqualTo(4);
    assertThat(ViTShape.of("vit-tiny", 0, 224).patch()).isEqualTo(16);
    assertThat(ViTShape.of("vit-small", 8, 32).patch()).isEqualTo(8);
    assertThatThrownBy(() -> ViTShape.of("vit-tiny", 5, 32))
        .hasMessageContaining("--patch")
        .hasMessageContaining("5 does not divide pictures of 32 pixels")
        .hasMessageContaining("[1, 2, 4, 8, 16, 32]");
  }
}
