package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.Trees;
import dev.millrace.inference.Encoder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.encoder.resnet.ResNetShape;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kept vectors of a live run whose encoder changes, with real, if untrained, encoders. */
class KeptVectorsTest {
  private static final Device CPU = new Device("cpu");
  private static final String SET = "generated:images=600;test=20;classes=4;size=16";
  private static final PictureSearch.Listener NOBODY = new PictureSearch.Listener() {};

  @TempDir Path folder;

  private LiveFolder live;
  private KeptEncoders encoders;
  private KeptVectors vectors;

  @BeforeEach
  void anIndexOfTheFirstVersion() throws IOException {
    Natives.load();
    live = LiveFolder.of(folder.resolve("live"));
    encoders = KeptEncoders.of(live, Clock.systemUTC());
    vectors = new KeptVectors(live, Clock.systemUTC(), options(), KeptVectors.Rest.NONE);
    promote(1);
    search(index("photos"));
  }

  /** As {@code millrace search} makes one. */
  private void search(Path index) throws IOException {
    search(index, false);
  }

  private void search(Path index, boolean rebuild) throws IOException {
    Path encoder = encoders.file(encoders.served().orElseThrow());
    try (PictureSearch search =
        PictureSearch.open(new PictureSearch.Request(encoder, SET, index, rebuild, options()))) {
      search.prepare(NOBODY);
    }
  }

  private static Encoder.Options options() {
    return new Encoder.Options(Precision.FP32, 0, CPU, 1);
  }

  private EncoderVersion promote(int seed) throws IOException {
    Path file = folder.resolve("made.safetensors");
    try (EncoderFile made =
        EncoderFile.untrained(
            new ResNetShape("resnet18", 2, ResNetShape.Stem.SMALL), 16, Map.of(), CPU)) {
      made.net().initialise(Draw.of(seed, "encoder"));
      EncoderFile.write(file, made.net(), 16, Normalisation.imagenet(), Map.of());
    }
    EncoderVersion version = encoders.keep(file, folder.resolve("run"), seed);
    encoders.promote(version.version(), "");
    return version;
  }

  private Path index(String name) {
    return live.run().search().resolve(name);
  }

  @Test
  void vectorsOfTheVersionThatIsServedNeedNothing() throws IOException {
    VectorWorth worth = vectors.measure("photos", List.of(), 400, NOBODY);
    assertThat(worth.current()).isTrue();
    assertThat(worth.recall()).isGreaterThan(0.95);
    assertThat(worth.advice()).isEqualTo("none");
    assertThat(vectors.embed("photos", List.of(), NOBODY)).isZero();
    assertThat(index("photos@1")).doesNotExist();
  }

  @Test
  void afterAPromotionItIsSaidWhatTheKeptVectorsAreWorth() throws IOException {
    promote(2);
    VectorWorth worth = vectors.measure("photos", List.of(), 400, NOBODY);
    assertThat(worth.current()).isFalse();
    assertThat(worth.version()).isEqualTo(2);
    assertThat(worth.of()).isEqualTo(1);
    assertThat(worth.pictures()).isEqualTo(620);
    assertThat(worth.fitted() + worth.judged()).isEqualTo(400);
    assertThat(worth.bridge()).isBetween(0.0, 1.0);
    assertThat(worth.change().overlap()).isBetween(0.0, 1.0);
    assertThat(worth.json()).containsEntry("index_version", 1);
    assertThat(index("photos@2.bridge")).as("measuring keeps nothing").doesNotExist();
  }

  @Test
  void aBridgeIsKeptWhereItIsGoodEnoughAndGoesWhereItIsNot() throws IOException {
    promote(2);
    assertThat(vectors.bridge("photos", List.of(), 400, 0, NOBODY).bridged()).isTrue();
    assertThat(index("photos@2.bridge")).exists();
    assertThat(vectors.bridge("photos", List.of(), 400, 1, NOBODY).bridged()).isFalse();
    assertThat(index("photos@2.bridge")).doesNotExist();
  }

