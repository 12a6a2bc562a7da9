package dev.millrace.exchange.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.file.Finding;
import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.inference.Encoder;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SIZE = 8;

  /** More than two batches of 250, none a multiple of one; half of them in each part. */
  private static final int PICTURES = 610;

  @TempDir static Path shared;
  private static Path set;

  /** The same with bad pictures at places 0, 304 and 555 of 610. */
  private static Path spotted;

  private static Path encoder;
  private static Path otherEncoder;

  @TempDir Path folder;
  private Path out;

  @BeforeAll
  static void data() throws IOException {
    Natives.load();
    encoder = encoder(1);
    otherEncoder = encoder(2);
    set = pictures(shared.resolve("set"), PICTURES);
    spotted = pictures(shared.resolve("spotted"), PICTURES, 0, 501, 608);
  }

  @BeforeEach
  void out() {
    out = folder.resolve("deep/x.jsonl");
  }

  private static Path encoder(int seed) throws IOException {
    Path file = shared.resolve("encoder-" + seed + ".safetensors");
    try (EncoderFile net =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL),
            SIZE,
            Map.of(),
            new Device("cpu"))) {
      net.net().initialise(Draw.of(seed, "encoder"));
      EncoderFile.write(file, net.net(), SIZE, Normalisation.imagenet(), Map.of());
    }
    return file;
  }

  private static Path file(Path data, int i) {
    return data.resolve(
        "%s/%s/%04d.ppm".formatted(i % 2 == 0 ? "train" : "test", i % 3 == 0 ? "a" : "b", i));
  }

  private static void picture(Path data, int i) throws IOException {
    byte[] head = "P6 9 8 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Arrays.copyOf(head, head.length + 3 * 9 * 8);
    for (int at = head.length; at < bytes.length; at++) {
      bytes[at] = (byte) (at * (i + 3));
    }
    Files.createDirectories(file(data, i).getParent());
    Files.write(file(data, i), bytes);
  }

  private static Path pictures(Path data, int n, int... bad) throws IOException {
    for (int i = 0; i < n; i++) {
      picture(data, i);
    }
    for (int i : bad) {
      Files.writeString(file(data, i), "no picture");
    }
    return data;
  }

  private static Encoder.Options options() {
    return new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1);
  }

  private Embedding.Request request(Path data) {
    return new Embedding.Request(encoder, data.toString(), "all", 0, out, options(), 0.01);
  }

  private static Embedding.Outcome embed(Embedding.Request request) throws IOException {
    return Embedding.embed(request, new Catalogue(null, shared), new Embedding.Listener() {});
  }

  /** Stops when so many pictures are done; {@code -1} for when the file is being written. */
  private static final class StopAt implements Embedding.Listener {
    private final int pictures;
    private boolean stop;

    StopAt(int pictures) {
      this.pictures = pictures;
    }

    @Override
    public void embedded(int done, int of, long bad) {
      stop |= pictures >= 0 && done >= pictures;
    }

    @Override
    public void writing(long rows) {
      stop |= pictures < 0;
    }

    @Override
    public boolean stop() {
      return stop;
    }
  }

  private static void stopped(Embedding.Request request, int at) {
    assertThatThrownBy(() -> Embedding.embed(request, new Catalogue(null, shared), new StopAt(at)))
        .isInstanceOf(CancellationException.class);
    assertThat(request.out()).doesNotExist();
    assertThat(Embedding.unfinished(request.out())).exists();
  }

  private List<JsonNode> rows() throws IOException {
    return lines(out);
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(out.getParent())) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void everyPictureHasTheVectorThatTheEncoderGivesItAlone() throws Exception {
    Embedding.Outcome outcome = embed(request(set));
    assertThat(outcome.images()).isEqualTo(PICTURES);
    assertThat(outcome.dim()).isEqualTo(16);
    assertThat(outcome.quarantined()).isZero();
    List<JsonNode> rows = rows();
    assertThat(rows).hasSize(PICTURES);
    try (Encoder alone = Encoder.load(encoder, options())) {
      assertThat(outcome.encoder()).isEqualTo(alone.sha256());
      for (int i = 0; i < PICTURES; i += 41) {
        JsonNode row = rows.get(i);
        Path picture = set.resolve(row.path("path").asText());
        float[] expected = alone.embed(picture);
        for (int d = 0; d < 16; d++) {
          assertThat(row.path("vector").get(d).floatValue())
              .isCloseTo(expected[d], org.assertj.core.api.Assertions.within(1e-5f));
        }
        assertThat(row.path("id").asInt()).isEqualTo(i);
        assertThat(row.path("part").asText()).isEqualTo(i < PICTURES / 2 ? "train" : "test");
        assertThat(row.path("label").asText())
            .isEqualTo(picture.getName(picture.getNameCount() - 2).toString());
      }
    }
    assertThat(names()).containsExactly("x.jsonl", "x.jsonl.json", "x.jsonl.sha256");
  }

  @Test
  void theFilesSayWhatTheyAreOf() throws Exception {
    embed(request(set));
    JsonNode about = JSON.readTree(folder.resolve("deep/x.jsonl.json").toFile());
    assertThat(about.path("encoder_sha256").asText()).isEqualTo(Sha256.of(encoder));
    assertThat(about.path("size").asInt()).isEqualTo(SIZE);
    assertThat(about.path("precision").asText()).isEqualTo("fp32");
    assertThat(about.path("data").asText()).isEqualTo("set");
    assertThat(about.path("data_sha256").asText()).hasSize(64);
    assertThat(about.path("rows").asInt()).isEqualTo(PICTURES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.parquet", "x.npy", "x.jsonl"})
  void stoppedAtAnyPointItGoesOnToTheFileOfOneNeverStopped(String name) throws Exception {
    out = folder.resolve("whole/" + name);
    embed(request(spotted));
    Map<String, byte[]> whole = content(out.getParent());
    out = folder.resolve("stopped/" + name);
    for (int at : new int[] {0, 250, 500, PICTURES, -1}) {
      stopped(request(spotted), at);
    }
    Embedding.Outcome outcome = embed(request(spotted));
    assertThat(outcome.images()).isEqualTo(PICTURES - 3);
    assertThat(content(out.getParent())).containsExactlyEntriesOf(whole);
  }

  private static Map<String, byte[]> content(Path folder) throws IOException {
    Map<String, byte[]> content = new java.util.TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        content.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return content;
  }

  @Test
  void cutOffInTheMiddleOfABatchItGoesOnToTheSameFile() throws Exception {
    embed(request(set));
    byte[] whole = Files.readAllBytes(out);
    Files.delete(out);
    stopped(request(set), 500);
    Path journal = Embedding.unfinished(out);
    byte[] there = Files.readAllBytes(journal);
    Files.write(journal, Arrays.copyOf(there, there.length - 777));
    Files.writeString(out.resolveSibling(".x.jsonl.partial"), "killed while writing");
    embed(request(set));
    assertThat(out).hasBinaryContent(whole);
    assertThat(names()).containsExactly("x.jsonl", "x.jsonl.json", "x.jsonl.sha256");
  }

  @Test
  void picturesOfAnotherSizeUnderTheSameNamesAreNoContinuation() throws Exception {
    Path data = pictures(folder.resolve("data"), PICTURES);
    stopped(request(data), 500);
    Files.write(file(data, 7), new byte[1], java.nio.file.StandardOpenOption.APPEND);
    assertThatThrownBy(() -> embed(request(data)))
        .hasMessageContaining("other pictures under the same names")
        .hasMessageContaining("remove it to start over");
    Files.delete(Embedding.unfinished(out));
    embed(request(data));
  }

  @Test
  void aPartAndAShareOfIt() throws Exception {
    embed(new Embedding.Request(encoder, set.toString(), "test", 20, out, options(), 0.01));
    List<JsonNode> rows = rows();
    assertThat(rows).hasSize(20);
    assertThat(rows).allMatch(row -> row.path("path").asText().startsWith("test/"));
    assertThat(rows.get(19).path("id").asInt()).isEqualTo(19);
  }

  @Test
  void picturesWithoutAClassHaveNoLabel() throws Exception {
    Path flat = Files.createDirectories(folder.resolve("flat"));
    Files.copy(file(set, 0), flat.resolve("a.ppm"));
    embed(request(flat));
    assertThat(rows().get(0).path("label").isNull()).isTrue();
  }

  @Test
  void badPicturesAreLeftOutAndListed() throws Exception {
    Embedding.Outcome outcome = embed(request(spotted));
    assertThat(outcome.images()).isEqualTo(PICTURES - 3);
    assertThat(outcome.quarantined()).isEqualTo(3);
    List<JsonNode> bad = lines(Embedding.quarantine(out));
    assertThat(bad.stream().map(b -> b.path("path").asText()))
        .containsExactly("train/a/0000.ppm", "train/b/0608.ppm", "test/a/0501.ppm");
    assertThat(bad.get(0).path("reason").asText()).contains("not a picture");
    assertThat(bad.get(2).path("part").asText()).isEqualTo("test");
    List<Integer> ids = rows().stream().map(row -> row.path("id").asInt()).toList();
    List<Integer> badIds = bad.stream().map(b -> b.path("id").asInt()).toList();
    assertThat(ids)
        .isEqualTo(IntStream.range(0, PICTURES).boxed().filter(i -> !badIds.contains(i)).toList());
    assertThat(rows())
        .allMatch(row -> row.path("path").asText().matches("(train|test)/[ab]/\\d{4}.ppm"));
  }

  @Test
  void tooManyBadPicturesAreRefusedWithTheWholeListAndTakenUpOnceTheyAreMended() throws Exception {
    Path data = pictures(folder.resolve("data"), PICTURES, 0, 4, 8, 200, 12, 16, 609, 607);
    for (int i = 0; i < 2; i++) { // the second time from the unfinished file
      assertThatThrownBy(() -> embed(request(data)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("8 of the 610 pictures of data cannot be decoded")
          .hasMessageContaining("--max-bad 0.01")
          .hasMessageContaining("train/a/0000.ppm (not a picture")
          .hasMessageContaining("x.jsonl.quarantine.jsonl");
      assertThat(out).doesNotExist();
      assertThat(lines(Embedding.quarantine(out))).hasSize(8);
    }
    picture(data, 609);
    picture(data, 607);
    picture(data, 16);
    Embedding.Outcome outcome = embed(request(data));
    assertThat(outcome.quarantined()).isEqualTo(5);
    assertThat(lines(Embedding.quarantine(out))).hasSize(5);
    assertThat(rows().stream().map(row -> row.path("path").asText()))
        .contains("train/b/0016.ppm", "test/a/0609.ppm")
        .doesNotContain("train/b/0200.ppm");
  }

  @Test
  void whatMaxBadAllowsIsAllowed() throws Exception {
    Path data = pictures(folder.resolve("data"), 10, IntStream.range(0, 10).toArray());
    Embedding.Outcome outcome =
        embed(new Embedding.Request(encoder, data.toString(), "all", 0, out, options(), 1));
    assertThat(outcome.images()).isZero();
    assertThat(outcome.quarantined()).isEqualTo(10);
    assertThat(out).isEmptyFile();
  }

  @Test
  void anOldListOfBadPicturesDoesNotStayBesideAFileWithoutAny() throws Exception {
    Files.createDirectories(out.getParent());
    Files.writeString(Embedding.quarantine(out), "{}\n");
    embed(request(set));
    assertThat(Embedding.quarantine(out)).doesNotExist();
  }

  @Test
  void killedBetweenTheFilesPlaceAndTheJournalsEndItIsFinishedByTheSameCall() throws Exception {
    stopped(request(set), -1);
    Path journal = Embedding.unfinished(out);
    byte[] kept = Files.readAllBytes(journal);
    embed(request(set));
    byte[] whole = Files.readAllBytes(out);
    List<String> finished = names();

    // As a kill leaves it: with and without the checksums, beside what an earlier kill left.
    for (boolean sealed : new boolean[] {true, false}) {
      Files.write(journal, kept);
      Path left = out.resolveSibling(".x.jsonl.again");
      Files.createDirectory(left);
      Files.writeString(left.resolve("x.jsonl"), "half");
      if (!sealed) {
        Files.delete(Seal.recordOf(out));
      }
      assertThat(embed(request(set)).images()).isEqualTo(PICTURES);
      assertThat(out).hasBinaryContent(whole);
      assertThat(names()).isEqualTo(finished);
      assertThat(Embedding.examine(out)).isNotEmpty().allMatch(Finding::ok);
    }
  }

  @Test
  void aStrangersFileBesideAWholeJournalIsRefusedAndLeftAsItIs() throws Exception {
    stopped(request(set), -1);
    Files.writeString(out, "precious");
    assertThatThrownBy(() -> embed(request(set)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exists already");
    assertThat(out).hasContent("precious");
    Files.delete(out);
    assertThat(embed(request(set)).images()).isEqualTo(PICTURES);
  }

  @Test
  void aFileThatExistsIsRefusedAndLeftAsItIs() throws Exception {
    Files.createDirectories(out.getParent());
    Files.writeString(out, "precious");
    assertThatThrownBy(() -> embed(request(set)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--out ")
        .hasMessageContaining("exists already");
    assertThat(out).hasContent("precious");
    assertThat(names()).containsExactly("x.jsonl");
  }

  @Test
  void theBeginningOfAnotherEmbeddingIsRefused() throws Exception {
    stopped(request(set), 250);
    Path other = pictures(folder.resolve("other"), 5);
    List<Embedding.Request> requests =
        List.of(
            new Embedding.Request(otherEncoder, set.toString(), "all", 0, out, options(), 0.01),
            request(other),
            new Embedding.Request(encoder, set.toString(), "test", 0, out, options(), 0.01),
            new Embedding.Request(encoder, set.toString(), "all", 9, out, options(), 0.01),
            new Embedding.Request(
                encoder,
                set.toString(),
                "all",
                0,
                out,
                new Encoder.Options(Precision.FP32, 16, new Device("cpu"), 1),
                0.01),
            new Embedding.Request(
                encoder, set.toString(), "all", 0, out, options().with(Precision.BF16), 0.01));
    List<String> differing =
        List.of("encoder_sha256", "data_sha256", "part", "pictures", "size", "precision");
    for (int i = 0; i < requests.size(); i++) {
      Embedding.Request request = requests.get(i);
      assertThatThrownBy(() -> embed(request))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("beginning of another embedding")
          .hasMessageContaining(differing.get(i) + " is ");
    }
    assertThat(embed(request(set)).images()).isEqualTo(PICTURES);
  }

  @Test
  void whatCannotBeIsRefusedBeforeAnythingIsWritten() {
    assertThatThrownBy(
            () -> embed(new Embedding.Request(encoder, "x", "tests", 0, out, options(), 0.01)))
        .hasMessageContaining("--part tests is unknown")
        .hasMessageContaining("nearest: test");
    assertThatThrownBy(
            () -> embed(new Embedding.Request(encoder, "x", "all", -1, out, options(), 0.01)))
        .hasMessageContaining("--images -1");
    assertThatThrownBy(
            () -> embed(new Embedding.Request(encoder, "x", "all", 0, out, options(), 1.5)))
        .hasMessageContaining("--max-bad 1.5");
    assertThatThrownBy(
            () ->
                embed(
                    new Embedding.Request(
                        encoder, "x", "all", 0, Path.of("x.csv"), options(), 0.01)))
        .hasMessageContaining("--out x.csv");
    assertThatThrownBy(
            () ->
                embed(
                    new Embedding.Request(
                        encoder, set.toString(), "validation", 0, out, options(), 0.01)))
        .hasMessageContaining("--part validation: set has no such pictures");
    assertThatThrownBy(
            () ->
                embed(
                    new Embedding.Request(
                        file(set, 0), set.toString(), "all", 0, out, options(), 0.01)))
        .isInstanceOf(IOException.class);
    assertThat(out.getParent()).doesNotExist();
  }

  @Test
  void anEncoderWhoseWeightsAreSpoiledIsRefused() throws Exception {
    Path spoiled = shared.resolve("spoiled.safetensors");
    try (EncoderFile net = EncoderFile.read(encoder, new Device("cpu"))) {
      try (org.bytedeco.javacpp.PointerScope scope = new org.bytedeco.javacpp.PointerScope();
          org.bytedeco.pytorch.NoGradGuard guard = new org.bytedeco.pytorch.NoGradGuard()) {
        net.net().state().get("conv1.weight").fill_(new org.bytedeco.pytorch.Scalar(Double.NaN));
      }
      EncoderFile.write(spoiled, net.net(), SIZE, Normalisation.imagenet(), Map.of());
    }
    assertThatThrownBy(
            () ->
                embed(
                    new Embedding.Request(spoiled, set.toString(), "all", 0, out, options(), 0.01)))
        .hasMessageContaining("its weights are spoiled");
    assertThat(out).doesNotExist();
  }
}
