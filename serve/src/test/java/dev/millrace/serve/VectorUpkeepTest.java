package dev.millrace.serve;

import static dev.millrace.serve.VectorUpkeep.Look.DONE;
import static dev.millrace.serve.VectorUpkeep.Look.FAILED;
import static dev.millrace.serve.VectorUpkeep.Look.LEFT;
import static dev.millrace.serve.VectorUpkeep.Look.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a live run does by itself about kept vectors, with real, if untrained, encoders. */
class VectorUpkeepTest {
  @TempDir Path folder;

  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private IndexedRun run;
  private LiveFolder live;
  private KeptEncoders encoders;

  @BeforeEach
  void anIndexOfTheFirstVersion() throws IOException {
    run = new IndexedRun(folder);
    live = run.live();
    encoders = run.encoders();
  }

  private VectorUpkeep upkeep(String action) {
    VectorSettings settings =
        VectorSettings.of(Map.of(VectorSettings.ACTION, action, VectorSettings.SHARE, 1.0));
    return new VectorUpkeep(live, settings, IndexedRun.options(), Clock.systemUTC(), said::add);
  }

  private List<JsonNode> log() throws IOException {
    return new VectorLog(live.vectors()).last();
  }

  @Test
  void vectorsOfTheEncoderThatIsServedAreLeftAlone() throws IOException {
    assertThat(upkeep("embed").look(() -> false)).isEqualTo(NOTHING);
    assertThat(said).isEmpty();
    assertThat(log()).isEmpty();
  }

  @Test
  void afterAPromotionItIsSaidOnceWhatTheyAreWorth() throws IOException {
    run.promote(2);
    assertThat(upkeep("say").look(() -> false)).isEqualTo(DONE);
    assertThat(upkeep("say").look(() -> false)).as("another process").isEqualTo(NOTHING);
    assertThat(said).hasSize(1);
    assertThat(said.get(0))
        .startsWith("photos: 620 pictures have vectors of version 1, and version 2 is served: CKA");
    assertThat(log()).hasSize(1);
    assertThat(log().get(0).path("bridge_recall").asDouble()).isBetween(0.0, 1.0);
    assertThat(run.index("photos@2.bridge")).doesNotExist();
    assertThat(run.index("photos@2")).doesNotExist();
    run.promote(3);
    assertThat(upkeep("say").look(() -> false)).as("the next one").isEqualTo(DONE);
    assertThat(log()).hasSize(2);
  }

  @Test
  void picturesAreEmbeddedAnewForEachEncoderThatIsServed() throws IOException {
    for (int seed = 2; seed < 4; seed++) {
      EncoderVersion served = run.promote(seed);
      try (VectorUpkeep upkeep = upkeep("embed")) {
        assertThat(upkeep.look(() -> false)).as("what they are worth").isEqualTo(DONE);
        assertThat(upkeep.look(() -> false)).as("anew").isEqualTo(DONE);
        assertThat(upkeep.look(() -> false)).as("all is done").isEqualTo(NOTHING);
      }
      KeptIndex.About made = KeptIndex.about(run.index("photos@" + seed)).orElseThrow();
      assertThat(made.encoder()).isEqualTo(served.sha256());
    }
    JsonNode last = log().get(log().size() - 1);
    assertThat(last.path("embedded").asInt()).isEqualTo(620);
    assertThat(last.path("advice").asText()).isEqualTo("none");
    encoders.promotions().rollback("");
    assertThat(upkeep("embed").look(() -> false))
        .as("what a rollback goes back to")
        .isEqualTo(NOTHING);
  }

  @Test
  void anEndInTheMiddleIsGoneOnFrom() throws IOException {
    run.promote(2);
    VectorUpkeep first = upkeep("embed");
    assertThat(first.look(() -> false)).isEqualTo(DONE);
    AtomicInteger asked = new AtomicInteger();
    assertThat(first.look(() -> asked.incrementAndGet() > 1)).as("stopped").isEqualTo(LEFT);
    assertThat(KeptIndex.about(run.index("photos@2"))).isEmpty();
    assertThat(KeptIndex.about(run.index("photos"))).as("the one that answers").isPresent();
    VectorUpkeep second = upkeep("embed");
    second.finish(() -> false);
    assertThat(KeptIndex.about(run.index("photos@2"))).isPresent();
    int embedded = log().get(log().size() - 1).path("embedded").asInt();
    assertThat(embedded).as("of 620, the others by the first").isBetween(1, 619);
  }

