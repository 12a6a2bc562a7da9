package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.file.Sha256;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbedIT {
  private static final int PICTURES = 1500;

  @TempDir private static Path folder;

  private static Path encoder;

  @BeforeAll
  static void encoder() throws IOException {
    Natives.load();
    encoder = folder.resolve("encoder.safetensors");
    ResNetShape shape = new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL);
    try (EncoderFile net = EncoderFile.untrained(shape, 32, Map.of(), new Device("cpu"))) {
      net.net().initialise(Draw.of(1, "encoder"));
      EncoderFile.write(encoder, net.net(), 32, Normalisation.imagenet(), Map.of());
    }
  }

  private static String[] embed(Path out) {
    return new String[] {
      "embed",
      "--weights",
      encoder.toString(),
      "--data",
      "generated:images=" + (PICTURES - 10) + ",test=10,classes=4",
      "--out",
      out.toString(),
      "--threads",
      "1",
      "--json"
    };
  }

  /** Whether so many bytes of vectors are there. */
  private static boolean grown(Path out, long bytes) {
    try {
      return Files.size(Path.of(out + ".unfinished")) > bytes;
    } catch (IOException e) {
      return false; // not there yet
    }
  }

  @Test
  void killedAndStoppedTheSameCommandEndsWithTheFileOfOneThatNeverWas() throws Exception {
    Path whole = folder.resolve("whole.parquet");
    JsonNode json = Command.done(embed(whole)).json();
    assertThat(json.path("images").asInt()).isEqualTo(PICTURES);
    assertThat(json.path("dim").asInt()).isEqualTo(128);
    assertThat(json.path("images_per_s").asDouble()).isPositive();
    assertThat(json.path("out").asText()).isEqualTo(whole.toString());
    assertThat(json.path("quarantined").asInt(-1)).isZero();
    assertThat(json.path("encoder_sha256").asText()).isEqualTo(Sha256.of(encoder));

    Path out = folder.resolve("killed.parquet");
    Command killed = Command.start(embed(out));
    assertThat(killed.reaches(() -> grown(out, 100_000))).isTrue();
    killed.kill();
    assertThat(killed.await().code()).isEqualTo(137);
    long there = Files.size(Path.of(out + ".unfinished"));

    Command stopped = Command.start(embed(out));
    assertThat(stopped.reaches(() -> grown(out, there + 100_000))).isTrue();
    stopped.terminate();
    Command.Ended ended = stopped.await();
    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.err()).contains("continuing after", "the same command goes on from there");
    assertThat(ended.out()).isEmpty();
    assertThat(out).doesNotExist();

    assertThat(Command.done(embed(out)).json().path("images").asInt()).isEqualTo(PICTURES);
    assertThat(out).hasSameBinaryContentAs(whole);
    assertThat(Path.of(out + ".unfinished")).doesNotExist();
  }
}
