package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadSettingTest {
  private static final String SET = "generated:images=96;test=8;classes=4;domains=2;size=16";

  @TempDir Path folder;

  private static Settings of(String stream, String method) {
    return Settings.defaults(SET)
        .with(Map.of("stream", stream, "chunks", stream.equals("joint") ? 1 : 2, "method", method));
  }

  private static Object head(Settings settings) {
    return settings.asMap().get("head");
  }

  @ParameterizedTest
  @CsvSource({
    "class,supervised,chunk",
    "distant,supervised-mlp,chunk",
    "domain,supervised,full",
    "instance,supervised,full",
    "joint,supervised,full",
    "class,moco-v2,auto"
  })
  void aHeadIsOfTheChunkWhereNoClassIsInTwoChunks(String stream, String method, String head)
      throws IOException {
    Settings settings = of(stream, method);
    assertThat(head(HeadSetting.decided(settings, RunChunks.plan(settings)))).isEqualTo(head);
    Settings fresh = settings.with("head", "new");
    assertThat(head(HeadSetting.decided(fresh, RunChunks.plan(settings)))).isEqualTo("new");
  }

  @Test
  void everyChunkHasItsOwnClassesAndAllTogetherAreTheStreams() throws IOException {
    Settings settings = of("class", "supervised").with("head", "chunk");
    List<Set<Integer>> own =
        HeadSetting.of((SupervisedSettings) settings.method(), RunChunks.plan(settings)).own();
    assertThat(own).hasSize(2).allMatch(classes -> classes.size() == 2);
    assertThat(own.stream().flatMap(Set::stream)).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void onlyALaterChunkWithANewHeadWarmsUp() {
    Settings settings = of("class", "supervised").with("head", "chunk");
    assertThat(HeadSetting.warmup(settings, 0)).isZero();
    assertThat(HeadSetting.warmup(settings, 1)).isEqualTo(1);
    assertThat(HeadSetting.warmup(settings.with("epochs", 1), 1)).isEqualTo(0.5);
    assertThat(HeadSetting.warmup(settings.with("warmup", 3), 1)).isEqualTo(3);
    assertThat(HeadSetting.warmup(settings.with("head-warmup", 0), 1)).isZero();
    assertThat(HeadSetting.warmup(settings.with("head", "full"), 1)).isZero();
    assertThat(HeadSetting.warmup(of("class", "moco-v2").with("head", "chunk"), 1)).isZero();
    Settings own = settings.with("chunk-settings", Map.of("1", Map.of("warmup", 0.25)));
    assertThat(HeadSetting.warmup(own.ofChunk(1), 1)).isEqualTo(0.25);
  }

  @Test
  void aFileOfAnOlderVersionMeansWhatItMeantThen() throws IOException {
    Path yaml = folder.resolve("run.yaml");
    Files.writeString(
        yaml, "settings:\n  method: supervised\n  stream: class\n  new-head: false\n");
    assertThat(head(Settings.read(yaml))).isEqualTo("full");
    Files.writeString(yaml, "settings:\n  method: supervised\n  stream: class\n  new-head: true\n");
    assertThat(head(Settings.read(yaml))).isEqualTo("new");
    assertThat(Settings.read(yaml).asMap()).containsEntry("head-warmup", 0.0);
  }

  /** Digests of checkpoints and ids of studies were made of the settings of their time. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void settingsOfAnOlderVersionAreKnownByWhatTheyWere(boolean fresh) {
    Map<String, Object> then = new TreeMap<>(of("class", "supervised").asMap());
    then.remove("head");
    then.remove("head-warmup");
    then.put("new-head", fresh);
    Settings now = Settings.defaults(SET).with(then);
    assertThat(SettingsV1.beforeHeads(now.asMap())).isEqualTo(then);
    assertThat(SettingsV1.beforeHeads(now.with("head", "chunk").asMap())).isNotEqualTo(then);
    assertThat(SettingsV1.beforeHeads(of("class", "supervised").asMap())).isNotEqualTo(then);
    assertThat(SettingsV1.beforeHeads(of("class", "moco-v2").asMap()))
        .doesNotContainKeys("head", "head-warmup");
  }

  @Test
  void aChunkOfOneClassHasNoHeadOfItsOwn() throws IOException {
    Settings settings = of("class", "supervised").with("chunks", 3); // 2, 1 and 1 classes
    RunChunks chunks = RunChunks.plan(settings);
    assertThat(head(HeadSetting.decided(settings, chunks))).isEqualTo("full");
    assertThatThrownBy(() -> PartSettings.check(settings.with("head", "chunk"), chunks))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--head chunk: chunk ")
        .hasMessageContaining("alone")
        .hasMessageContaining("--head full");
    PartSettings.check(settings.with("head", "full"), chunks);
  }

  /** Two sets whose four classes have the same names. */
  private static Settings alike(String stream) {
    return Settings.defaults(SET, SET + ";seed=1")
        .with(Map.of("stream", stream, "method", "supervised"));
  }

  private static Settings headed(Settings settings) throws IOException {
    return HeadSetting.decided(settings, RunChunks.plan(settings));
  }

  @Test
  void setsThatCallTheirClassesAlikeHaveAHeadEachWhereClassesAreTheirOwn() throws IOException {
    Settings given = alike("given");
    assertThat(head(headed(given))).isEqualTo("full");
    Settings own = given.with("own-classes", true);
    assertThat(head(headed(own))).isEqualTo("chunk");
    RunChunks chunks = RunChunks.plan(own);
    assertThat(chunks.classes()).hasSize(8);
    assertThat(HeadSetting.of((SupervisedSettings) headed(own).method(), chunks).own())
        .extracting(Set::size)
        .containsExactly(4, 4);
    assertThat(chunks.entries().get(0).ids())
        .isEqualTo(RunChunks.plan(given).entries().get(0).ids());
  }

  @Test
  void jointTrainingTellsClassesOfItsSetsApartWhereTheyAreTheirOwn() throws IOException {
    assertThat(RunChunks.plan(alike("joint")).classes()).hasSize(4);
    RunChunks chunks = RunChunks.plan(alike("joint").with("own-classes", true));
    assertThat(chunks.classes()).hasSize(8).allMatch(name -> name.startsWith("generated:"));
    assertThat(chunks.open(0).images().classes()).hasSize(8);
  }

  @Test
  void aStudyTellsAHeadOfEachSetFromOneOverAll() {
    Settings own = alike("given").with("own-classes", true);
    assertThat(SettingsV1.training(own))
        .isNotEqualTo(SettingsV1.training(own.with("head", "full")));
    assertThat(SettingsV1.training(alike("given")))
        .isEqualTo(SettingsV1.training(alike("given").with("own-classes", false)))
        .doesNotContainKey("own-classes");
  }

  @Test
  void namesThatTwoSetsShareAreSaidBeforeTheyAreLearnedAsOne() throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (String word : alike("joint").data().sets()) {
      sets.add(RunChunks.plan(Settings.defaults(word)).open(0).images());
    }
    assertThat(OwnClasses.shared(alike("joint"), sets).orElseThrow())
        .contains("several sets of --data have classes called ")
        .contains("--own-classes true");
    assertThat(OwnClasses.shared(alike("joint").with("own-classes", true), sets)).isEmpty();
    assertThat(OwnClasses.shared(alike("joint").with("method", "moco-v2"), sets)).isEmpty();
  }

  @Test
  void anOrderThatLooksNamesOfClassesUpDoesNotHaveThemCalledAfterSets() {
    assertThatThrownBy(() -> RunChunks.plan(alike("distant").with("own-classes", true)))
        .hasMessageContaining("--own-classes true")
        .hasMessageContaining("--stream distant");
  }

  @Test
  void whatIsNeitherTrueNorFalseIsNoHeadOfBefore() {
    assertThatThrownBy(() -> Settings.defaults(SET).with("new-head", "ture"))
        .hasMessageContaining("new-head: ture is neither true nor false");
  }

  @Test
  void anUnknownHeadIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> Settings.defaults(SET).with("head", "chunks"))
        .hasMessageContaining("--head chunks")
        .hasMessageContaining("chunk");
  }
}
