package dev.millrace.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Sha256;
import dev.millrace.probe.detection.AnnotatedPicture;
import dev.millrace.probe.detection.FineTuning;
import dev.millrace.probe.detection.Rectangles;
import dev.millrace.probe.detection.Truth;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Detection on a real run of a few steps and a set of the user's own. */
class DetectionTaskTest {
  @TempDir static Path folder;

  private static Path run;
  private static Path set;

  @BeforeAll
  static void prepare() throws IOException {
    run =
        Millrace.pretrain(
                Settings.defaults("generated:images=64;test=8;classes=2;size=16")
                    .with(Map.of("width", 4, "size", 16, "epochs", 1, "batch", 32))
                    .with(Map.of("queue", 64, "threads", 1)),
                folder.resolve("run"))
            .run();
    set = folder.resolve("cells");
    write("train", Rectangles.pictures(4, 64, 40, 1));
    write("test", Rectangles.pictures(2, 64, 40, 2));
  }

  private static void write(String part, List<AnnotatedPicture> pictures) throws IOException {
    write(set, part, pictures);
  }

  private static void write(Path set, String part, List<AnnotatedPicture> pictures)
      throws IOException {
    Path to = Files.createDirectories(set.resolve(part));
    for (int i = 0; i < pictures.size(); i++) {
      StringBuilder xml = new StringBuilder("<annotation>");
      for (Truth t : pictures.get(i).truths()) {
        xml.append(
            "<object><name>%s</name><bndbox><xmin>%s</xmin><ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox></object>"
                .formatted(
                    Rectangles.CLASSES.get(t.label()),
                    t.box().x1() + 1,
                    t.box().y1() + 1,
                    t.box().x2(),
                    t.box().y2()));
      }
      Files.writeString(to.resolve(i + ".xml"), xml + "</annotation>");
      Files.write(to.resolve(i + ".ppm"), pictures.get(i).image().bytes());
    }
  }

  private static ProbeRequest request(
      boolean untrained, boolean raw, int epochs, int draw, String... data) {
    return ProbeRequest.of(data)
        .withTasks("detection")
        .with(new ProbeRequest.Encoders(null, false, null, untrained, raw, false, false))
        .with(
            new TaskSettings(
                List.of(),
                dev.millrace.probe.FineTuning.Settings.defaults(),
                new DetectionSettings(
                    new FineTuning.Settings(
                        3, 40, List.of(1.0), 0.5, epochs, 2, 0.02, 0.1, 0.9, 1e-4, 5),
                    draw),
                0))
        .on(1, "cpu");
  }

  @Test
  void answersAreTheSameTwiceAndStandInTheLogAndTheEncoderIsUnchanged() throws IOException {
    String before = Sha256.of(run.resolve("encoder.safetensors"));
    ProbeRequest request = request(false, false, 2, 0, set.toString());
    List<ProbeResult> results = Probing.probe(run, request);
    assertThat(Probing.probe(run, request)).isEqualTo(results);
    assertThat(results.stream().map(ProbeResult::metric))
        .startsWith("ap", "ap50", "ap75")
        .contains("ap50_voc2007", "ap/red", "ap50/red")
        .doesNotContain("ap_large");
    assertThat(results)
        .allSatisfy(
            result -> {
              assertThat(result.task()).isEqualTo("detection");
              assertThat(result.split()).isEqualTo("test");
              assertThat(result.chunk()).isZero();
              assertThat(result.value()).isBetween(0.0, 100.0);
            });
    assertThat(run.resolve("probes.jsonl")).content().contains("\"metric\":\"ap50\"");
    assertThat(Sha256.of(run.resolve("encoder.safetensors"))).isEqualTo(before);
  }

  @Test
  void drawingsAreThePicturesWithTheTruthInWhite() throws Exception {
    Probing.probe(run, request(true, false, 2, 1, set.toString()));
    List<Path> all = drawings("cells");
    assertThat(all).hasSize(1);
    Path drawn = all.get(0);
    assertThat(drawn.getFileName().toString()).matches("test-0\\.ppm-[0-9a-f]{8}\\.png");
    Pixels pixels = Decoder.decode(Files.readAllBytes(drawn));
    assertThat(pixels.width()).isEqualTo(64);
    assertThat(pixels.height()).isEqualTo(40);
    int white = 0;
    for (int i = 0; i < pixels.rgb().length; i += 3) {
      white +=
          pixels.rgb()[i] == -1 && pixels.rgb()[i + 1] == -1 && pixels.rgb()[i + 2] == -1 ? 1 : 0;
    }
    assertThat(white).isGreaterThan(20);
  }

