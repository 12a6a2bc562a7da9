package dev.millrace.exchange.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Precision;
import dev.millrace.exchange.Encoders;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScriptModelTest {
  private static final ResNetShape SMALL = new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL);

  @TempDir private Path folder;

  private Path write(EncoderFile encoder) {
    Path file = folder.resolve("encoder.pt");
    try (FrozenEncoder net = encoder.net().freeze(Precision.FP32)) {
      ScriptModel.write(file, net, encoder.normalisation(), Map.of("who", "me"));
    }
    return file;
  }

  @Test
  void picturesOfAnyNumberAndSizeGiveLibtorchsFeatures() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 32);
        PointerScope scope = new PointerScope();
        ScriptSession session = new ScriptSession(write(encoder))) {
      for (long[] s : new long[][] {{1, 32, 32}, {3, 32, 32}, {2, 17, 40}}) {
        Tensor pixels = Encoders.pixels(s[0], s[1], s[2]);
        assertThat(Encoders.apart(session.features(pixels), Encoders.truth(encoder, pixels)))
            .as(List.of(s[0], s[1], s[2]).toString())
            .isLessThan(1e-5);
      }
    }
  }

  @Test
  void itsProgramHasTheSameDigitsInEveryLocale() throws IOException {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR-u-nu-arabext"));
      picturesOfAnyNumberAndSizeGiveLibtorchsFeatures();
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  @Test
  void theFileSaysWhatItIs() throws IOException {
    try (EncoderFile encoder = Encoders.of(SMALL, 32);
        ZipFile zip = new ZipFile(write(encoder).toFile())) {
      byte[] about =
          zip.getInputStream(zip.getEntry("encoder/extra/" + ScriptModel.ABOUT)).readAllBytes();
      assertThat(new String(about, StandardCharsets.UTF_8)).isEqualTo("{\"who\":\"me\"}");
    }
  }

  @Test
  void aBrokenFileIsRefusedByName() throws IOException {
    Path file = Files.writeString(folder.resolve("broken.pt"), "no module");
    assertThatThrownBy(() -> new ScriptSession(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("libtorch refuses")
        .hasMessageContaining("broken.pt");
  }
}
