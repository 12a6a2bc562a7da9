package dev.millrace.vision.encoder.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Safetensors;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.encoder.vit.ViTShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vision transformers in files, Millrace's own and others'. */
final class ViTFileTest {
  private static final Device CPU = new Device("cpu");
  private static final ViTShape TINY = ViTShape.of("vit-tiny", 8, 16);

  @TempDir private Path folder;

  @BeforeAll
  static void natives() {
    Natives.load();
  }

  private static EncoderFile fresh() {
    EncoderFile encoder = EncoderFile.untrained(TINY, 16, Map.of(), CPU);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      encoder
          .net()
          .state()
          .forEach(
              (name, tensor) ->
                  tensor.copy_(
                      torch
                          .arange(new Scalar((double) tensor.numel()))
                          .sin()
                          .mul(new Scalar(0.02))
                          .view_as(tensor)));
    }
    return encoder;
  }

  private static Tensor features(EncoderFile encoder) {
    return encoder.net().forward(torch.ones(2, 3, 16, 16), false);
  }

  /** As timm's scripts save it. */
  private Path theirs(EncoderFile encoder, String prefix, String... more) throws IOException {
    Map<String, Tensor> state = new LinkedHashMap<>();
    encoder.net().state().forEach((name, tensor) -> state.put(prefix + name, tensor.detach()));
    for (String name : more) {
      state.put(prefix + name, torch.ones(10, 192));
    }
    Path file = folder.resolve("theirs.safetensors");
    Safetensors.write(file, state, Map.of());
    return file;
  }

  @Test
  void anEncoderComesBackAsItWasWritten() throws IOException {
    Path file = folder.resolve("encoder.safetensors");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = fresh()) {
      EncoderFile.write(file, encoder.net(), 16, Normalisation.imagenet(), Map.of());
      try (EncoderFile read = EncoderFile.read(file, CPU)) {
        assertThat(read.net().spec()).isEqualTo(TINY);
        assertThat(read.metadata())
            .containsEntry("architecture", "vit-tiny")
            .containsEntry("patch", "8")
            .containsEntry("size", "16")
            .doesNotContainKeys("width", "stem");
        assertThat(features(read).equal(features(encoder))).isTrue();
      }
    }
  }

  @Test
  void weightsOfOthersAreFoundAfterAPrefixAndWithoutTheirHead() throws IOException {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = fresh()) {
      Path file = theirs(encoder, "module.backbone.", "head.weight");
      EncoderWeights weights = EncoderWeights.of(file);
      assertThat(weights.spec()).isEqualTo(TINY);
      assertThat(weights.leftOut()).containsExactly("module.backbone.head.weight");
      try (EncoderFile read = EncoderFile.read(file, 224, CPU)) {
        assertThat(read.size()).isEqualTo(16); // its positions say so
        assertThat(features(read).equal(features(encoder))).isTrue();
      }
    }
  }

  @Test
  void mocoV3sSmallTransformerIsRefusedForItsHeads() throws IOException {
    ViTShape small = ViTShape.of("vit-small", 8, 16);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = EncoderFile.untrained(small, 16, Map.of(), CPU)) {
      Path named = theirs(encoder, "module.base_encoder.", "head.weight");
      assertThat(EncoderWeights.of(named).spec())
          .isEqualTo(small); // of whoever trains by that name
      assertThat(EncoderWeights.of(theirs(encoder, "module.")).spec()).isEqualTo(small);
      Tensor positions = encoder.net().state().get("pos_embed");
      positions.copy_(sines(2, 384, false)); // MAE's order, whose heads nothing tells
      assertThat(EncoderWeights.of(theirs(encoder, "")).spec()).isEqualTo(small);
      positions.copy_(sines(2, 384, true));
      refusedForItsHeads(theirs(encoder, ""), small);
      refusedForItsHeads(theirs(encoder, "module.base_encoder.", "head.weight"), small);
    }
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = fresh()) {
      Path file = theirs(encoder, "module.base_encoder.");
      assertThat(EncoderWeights.of(file).spec()).isEqualTo(TINY);
    }
  }

  private static void refusedForItsHeads(Path file, ViTShape small) throws IOException {
    EncoderWeights weights = EncoderWeights.of(file);
    assertThatThrownBy(weights::spec)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("12 heads of 32; expected 6 heads of 64");
    assertThatThrownBy(() -> weights.requireFit(small, "--init"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MoCo v3's ViT-S");
  }

  /** Fixed positions of a square grid, zeros first. */
  private static Tensor sines(int grid, int dim, boolean rowsFirst) {
    float[] values = new float[(1 + grid * grid) * dim];
    for (int i = dim; i < values.length; i++) {
      int patch = i / dim - 1;
      int kind = i % dim / (dim / 4);
      int along = kind < 2 == rowsFirst ? patch / grid : patch % grid;
      double angle = along * Math.pow(10_000, -(i % (dim / 4)) / (dim / 4.0));
      values[i] = (float) (kind % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
    }
    return torch.tensor(values).view(1, 1 + (long) grid * grid, dim);
  }

  @Test
  void namesOfBlocksHaveTheSameDigitsInEveryLocale() throws IOException {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        EncoderFile encoder = fresh()) {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      assertThat(EncoderWeights.of(theirs(encoder, "")).spec()).isEqualTo(TINY);
      assertThat(TINY.python()).contains("img_size=16, patch_size=8");
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  @Test
  void anotherNetOrATokenTooManyIsRefusedByName() throws IOException {
    try (PointerScope scope = new PointerScope();
        EncoderFile encoder = fresh()) {
      EncoderWeights weights = EncoderWeights.of(theirs(encoder, ""));
      EncoderSpec other = new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL);
      assertThatThrownBy(() -> weights.requireFit(other, "--init"))
          .hasMessageContaining("does not fit resnet18 of width 16")
          .hasMessageContaining("`--encoder vit-tiny --patch 8 --size 16` fits this file");
      Path distilled = theirs(encoder, "", "dist_token");
      assertThatThrownBy(() -> EncoderWeights.of(distilled).spec())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("looks like vit-tiny")
          .hasMessageContaining("unexpected (dist_token)");
    }
  }

  @Test
  void aPatchThatCannotBeIsRefusedAsDamage() throws IOException {
    EncoderClaims claims =
        new EncoderClaims(
            Path.of("a.safetensors"),
            Map.of("architecture", "vit-tiny", "size", "16", "patch", "5"));
    assertThatThrownBy(claims::spec)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("5 for patch, expected one of [1, 2, 4, 8, 16]");
  }
}
