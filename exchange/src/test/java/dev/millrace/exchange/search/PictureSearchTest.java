package dev.millrace.exchange.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.inference.Encoder;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Search with a real, if untrained, encoder. */
class PictureSearchTest {
  private static final String SET = "generated:images=590;test=20;classes=4;size=16";

  @TempDir static Path shared;
  private static Path encoder;
  private static Path otherEncoder;
  private static Path query;

  @TempDir Path folder;

  @BeforeAll
  static void data() throws IOException {
    Natives.load();
    encoder = encoder(1);
    otherEncoder = encoder(2);
    ImageSet set = Catalogue.standard().open(SET).test();
    query = Files.write(shared.resolve("query.ppm"), set.image(3).bytes());
  }

  private static Path encoder(int seed) throws IOException {
    Path file = shared.resolve("encoder-" + seed + ".safetensors");
    try (EncoderFile net =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 4, ResNetShape.Stem.SMALL),
            16,
            Map.of(),
            new Device("cpu"))) {
      net.net().initialise(Draw.of(seed, "encoder"));
      EncoderFile.write(file, net.net(), 16, Normalisation.imagenet(), Map.of());
    }
    return file;
  }

  private PictureSearch.Request request(Path weights, String set, boolean rebuild, int size) {
    return new PictureSearch.Request(
        weights,
        set,
        folder.resolve("index"),
        rebuild,
        new Encoder.Options(Precision.FP32, size, new Device("cpu"), 1));
  }

  private PictureSearch ready(PictureSearch.Request request) throws IOException {
    PictureSearch search = PictureSearch.open(request);
    search.prepare(new PictureSearch.Listener() {});
    return search;
  }

  @Test
  void anInterruptedThreadGetsItsPictureAndTheSetStaysOpen() throws IOException {
    Path zip = folder.resolve("set.zip");
    ImageSet some = Catalogue.standard().open(SET).test();
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (int i = 0; i < some.size(); i++) {
        out.putNextEntry(new ZipEntry(i + ".ppm"));
        out.write(some.image(i).bytes());
        out.closeEntry();
      }
    }
    try (PictureSearch search = ready(request(encoder, zip.toString(), false, 0))) {
      List<float[]> queries = search.queries(List.of(query));
      Hit hit = search.nearest(queries, 1, true).get(0).get(0);
      Thread.currentThread().interrupt();
      byte[] picture = search.picture(hit);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(picture).isEqualTo(Files.readAllBytes(query));
      assertThat(search.picture(hit)).isEqualTo(picture);
    }
  }

  @Test
  void aPictureOfTheSetIsItsOwnNearestNeighbour() throws IOException {
    try (PictureSearch search = ready(request(encoder, SET, false, 0))) {
      assertThat(search.built()).isTrue();
      assertThat(search.size()).isEqualTo(610);
      assertThat(search.dim()).isEqualTo(32);
      List<float[]> queries = search.queries(List.of(query));
      for (boolean exact : new boolean[] {false, true}) {
        List<Hit> hits = search.nearest(queries, 5, exact).get(0);
        assertThat(hits).hasSize(5);
        assertThat(hits.get(0).place()).isEqualTo(593);
        assertThat(hits.get(0).part()).isEqualTo("test");
        assertThat(hits.get(0).label()).isNotBlank();
        assertThat(hits.get(0).cosine()).isCloseTo(1, within(1e-5));
        assertThat(search.picture(hits.get(0))).isEqualTo(Files.readAllBytes(query));
        assertThat(hits).isSortedAccordingTo((a, b) -> Double.compare(b.cosine(), a.cosine()));
      }
      assertThat(search.recall(100).value()).isGreaterThanOrEqualTo(0.98);
    }
  }

  @Test
  void aQuestionStaysWithWhoAsksIt() throws IOException {
    float[] vector;
    try (PictureSearch search = ready(request(encoder, SET, false, 0))) {
      vector = search.queries(List.of(query)).get(0);
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= 3;
    }
    float[] before = vector.clone();
    try (KeptIndex kept = KeptIndex.open(folder.resolve("index")).orElseThrow()) {
      assertThat(kept.nearest(vector, 1).get(0).cosine()).isCloseTo(1, within(1e-5));
      assertThat(vector).isEqualTo(before);
    }
  }

  @Test
  void anIndexIsKeptAndServesItsOwnEncoderAndSetAlone() throws IOException {
    ready(request(encoder, SET, false, 0)).close();
    try (PictureSearch again = ready(request(encoder, SET, false, 0))) {
      assertThat(again.built()).isFalse();
    }
    String longer = SET.replace("590", "600");
    for (PictureSearch.Request other :
        List.of(
            request(otherEncoder, SET, false, 0),
            request(encoder, longer, false, 0),
            request(encoder, SET, false, 24))) {
      assertThatThrownBy(() -> PictureSearch.open(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("--index " + folder.resolve("index"))
          .hasMessageContaining("is of another encoder, or of a set that was another: its ")
          .hasMessageContaining("make it anew with --rebuild, or give another --index");
    }
    try (PictureSearch rebuilt = ready(request(otherEncoder, SET, true, 0))) {
      assertThat(rebuilt.built()).isTrue();
      assertThat(rebuilt.nearest(rebuilt.queries(List.of(query)), 1, false).get(0).get(0).cosine())
          .isCloseTo(1, within(1e-5));
    }
    assertThatThrownBy(() -> PictureSearch.open(request(encoder, SET, false, 0)))
        .hasMessageContaining("encoder sha256");
  }

  @Test
  void aStoppedCallIsGoneOnWithByAnEqualOne() throws IOException {
    int[] calls = {0};
    try (PictureSearch search = PictureSearch.open(request(encoder, SET, false, 0))) {
      assertThatThrownBy(
              () ->
                  search.prepare(
                      new PictureSearch.Listener() {
                        @Override
                        public boolean stop() {
                          return ++calls[0] == 2;
                        }
                      }))
          .isInstanceOf(CancellationException.class);
    }
    int[] first = {-1};
    try (PictureSearch search = PictureSearch.open(request(encoder, SET, false, 0))) {
      search.prepare(
          new PictureSearch.Listener() {
            @Override
            public void indexed(int pictures, int of, int bad) {
              first[0] = first[0] < 0 ? pictures : first[0];
            }
          });
      assertThat(first[0]).isEqualTo(500);
      assertThat(search.size()).isEqualTo(610);
    }
  }

  @Test
  void aQueryThatIsNoPictureIsRefusedByName() throws IOException {
    Path text = Files.writeString(folder.resolve("text.jpg"), "no picture");
    try (PictureSearch search = PictureSearch.open(request(encoder, SET, false, 0))) {
      assertThatThrownBy(() -> search.queries(List.of(query, text)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("--query " + text);
      assertThat(search.queries(List.of())).isEmpty();
    }
  }
}
