package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.exchange.search.KeptIndex;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.Trees;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kept vectors of a live run whose encoder changes, with real, if untrained, encoders. */
class KeptVectorsTest {
  private static final PictureSearch.Listener NOBODY = new PictureSearch.Listener() {};

  @TempDir Path folder;

  private IndexedRun run;
  private LiveFolder live;
  private KeptEncoders encoders;
  private KeptVectors vectors;

  @BeforeEach
  void anIndexOfTheFirstVersion() throws IOException {
    run = new IndexedRun(folder);
    live = run.live();
    encoders = run.encoders();
    vectors = new KeptVectors(live, Clock.systemUTC(), IndexedRun.options(), KeptVectors.Rest.NONE);
  }

  @Test
  void vectorsOfTheVersionThatIsServedNeedNothing() throws IOException {
    VectorWorth worth = vectors.measure("photos", List.of(), 400, NOBODY);
    assertThat(worth.current()).isTrue();
    assertThat(worth.recall()).isGreaterThan(0.95);
    assertThat(worth.advice()).isEqualTo("none");
    assertThat(vectors.embed("photos", List.of(), NOBODY)).isZero();
    assertThat(run.index("photos@1")).doesNotExist();
  }

  @Test
  void afterAPromotionItIsSaidWhatTheKeptVectorsAreWorth() throws IOException {
    run.promote(2);
    VectorWorth worth = vectors.measure("photos", List.of(), 400, NOBODY);
    assertThat(worth.current()).isFalse();
    assertThat(worth.version()).isEqualTo(2);
    assertThat(worth.of()).isEqualTo(1);
    assertThat(worth.pictures()).isEqualTo(620);
    assertThat(worth.fitted() + worth.judged()).isEqualTo(400);
    assertThat(worth.bridge()).isBetween(0.0, 1.0);
    assertThat(worth.change().overlap()).isBetween(0.0, 1.0);
    assertThat(worth.json()).containsEntry("index_version", 1);
    assertThat(run.index("photos@2.bridge")).as("measuring keeps nothing").doesNotExist();
  }

  @Test
  void aBridgeIsKeptWhereItIsGoodEnoughAndGoesWhereItIsNot() throws IOException {
    run.promote(2);
    assertThat(vectors.bridge("photos", List.of(), 400, 0, NOBODY).bridged()).isTrue();
    assertThat(run.index("photos@2.bridge")).exists();
    assertThat(vectors.bridge("photos", List.of(), 400, 1, NOBODY).bridged()).isFalse();
    assertThat(run.index("photos@2.bridge")).doesNotExist();
  }

  /** A kill, as far as the index is concerned: what was not committed is gone. */
  @Test
  void embeddingAnewGoesOnAfterAnEndInTheMiddle() throws IOException {
    EncoderVersion second = run.promote(2);
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
      assertThat(KeptIndex.about(run.index("photos@2"))).isEmpty();
    }
    assertThat(KeptIndex.about(run.index("photos"))).as("the old one answers").isPresent();
    assertThat(vectors.embed("photos", List.of(), NOBODY)).isEqualTo(370);
    KeptIndex.About made = KeptIndex.about(run.index("photos@2")).orElseThrow();
    assertThat(made.encoder()).isEqualTo(second.sha256());
    assertThat(made.data()).containsExactly(IndexedRun.SET);
    assertThat(vectors.measure("photos", List.of(), 400, NOBODY).current()).isTrue();
    assertThat(vectors.names()).containsExactly("photos");
  }

  @Test
  void versionsThatNobodyAsksForAnyMoreGo() throws IOException {
    for (int seed = 2; seed < 5; seed++) {
      run.promote(seed);
      vectors.bridge("photos", List.of(), 400, 0, NOBODY);
      vectors.embed("photos", List.of(), NOBODY);
    }
    try (java.util.stream.Stream<Path> files = Files.list(live.run().search())) {
      assertThat(files.map(one -> one.getFileName().toString()))
          .containsExactlyInAnyOrder("photos", "photos@3", "photos@4");
    }
    encoders.promotions().rollback("");
    assertThat(vectors.measure("photos", List.of(), 400, NOBODY).current()).isTrue();
  }

  @Test
  void whatAPersonCalledLikeAVersionIsAnIndexOfItsOwnAndStays() throws IOException {
    Path own = run.index("photos@1");
    run.search(own, false);
    run.search(run.index("cats@dogs"), false);
    Path note = Files.writeString(run.index("photos@1.bridge"), "a person's");
    assertThat(vectors.names()).containsExactly("cats@dogs", "photos", "photos@1");
    for (int seed = 2; seed < 5; seed++) {
      run.promote(seed);
      vectors.embed("photos", List.of(), NOBODY);
    }
    assertThat(KeptIndex.about(own)).isPresent();
    assertThat(note).hasContent("a person's");
    assertThat(vectors.names()).containsExactly("cats@dogs", "photos", "photos@1");

    run.promote(5);
    run.search(run.index("photos@5"), false);
    assertThatThrownBy(() -> vectors.embed("photos", List.of(), NOBODY))
        .hasMessageContaining("photos@5 is an index of its own");
    Files.writeString(run.index("photos@5.bridge"), "another");
    assertThatThrownBy(() -> vectors.bridge("photos", List.of(), 400, 0, NOBODY))
        .hasMessageContaining("is no bridge");
    assertThat(run.index("photos@5.bridge")).hasContent("another");
  }

  @Test
  void aVersionThatIsRebuiltIsStillOne() throws IOException {
    run.promote(2);
    vectors.embed("photos", List.of(), NOBODY);
    run.search(run.index("photos@2"), true);
    assertThat(KeptIndex.mark(run.index("photos@2"))).contains("photos@2");
    assertThat(vectors.names()).containsExactly("photos");
    assertThat(vectors.measure("photos", List.of(), 400, NOBODY).current()).isTrue();
  }

  @Test
  void aDamagedVersionIsCalledSoAndMadeAnewWhenItIsDeleted() throws IOException {
    run.promote(2);
    vectors.embed("photos", List.of(), NOBODY);
    Path version = run.index("photos@2");
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
      Files.createDirectories(run.index(left));
      Files.writeString(run.index(left).resolve("_0.vec"), "left");
    }
    run.promote(2);
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
    run.promote(2);
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
