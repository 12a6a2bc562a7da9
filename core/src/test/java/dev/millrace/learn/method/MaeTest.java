package dev.millrace.learn.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.network.Mode;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Network;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.encoder.vit.ViTShape;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MaeTest {
  private static final int PICTURES = 4;
  private static final int SIZE = 16;
  private static final int PATCH = 4;
  private static final int PATCHES = 16;
  private static final Mae.Settings SETTINGS = new Mae.Settings(0.75, true, 8, 1, 2);
  private static final EncoderSpec ENCODER = new ViTShape("vit-tiny", 12, 2, 3, PATCH, SIZE);

  @BeforeAll
  static void natives() {
    Natives.load();
    Natives.threads(1);
  }

  private static Network network() {
    return Network.of(ENCODER, Mae.heads(SETTINGS, ENCODER), new Device("cpu"), Precision.FP32, 1);
  }

  private static Views views() {
    float[] values = new float[PICTURES * 3 * SIZE * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Draw.of(1, "pictures", i).gaussian();
    }
    return new Views(
        List.of(torch.from_blob(new FloatPointer(values), PICTURES, 3, SIZE, SIZE).clone()), null);
  }

  private static Moment at(long step) {
    return new Moment(0, 0, 0, 1, step);
  }

  @Test
  void threeQuartersOfEachPicturesPatchesAreHiddenAndOthersInEveryStep() {
    try (PointerScope scope = new PointerScope();
        Network network = network();
        Mae method = new Mae(SETTINGS, network, 1)) {
      method.beforeStep(at(3));
      Tensor one = mask(method);
      assertThat(one.sum(1).eq(new Scalar(0.75 * PATCHES)).all().item_bool()).isTrue();
      assertThat(one.select(0, 0).equal(one.select(0, 1))).isFalse();
      assertThat(mask(method).equal(one)).isTrue();
      method.beforeStep(at(4));
      assertThat(mask(method).equal(one)).isFalse();
    }
  }

  private static Tensor mask(Mae method) {
    return method.targets(views(), null, Mode.TRAINING).mask();
  }

  @Test
  void whatIsHiddenReachesTheLossAndNothingElse() {
    try (PointerScope scope = new PointerScope();
        Network network = network();
        Mae method = new Mae(SETTINGS, network, 1)) {
      method.beforeStep(at(0));
      Views views = views();
      Outputs made = method.outputs(views, Mode.TRAINING);
      Tensor hidden =
          method
              .targets(views, made, Mode.TRAINING)
              .mask()
              .view(PICTURES, 1, SIZE / PATCH, SIZE / PATCH)
              .repeat_interleave(PATCH, new LongOptional(2), new LongOptional())
              .repeat_interleave(PATCH, new LongOptional(3), new LongOptional());
      Tensor noise = views.view(0).roll(new long[] {1}, new long[] {0});
      Views other = new Views(List.of(views.view(0).add(noise.mul(hidden))), null);
      Outputs same = method.outputs(other, Mode.TRAINING);
      assertThat(same.features().get(0).equal(made.features().get(0))).isTrue();
      assertThat(same.predictions().get(0).equal(made.predictions().get(0))).isTrue();
      double before = method.loss(made, method.targets(views, made, Mode.TRAINING)).item_double();
      double after = method.loss(same, method.targets(other, same, Mode.TRAINING)).item_double();
      assertThat(after).isNotEqualTo(before);
      Views shown =
          new Views(List.of(views.view(0).add(noise.mul(hidden.neg().add(new Scalar(1.0))))), null);
      assertThat(
              method.outputs(shown, Mode.TRAINING).features().get(0).equal(made.features().get(0)))
          .isFalse();
    }
  }

  @Test
  void withNothingHiddenTheClassTokenIsTheEncodersFeatures() {
    try (PointerScope scope = new PointerScope();
        Network network = network()) {
      Tensor pictures = views().view(0);
      Tensor all =
          torch
              .arange(new Scalar(PATCHES))
              .to(torch.ScalarType.Long)
              .unsqueeze(0)
              .expand(PICTURES, -1);
      Tensor tokens = network.tokens(pictures, all, Mode.TRAINING);
      assertThat(
              tokens
                  .select(1, 0)
                  .sub(network.features(pictures, Mode.TRAINING))
                  .abs()
                  .max()
                  .item_double())
          .isLessThan(1e-5);
    }
  }

  @Test
  void encoderAndDecoderLearnToTheLastWeight() {
    try (PointerScope scope = new PointerScope();
        Network network = network();
        Mae method = new Mae(SETTINGS, network, 1)) {
      method.beforeStep(at(0));
      Outputs made = method.outputs(views(), Mode.TRAINING);
      method.loss(made, method.targets(views(), made, Mode.TRAINING)).backward();
      for (String name :
          List.of(
              "encoder.cls_token",
              "encoder.norm.weight",
              "decoder.mask_token",
              "decoder.pos_embed",
              "decoder.blocks.0.attn.qkv.weight",
              "decoder.pred.bias")) {
        assertThat(network.weights().get(name).grad().abs().max().item_double())
            .as(name)
            .isPositive();
      }
    }
  }

  @Test
  void anEncoderWithoutPatchesIsRefusedByName() {
    assertThatThrownBy(
            () -> Mae.heads(SETTINGS, new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL)))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--method mae hides patches of a vision transformer, and --encoder is resnet18; give --encoder vit-tiny or vit-small, or another --method");
  }
}