  /** Else a slow machine would embed for encoders that nobody serves, one after another. */
  @Test
  void itIsLeftForTheEncoderThatIsServedMeanwhile() throws Exception {
    run.promote(2);
    VectorUpkeep upkeep = upkeep("embed");
    upkeep.look(() -> false);
    AtomicInteger asked = new AtomicInteger();
    assertThat(
            upkeep.look(
                () -> {
                  if (asked.incrementAndGet() == 1) {
                    promoteQuietly(3);
                    sleep(1100); // it looks at most once a second
                  }
                  return false;
                }))
        .isEqualTo(LEFT);
    assertThat(KeptIndex.about(run.index("photos@2"))).isEmpty();
    upkeep.finish(() -> false);
    assertThat(KeptIndex.about(run.index("photos@3"))).isPresent();
  }

  private void promoteQuietly(int seed) {
    try {
      run.promote(seed);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void byItselfItFollowsWhatIsServed() throws Exception {
    try (VectorUpkeep upkeep = upkeep("embed").start()) {
      EncoderVersion served = run.promote(2);
      for (int i = 0; i < 600 && KeptIndex.about(run.index("photos@2")).isEmpty(); i++) {
        Thread.sleep(100);
      }
      assertThat(KeptIndex.about(run.index("photos@2")).orElseThrow().encoder())
          .isEqualTo(served.sha256());
    }
  }

  @Test
  void whatFailsIsSaidOnceKeepsNoOtherBackAndFailsNobodyWhenItIsForgotten() throws IOException {
    run.search(run.index("zebras"), false);
    run.promote(2);
    VectorUpkeep upkeep = upkeep("embed");
    assertThat(upkeep.look(() -> false)).isEqualTo(DONE);
    Path broken = Files.createDirectories(run.index("photos@2"));
    Files.write(broken.resolve("segments_1"), new byte[] {1, 2, 3});
    upkeep.finish(() -> false);
    assertThat(KeptIndex.about(run.index("zebras@2"))).as("behind the one that fails").isPresent();
    assertThat(upkeep.look(() -> false)).isEqualTo(FAILED);
    assertThat(said)
        .filteredOn(words -> words.startsWith("kept vectors, photos: "))
        .singleElement()
        .asString()
        .contains("is damaged", "tried again");
    Trees.delete(live.run().search());
    int before = said.size();
    assertThat(upkeep("embed").look(() -> false)).isEqualTo(NOTHING);
    assertThat(said).hasSize(before);
  }

  @Test
  void whatAPersonDidIsWrittenDownForThePage() throws IOException {
    run.promote(2);
    assertThat(upkeep("say").look(() -> false)).isEqualTo(DONE);
    encoders.promotions().rollback("");
    assertThat(upkeep("say").look(() -> false)).isEqualTo(NOTHING);
    JsonNode last = log().get(log().size() - 1);
    assertThat(last.path("version").asInt()).isEqualTo(1);
    assertThat(last.path("advice").asText()).isEqualTo("none");
    assertThat(upkeep("say").look(() -> false)).isEqualTo(NOTHING);
    assertThat(log()).as("once").hasSize(2);
  }

  @Test
  void bridgesThatNobodyAsksForAnyMoreGo() throws IOException {
    KeptVectors vectors =
        new KeptVectors(live, Clock.systemUTC(), IndexedRun.options(), KeptVectors.Rest.NONE);
    for (int seed = 2; seed < 5; seed++) {
      run.promote(seed);
      vectors.bridge("photos", List.of(), 400, 0, new PictureSearch.Listener() {});
    }
    assertThat(run.index("photos@2.bridge")).doesNotExist();
    assertThat(run.index("photos@3.bridge")).exists();
    assertThat(run.index("photos@4.bridge")).exists();
  }

  /** Pictures that a person wants forgotten would be in it. */
  @Test
  void whatWasForgottenWhileItWasEmbeddedDoesNotComeBack() throws IOException {
    run.promote(2);
    VectorUpkeep upkeep = upkeep("embed");
    upkeep.look(() -> false);
    AtomicInteger asked = new AtomicInteger();
    assertThat(
            upkeep.look(
                () -> {
                  if (asked.incrementAndGet() == 1) {
                    deleteQuietly(run.index("photos"));
                  }
                  return false;
                }))
        .isEqualTo(LEFT);
    assertThat(run.index("photos@2")).doesNotExist();
    assertThat(upkeep.look(() -> false)).isEqualTo(NOTHING);
  }

  private static void deleteQuietly(Path index) {
    try {
      Trees.delete(index);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void settingsAreRefusedByName() {
    assertThatThrownBy(() -> VectorSettings.of(Map.of("kept-vectors", "al")))
        .hasMessageContaining("--kept-vectors")
        .hasMessageContaining("embed");
    assertThatThrownBy(() -> VectorSettings.of(Map.of("vectors-share", 0.0)))
        .hasMessageContaining("--vectors-share 0.0 is not in (0, 1]");
    VectorSettings embed = VectorSettings.of(Map.of("kept-vectors", "embed"));
    assertThat(embed.share()).isEqualTo(0.25);
    assertThat(VectorSettings.of(embed.asMap())).isEqualTo(embed);
  }
}
