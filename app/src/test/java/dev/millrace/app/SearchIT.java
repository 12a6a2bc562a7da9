package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.file.Sha256;
import dev.millrace.stream.source.Catalogue;
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

final class SearchIT {
  private static final String SET = "generated:images=790,test=10,classes=4";

  @TempDir private static Path folder;

  private static Path encoder;
  private static Path query;

  @BeforeAll
  static void encoder() throws IOException {
    Natives.load();
    encoder = folder.resolve("encoder.safetensors");
    ResNetShape shape = new ResNetShape("resnet18", 16, ResNetShape.Stem.SMALL);
    try (EncoderFile net = EncoderFile.untrained(shape, 32, Map.of(), new Device("cpu"))) {
      net.net().initialise(Draw.of(1, "encoder"));
      EncoderFile.write(encoder, net.net(), 32, Normalisation.imagenet(), Map.of());
    }
    query = folder.resolve("query.ppm");
    Files.write(query, Catalogue.standard().open(SET).train().image(700).bytes());
  }

  private static String[] search(Path page) {
    return new String[] {
      "search",
      "--weights",
      encoder.toString(),
      "--data",
      SET,
      "--query",
      query.toString(),
      "--k",
      "3",
      "--out",
      page.toString(),
      "--measure-recall",
      "100",
      "--threads",
      "1",
      "--json"
    };
  }

  @Test
  void killedAndStoppedTheSameCommandEndsWithAnIndexOfEveryPicture() throws Exception {
    Path page = folder.resolve("pages/near.html");
    Path index =
        folder.resolve("encoder.safetensors.search/generated-images-790-test-10-classes-4");
    Command killed = Command.start(search(page));
    assertThat(killed.reaches(() -> Files.exists(index.resolve("segments_1")))).isTrue();
    killed.kill();
    Command stopped = Command.start(search(page));
    assertThat(stopped.reaches(() -> Files.exists(index.resolve("segments_2")))).isTrue();
    stopped.terminate();
    Command.Ended ended = stopped.await();
    assertThat(ended.code()).as(ended.err()).isEqualTo(130);
    assertThat(ended.err()).contains("the same command goes on from there");
    assertThat(page).doesNotExist();

    Command.Ended done = Command.done(search(page));
    JsonNode json = done.json();
    assertThat(json.path("images").asInt()).isEqualTo(800);
    assertThat(json.path("dim").asInt()).isEqualTo(128);
    assertThat(json.path("built").asBoolean()).isTrue();
    assertThat(json.path("index").asText()).isEqualTo(index.toString());
    assertThat(json.path("encoder_sha256").asText()).isEqualTo(Sha256.of(encoder));
    JsonNode hits = json.path("queries").path(0).path("hits");
    assertThat(hits).hasSize(3);
    assertThat(hits.path(0).path("place").asInt()).isEqualTo(700);
    assertThat(hits.path(0).path("cosine").asDouble()).isGreaterThan(0.9999);
    assertThat(json.path("recall").path("value").asDouble()).isGreaterThanOrEqualTo(0.98);
    assertThat(page).content().contains("data:image/png;base64,");
    assertThat(done.err()).doesNotContain("WARN", "incubator", "Lucene");

    JsonNode again = Command.done(search(page)).json();
    assertThat(again.path("built").asBoolean()).isFalse();
    assertThat(again.path("queries")).isEqualTo(json.path("queries"));
  }
}