  private static List<Path> drawings(String name) throws IOException {
    try (var files = Files.walk(run.resolve("detections"))) {
      return files
          .filter(file -> file.toString().endsWith(".png"))
          .filter(file -> file.getParent().getFileName().toString().startsWith(name + "-"))
          .toList();
    }
  }

  @Test
  void picturesOfOneNameInDifferentFoldersAndSetsOfOneNameAreDrawnEach() throws Exception {
    for (String where : List.of("a", "b")) {
      Path twins = folder.resolve(where + "/twins");
      write(twins, "train/left", Rectangles.pictures(6, 64, 40, 1)); // of both classes
      for (String part : List.of("test/left", "test/right")) {
        write(twins, part, Rectangles.pictures(1, 64, 40, part.hashCode()));
      }
      Probing.probe(run, request(true, false, 1, 9, twins.toString()));
    }
    List<Path> drawn = drawings("twins");
    assertThat(drawn).hasSize(4);
    assertThat(drawn.stream().map(Path::getParent).distinct()).hasSize(2);
    assertThat(drawn).allMatch(file -> file.getFileName().toString().startsWith("test-"));
  }

  @Test
  void aLayoutThatDetectionWouldIgnoreIsRefused() {
    assertThatThrownBy(
            () ->
                ProbeRequest.of(set.toString())
                    .withTasks("knn", "detection")
                    .with(new ProbeRequest.Pictures(0, null, "class"))
                    .on(1, "cpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--layout class")
        .hasMessageContaining("--task detection");
  }

  @Test
  void aSuiteAsksItOnceAndRawPixelsHaveNoPlaceInIt() throws IOException {
    Files.deleteIfExists(run.resolve("probes.jsonl"));
    Suite suite =
        new Suite("boxes", List.of(new Suite.Entry(set.toString(), DetectionTask.NAME, false)));
    Catalogue catalogue = new Catalogue(null, null);
    List<String> fresh = new ArrayList<>();
    ProbeListener told =
        new ProbeListener() {
          @Override
          public void answered(ProbeResult r, String encoder, double seconds, boolean kept) {
            if (!kept) {
              fresh.add(encoder + " " + r.metric());
            }
          }
        };
    Probing.suite(run, suite, request(false, false, 1, 0), catalogue, told);
    SuiteTable table =
        Probing.suite(run, suite, request(true, true, 1, 0), catalogue, told).table();
    assertThat(fresh).containsExactly("pretrained ap50", "untrained ap50");
    assertThat(table.encoders()).containsExactly("untrained", "raw-pixels", "pretrained");
    assertThat(table.rows()).hasSize(1);
    List<Double> values = table.rows().get(0).values();
    assertThat(values.get(0)).isBetween(0.0, 100.0);
    assertThat(values.get(1)).isNull();
    assertThat(values.get(2)).isBetween(0.0, 100.0);

    fresh.clear();
    Probing.suite(run, suite, request(false, false, 1, 0), catalogue, told);
    assertThat(fresh).isEmpty();
    Probing.suite(run, suite, request(false, false, 2, 0), catalogue, told);
    assertThat(fresh).as("another budget").containsExactly("pretrained ap50");
  }

  @Test
  void whatHasNoBoxesOrNoEncoderIsRefused() {
    assertThatThrownBy(() -> Probing.probe(run, request(false, true, 1, 0, set.toString())))
        .hasMessageContaining("--raw-pixels has no encoder");
    assertThatThrownBy(() -> Probing.probe(run, request(false, false, 1, 0, "generated")))
        .hasMessageContaining("--data generated has no boxes");
    assertThatThrownBy(
            () ->
                Probing.probe(
                    run, request(false, false, 1, 0, run.resolve("checkpoints").toString())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