  /** A kill, as far as the index is concerned: what was not committed is gone. */
  @Test
  void embeddingAnewGoesOnAfterAnEndInTheMiddle() throws IOException {
    EncoderVersion second = promote(2);
    for (int kill = 0; kill < 2; kill++) {
      boolean stops = kill == 0; // a stop commits, and what kills does not
      AtomicInteger batches = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  vectors.embed(
                      "photos",
                      List.of(),
                      new PictureSearch.Listener() {
                        @Override
                        public void indexed(int pictures, int of, int bad) {
                          if (!stops && pictures > 250) {
                            throw new IllegalStateException("killed");
                          }
                        }

                        @Override
                        public boolean stop() {
                          return stops && batches.incrementAndGet() == 1;
                        }
                      }))
          .isInstanceOf(stops ? CancellationException.class : IllegalStateException.class);
      assertThat(KeptIndex.about(index("photos@2"))).isEmpty();
    }
    assertThat(KeptIndex.about(index("photos"))).as("the old one answers").isPresent();
    assertThat(vectors.embed("photos", List.of(), NOBODY)).isEqualTo(370);
    KeptIndex.About made = KeptIndex.about(index("photos@2")).orElseThrow();
    assertThat(made.encoder()).isEqualTo(second.sha256());
    assertThat(made.data()).containsExactly(SET);
    assertThat(vectors.measure("photos", List.of(), 400, NOBODY).current()).isTrue();
    assertThat(vectors.names()).containsExactly("photos");
  }

  @Test
  void versionsThatNobodyAsksForAnyMoreGo() throws IOException {
    for (int seed = 2; seed < 5; seed++) {
      promote(seed);
      vectors.bridge("photos", List.of(), 400, 0, NOBODY);
      vectors.embed("photos", List.of(), NOBODY);
    }
    try (java.util.stream.Stream<Path> files = Files.list(live.run().search())) {
      assertThat(files.map(one -> one.getFileName().toString()))
          .containsExactlyInAnyOrder("photos", "photos@3", "photos@4");
    }
    encoders.rollback("");
    assertThat(vectors.measure("photos", List.of(), 400, NOBODY).current()).isTrue();
  }

  @Test
  void whatAPersonCalledLikeAVersionIsAnIndexOfItsOwnAndStays() throws IOException {
    Path own = index("photos@1");
    search(own);
    search(index("cats@dogs"));
    Path note = Files.writeString(index("photos@1.bridge"), "a person's");
    assertThat(vectors.names()).containsExactly("cats@dogs", "photos", "photos@1");
    for (int seed = 2; seed < 5; seed++) {
      promote(seed);
      vectors.embed("photos", List.of(), NOBODY);
    }
    assertThat(KeptIndex.about(own)).isPresent();
    assertThat(note).hasContent("a person's");
    assertThat(vectors.names()).containsExactly("cats@dogs", "photos", "photos@1");

    promote(5);
    search(index("photos@5"));
    assertThatThrownBy(() -> vectors.embed("photos", List.of(), NOBODY))
        .hasMessageContaining("photos@5 is an index of its own");
    Files.writeString(index("photos@5.bridge"), "another");
    assertThatThrownBy(() -> vectors.bridge("photos", List.of(), 400, 0, NOBODY))
        .hasMessageContaining("is no bridge");
    assertThat(index("photos@5.bridge")).hasContent("another");
  }

  @Test
  void aVersionThatIsRebuiltIsStillOne() throws IOException {
    promote(2);
    vectors.embed("photos", List.of(), NOBODY);
    search(index("photos@2"), true);
    assertThat(KeptIndex.mark(index("photos@2"))).contains("photos@2");
    assertThat(vectors.names()).containsExactly("photos");
    assertThat(vectors.measure("photos", List.of(), 400, NOBODY).current()).isTrue();
  }

  @Test
  void aDamagedVersionIsCalledSoAndMadeAnewWhenItIsDeleted() throws IOException {
    promote(2);
    vectors.embed("photos", List.of(), NOBODY);
    Path version = index("photos@2");
    for (Path commit : inside(version, "segments_")) {
      Files.write(commit, new byte[] {1, 2, 3});
    }
    assertThatThrownBy(() -> KeptIndex.mark(version))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged");
    assertThatThrownBy(() -> vectors.embed("photos", List.of(), NOBODY))
        .hasMessageStartingWith("--index " + version)
        .hasMessageContaining("is damaged (")
        .hasMessageContaining("delete it")
        .hasMessageNotContaining("index of its own");
    assertThat(vectors.names()).as("no index of its own").containsExactly("photos");
    Trees.delete(version);
    assertThat(vectors.embed("photos", List.of(), NOBODY)).isEqualTo(620);
    assertThat(vectors.names()).containsExactly("photos");
  }

  @Test
  void whatAKillLeftOfVersionsThatWereBeingRemovedGoes() throws IOException {
    for (String left : List.of(".photos@7.1", ".photos@7.2", ".photos@12.1", ".cats@7.1")) {
      Files.createDirectories(index(left));
      Files.writeString(index(left).resolve("_0.vec"), "left");
    }
    promote(2);
    vectors.embed("photos", List.of(), NOBODY);
    assertThat(inside(live.run().search(), "").stream().map(one -> one.getFileName().toString()))
        .as("but those of another index")
        .containsExactlyInAnyOrder("photos", "photos@2", ".cats@7.1");
  }

  private static List<Path> inside(Path folder, String prefix) throws IOException {
    try (java.util.stream.Stream<Path> files = Files.list(folder)) {
      return files.filter(one -> one.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    assertThatThrownBy(() -> vectors.measure("cats", List.of(), 400, NOBODY))
        .hasMessageContaining("there is no kept index cats; there is photos");
    promote(2);
    assertThatThrownBy(
            () ->
                vectors.measure(
                    "photos", List.of("generated:images=100;seed=9;size=8"), 400, NOBODY))
        .hasMessageContaining("none of the pictures");
  }

  @Test
  void restIsAShareOfTheTimeAndNeverLongerThanAMinute() {
    SharedTime quarter = new SharedTime(0.25, Clock.systemUTC());
    assertThat(quarter.rest(Duration.ofMillis(200))).isEqualTo(Duration.ofMillis(600));
    assertThat(quarter.rest(Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(60));
    assertThat(quarter.rest(Duration.ofMillis(-5))).isEqualTo(Duration.ZERO);
    long began = System.nanoTime();
    new SharedTime(1e-9, Clock.systemUTC()).take(() -> System.nanoTime() - began > 200_000_000L);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("a stop ends it")
        .isLessThan(Duration.ofSeconds(30));
    assertThat(new SharedTime(1, Clock.systemUTC()).rest(Duration.ofSeconds(5)))
        .isEqualTo(Duration.ZERO);
  }
}
