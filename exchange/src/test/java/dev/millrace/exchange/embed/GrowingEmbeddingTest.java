package dev.millrace.exchange.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.file.Finding;
import dev.millrace.inference.Encoder;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Folders;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings of sets that grow, shrink and become more. */
class GrowingEmbeddingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path shared;
  private static ImageSet drawn;

  @TempDir Path folder;

  @BeforeAll
  static void encoders() throws IOException {
    Natives.load();
    drawn = Catalogue.standard().open("generated:images=700;classes=4;size=16").train();
    for (int seed = 1; seed <= 2; seed++) {
      try (EncoderFile net =
          EncoderFile.untrained(
              new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
              16,
              Map.of(),
              new Device("cpu"))) {
        net.net().initialise(Draw.of(seed, "encoder"));
        EncoderFile.write(encoder(seed), net.net(), 16, Normalisation.imagenet(), Map.of());
      }
    }
  }

  private static Path encoder(int seed) {
    return shared.resolve("encoder-" + seed + ".safetensors");
  }

  private Path add(String set, int from, int to) throws IOException {
    Path at = Files.createDirectories(folder.resolve(set));
    for (int i = from; i < to; i++) {
      Files.write(at.resolve("p%03d.ppm".formatted(i)), drawn.image(i).bytes());
    }
    return at;
  }

  private static Embedding.Request request(int seed, Path out, boolean keep, Path... sets) {
    List<String> data = new ArrayList<>();
    for (Path set : sets) {
      data.add(set.toString());
    }
    return new Embedding.Request(
        encoder(seed),
        data,
        "all",
        0,
        out,
        new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1),
        0.1,
        Folders.AUTO,
        keep);
  }

  private static Embedding.Outcome embed(Embedding.Request request) throws IOException {
    return Embedding.embed(request, new Embedding.Listener() {});
  }

  private static List<JsonNode> rows(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }

  /** As if it had been embedded at once. */
  private void requireAsFresh(Path grown, Path... sets) throws IOException {
    Path fresh = folder.resolve("fresh.jsonl");
    Files.deleteIfExists(fresh);
    embed(request(1, fresh, false, sets));
    List<JsonNode> is = rows(grown);
    List<JsonNode> wanted = rows(fresh);
    assertThat(is).hasSameSizeAs(wanted);
    for (int i = 0; i < is.size(); i++) {
      assertThat(is.get(i).path("id")).isEqualTo(wanted.get(i).path("id"));
      assertThat(is.get(i).path("path")).isEqualTo(wanted.get(i).path("path"));
      for (int d = 0; d < is.get(i).path("vector").size(); d++) {
        assertThat(is.get(i).path("vector").get(d).asDouble())
            .isCloseTo(wanted.get(i).path("vector").get(d).asDouble(), within(1e-4));
      }
    }
    assertThat(Embedding.examine(grown)).allMatch(Finding::ok);
  }

  @Test
  void onlyPicturesThatAreNewOrOthersAreComputed() throws IOException {
    Path set = add("photos", 0, 320);
    Path out = folder.resolve("x.jsonl");
    assertThat(embed(request(1, out, true, set)).computed()).isEqualTo(320);
    assertThat(embed(request(1, out, true, set)).computed()).isZero();
    add("photos", 320, 330);
    Files.delete(set.resolve("p000.ppm"));
    Files.delete(set.resolve("p011.ppm"));
    Files.writeString(set.resolve("p020.ppm"), "P3 1 1 255\n9 8 7\n"); // another under its name
    Files.writeString(set.resolve("p325.ppm"), "no picture");
    Embedding.Outcome grown = embed(request(1, out, true, set));
    assertThat(grown.computed()).isEqualTo(10 + 1);
    assertThat(grown.images()).isEqualTo(327);
    assertThat(grown.quarantined()).isEqualTo(1);
    requireAsFresh(out, set);
    Files.write(set.resolve("p325.ppm"), drawn.image(325).bytes());
    assertThat(embed(request(1, out, true, set)).computed()).isEqualTo(1);
    assertThat(Embedding.quarantine(out)).doesNotExist();
    requireAsFresh(out, set);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.npy", "x.parquet"})
  void everyFormatIsBroughtUpToItsSets(String name) throws IOException {
    Path set = add("photos", 0, 20);
    Path out = folder.resolve(name);
    embed(request(1, out, true, set));
    long before = Files.size(out);
    add("photos", 20, 25);
    Embedding.Outcome grown = embed(request(1, out, true, set));
    assertThat(grown.computed()).isEqualTo(5);
    assertThat(grown.images()).isEqualTo(25);
    assertThat(Files.size(out)).isGreaterThan(before);
    assertThat(Embedding.examine(out)).allMatch(Finding::ok);
  }

  @Test
  void anotherSetBesideTheFirstIsComputedAlone() throws IOException {
    Path photos = add("photos", 0, 30);
    Path more = add("more", 30, 37);
    Path out = folder.resolve("x.jsonl");
    embed(request(1, out, true, photos));
    assertThat(embed(request(1, out, true, photos, more)).computed()).isEqualTo(7);
    assertThat(rows(out)).extracting(row -> row.path("path").asText()).contains("more/p033.ppm");
    requireAsFresh(out, photos, more);
  }

  @Test
  void aStoppedUpdateIsContinuedAndTheFileStaysWholeMeanwhile() throws IOException {
    Path set = add("photos", 0, 10);
    Path out = folder.resolve("x.jsonl");
    embed(request(1, out, true, set));
    byte[] before = Files.readAllBytes(out);
    add("photos", 10, 700);
    assertThatThrownBy(() -> Embedding.embed(request(1, out, true, set), stopAt(260)))
        .isInstanceOf(CancellationException.class);
    assertThat(out).hasBinaryContent(before);
    assertThat(embed(request(1, out, true, set)).computed()).isBetween(1, 500);
    requireAsFresh(out, set);
  }

  private static Embedding.Listener stopAt(int most) {
    return new Embedding.Listener() {
      private boolean stop;

      @Override
      public void embedded(int pictures, int of, long bad) {
        stop |= pictures >= most;
      }

      @Override
      public boolean stop() {
        return stop;
      }
    };
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStoppedCallTakesOverWhatItHadWhenItsSetHasChangedSince(boolean finishedBefore)
      throws IOException {
    Path set = add("photos", 0, 10);
    Path out = folder.resolve("x.jsonl");
    if (finishedBefore) {
      embed(request(1, out, true, set));
    }
    add("photos", 10, 600);
    assertThatThrownBy(() -> Embedding.embed(request(1, out, true, set), stopAt(260)))
        .isInstanceOf(CancellationException.class);
    add("photos", 600, 605);
    Files.delete(set.resolve("p005.ppm"));
    Files.writeString(set.resolve("p100.ppm"), "P3 1 1 255\n9 8 7\n"); // another under its name
    int had = finishedBefore ? 260 : 250;
    int computed = embed(request(1, out, true, set)).computed();
    assertThat(computed).isBetween(1, 605 - had + 1);
    requireAsFresh(out, set);
  }

  @Test
  void stoppedAgainAndAgainWhileItsSetGrowsItLosesNothing() throws IOException {
    Path set = add("photos", 0, 300);
    Path out = folder.resolve("x.jsonl");
    for (int size = 301; size <= 304; size++) {
      assertThatThrownBy(() -> Embedding.embed(request(1, out, true, set), stopAt(250)))
          .isInstanceOf(CancellationException.class);
      add("photos", size - 1, size);
    }
    assertThat(embed(request(1, out, true, set)).computed()).isLessThanOrEqualTo(54);
    requireAsFresh(out, set);
  }

  @Test
  void withoutKeptVectorsAChangedSetIsRefusedWithTheFlagThatTakesThemOver() throws IOException {
    Path set = add("photos", 0, 300);
    Path out = folder.resolve("x.jsonl");
    assertThatThrownBy(() -> Embedding.embed(request(1, out, false, set), stopAt(250)))
        .isInstanceOf(CancellationException.class);
    add("photos", 300, 301);
    assertThatThrownBy(() -> embed(request(1, out, false, set)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data_sha256 is ")
        .hasMessageContaining("add --keep-vectors to take over");
    assertThat(embed(request(1, out, true, set)).computed()).isLessThanOrEqualTo(51);
    requireAsFresh(out, set);
  }

  @Test
  void vectorsOfAnotherEncoderOrNobodysFileAreRefused() throws IOException {
    Path set = add("photos", 0, 10);
    Path out = folder.resolve("x.jsonl");
    embed(request(1, out, true, set));
    byte[] before = Files.readAllBytes(out);
    assertThatThrownBy(() -> embed(request(2, out, true, set)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x.jsonl.vectors holds vectors of another kind: encoder_sha256 is ");
    assertThat(Embedding.unfinished(out)).doesNotExist();
    assertThatThrownBy(() -> embed(request(1, out, false, set)))
        .hasMessageContaining("or give --keep-vectors to bring it up to its sets");
    Path other = Files.writeString(folder.resolve("y.jsonl"), "somebody's\n");
    assertThatThrownBy(() -> embed(request(1, other, true, set)))
        .hasMessageContaining("y.jsonl exists already");
    byte[] vectors = Files.readAllBytes(Embedding.vectors(out));
    vectors[vectors.length - 3] ^= 1;
    Files.write(Embedding.vectors(out), vectors);
    add("photos", 10, 12);
    assertThatThrownBy(() -> embed(request(1, out, true, set)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x.jsonl.vectors is damaged");
    assertThat(out).hasBinaryContent(before);
  }
}
