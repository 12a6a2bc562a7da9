package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunChunksTest {
  @TempDir Path folder;

  private static List<Set<String>> classes(Settings settings) throws IOException {
    return RunChunks.plan(settings).entries().stream()
        .map(entry -> Set.copyOf(entry.classes()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void theDistantStreamOfGeneratedPicturesHasAFamilyInEachChunk(int seed) throws IOException {
    Settings settings =
        Settings.defaults("generated:images=80")
            .with(Map.of("stream", "distant", "chunks", 4, "seed", seed));
    assertThat(classes(settings))
        .containsExactlyInAnyOrder(
            Set.of("stripes-fine", "stripes-coarse"),
            Set.of("checks", "lattice"),
            Set.of("discs", "rings"),
            Set.of("triangles", "crosses"));
  }

  private static List<List<String>> pictures(Map<String, Object> settings) throws IOException {
    return RunChunks.plan(
            Settings.defaults("generated:images=80;domains=3")
                .with(Map.of("chunks", settings.get("stream").equals("domain") ? 3 : 4))
                .with(settings))
        .entries()
        .stream()
        .map(ChunkEntry::ids)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"instance", "class", "distant", "domain"})
  void theOrderSeedAloneSaysWhatComesInWhichChunk(String stream) throws IOException {
    List<List<String>> first = pictures(Map.of("stream", stream, "seed", 1, "order-seed", 5));
    assertThat(pictures(Map.of("stream", stream, "seed", 2, "order-seed", 5))).isEqualTo(first);
    assertThat(pictures(Map.of("stream", stream, "seed", 5))).isEqualTo(first);
    assertThat(
            java.util.stream.IntStream.of(6, 7, 8, 9)
                .mapToObj(order -> Map.<String, Object>of("stream", stream, "order-seed", order))
                .map(
                    changed -> {
                      try {
                        return pictures(changed);
                      } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                      }
                    }))
        .anySatisfy(other -> assertThat(other).isNotEqualTo(first));
  }

  @ParameterizedTest
  @CsvSource({"instance, 4", "class, 4", "distant, 4", "domain, 3", "domain, 1"})
  void ordersOfASquareHaveEachChunkOnceInEachPlace(String stream, int chunks) throws IOException {
    List<List<List<String>>> orders = new ArrayList<>();
    for (int order = 1; order <= 8; order++) {
      orders.add(
          pictures(
              Map.of(
                  "stream", stream, "chunks", chunks, "order-seed", order, "order-square", true)));
    }
    int places = orders.get(0).size();
    assertThat(places).isEqualTo(stream.equals("domain") ? 3 : 4);
    Set<List<String>> drawn = new HashSet<>(orders.get(0));
    for (int place = 0; place < places; place++) {
      Set<List<String>> stood = new HashSet<>();
      for (List<List<String>> order : orders.subList(0, places)) {
        stood.add(order.get(place));
      }
      assertThat(stood).isEqualTo(drawn).hasSize(places);
    }
    if (!stream.equals("domain")) { // two draws of three domains may be one circle
      assertThat(orders.subList(places, 2 * places)).doesNotContain(orders.get(0));
    }
    assertThat(pictures(Map.of("stream", stream, "chunks", chunks, "order-seed", 1)))
        .isEqualTo(orders.get(0));
  }

  @Test
  void anOrderThatNobodyWantedInASquareIsTheRunItWas() {
    Settings before = Settings.defaults("generated:images=80").with("stream", "class");
    assertThat(SettingsV1.digest(before.with("order-square", false)))
        .isEqualTo(SettingsV1.digest(before));
    assertThat(SettingsV1.digest(before.with("order-square", true)))
        .isNotEqualTo(SettingsV1.digest(before));
  }

  @Test
  void anOrderThatFollowsFromTheSeedIsTheRunItWas() throws IOException {
    Settings before = Settings.defaults("generated:images=80").with("seed", 3);
    assertThat(before.stream().ordering()).isEqualTo(3);
    assertThat(SettingsV1.digest(before.with("order-seed", 3)))
        .isEqualTo(SettingsV1.digest(before));
    assertThat(SettingsV1.published(before.with("order-seed", 3)))
        .isEqualTo(SettingsV1.published(before));
    assertThat(SettingsV1.published(before)).doesNotContainKey("order-seed");
    assertThat(SettingsV1.digest(before.with("order-seed", 4)))
        .isNotEqualTo(SettingsV1.digest(before));
  }

  @Test
  void theSettingsOfAnExtendedRunPlanTheSameStreamFromItsBeginning() throws IOException {
    Settings before =
        Settings.defaults("generated:images=80").with(Map.of("stream", "class", "chunks", 4));
    String set = "generated:images=16,seed=9";
    Settings longer = before.with(Map.of("chunks", 5, "extensions", List.of(set)));
    RunChunks grown =
        RunChunks.plan(before)
            .extended(longer, set, RunChunks.plan(before).learnable(longer, set).images());
    RunChunks planned =
        RunChunks.plan(before.with(Map.of("chunks", 5, "extensions", List.of(set))));
    assertThat(planned.entries()).isEqualTo(grown.entries()).hasSize(5);
  }

  @Test
  void aHierarchyFileStandsAboveTheSetsOwn() throws IOException {
    Path file = folder.resolve("tree.txt");
    Files.writeString(file, "stripes-fine: a\nchecks: b\ndiscs: a\ncrosses: b\n");
    Settings settings =
        Settings.defaults("generated:images=40,classes=4")
            .with(Map.of("stream", "distant", "chunks", 2, "hierarchy", file.toString()));
    assertThat(classes(settings))
        .containsExactlyInAnyOrder(Set.of("stripes-fine", "discs"), Set.of("checks", "crosses"));
  }

  @Test
  void theDistantStreamOfCifar10sClassesPartsAnimalsFromVehicles() throws IOException {
    List<String> names =
        List.of(
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck");
    for (String name : names) {
      Path file = folder.resolve(name).resolve("1.jpg");
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
    }
    Set<String> vehicles = Set.of("airplane", "automobile", "ship", "truck");
    List<Set<String>> chunks =
        classes(
            Settings.defaults(folder.toString()).with(Map.of("stream", "distant", "chunks", 5)));
    assertThat(chunks)
        .allSatisfy(
            chunk ->
                assertThat(chunk.stream().map(vehicles::contains).collect(Collectors.toSet()))
                    .hasSize(1));
  }

  @ParameterizedTest
  @CsvSource({
    "joint, generated:images=40, 4, 1",
    "domain, 'generated:images=40,domains=3', 2, 3",
    "given, generated:images=40;generated:images=30, 3, 2"
  })
  void aNumberOfChunksThatTheStreamDoesNotHaveIsRefused(
      String stream, String data, int asked, int has) throws IOException {
    Settings settings = Settings.defaults(data.split(";")).with("stream", stream);
    assertThat(RunChunks.plan(settings).count()).isEqualTo(has);
    assertThat(RunChunks.plan(settings.with("chunks", has)).count()).isEqualTo(has);
    assertThatThrownBy(() -> RunChunks.plan(settings.with("chunks", asked)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--chunks " + asked + " is not the " + has)
        .hasMessageContaining("leave --chunks out");
  }

  @Test
  void picturesOfTwoSetsOfOneNameHaveTheirOwnIds() throws IOException {
    for (String place : List.of("a", "b")) {
      Path file = folder.resolve(place).resolve("photos/1.jpg");
      Files.createDirectories(file.getParent());
      Files.writeString(file, place);
    }
    Settings settings =
        Settings.defaults(
            folder.resolve("a/photos").toString(), folder.resolve("b/photos").toString());
    List<String> ids = RunChunks.plan(settings).entries().get(0).ids();
    assertThat(new HashSet<>(ids)).hasSize(2);
  }

  private static NamedSets.Learnable all(ImageSet images) {
    return new NamedSets.Learnable(images, "");
  }

  @Test
  void aLargeChunkIsKnownByEightBytesAPicture() throws IOException {
    Settings settings =
        Settings.defaults("generated:images=50000;size=8", "generated:images=50000;size=8;seed=1")
            .with(Map.of("epochs", 1));
    RunChunks plan = RunChunks.plan(settings);
    ChunkEntry entry = plan.entries().get(0);
    assertThat(entry.images()).isEqualTo(100_000);
    assertThat(entry.ids()).isNull();
    assertThat(entry.fronts()).containsExactly("generated/", "generated~2/");
    List<Path> names = plan.keepNames(folder);
    assertThat(names).hasSize(1);
    assertThat(Files.size(names.get(0))).isEqualTo(8L * 100_000);
    assertThat(plan.keepNames(folder)).isEmpty();
    RunChunks later =
        RunChunks.known(
            settings, folder, plan.catalogue(), () -> false, List.copyOf(plan.entries()));
    for (String set : settings.data().sets().subList(0, 1)) {
      var whole = plan.catalogue().open(set).train();
      assertThat(later.seen(set, all(whole)).without(whole).size()).isZero();
      assertThat(later.seen(set, all(whole)).chunksOf(whole)).hasSize(50_000).containsOnly(0);
      var more = plan.catalogue().open(set.replace("50000", "50010")).train();
      assertThat(later.seen(set, all(more)).without(more).size()).isEqualTo(10);
    }
    Files.delete(names.get(0));
    var whole = plan.catalogue().open(settings.data().sets().get(0)).train();
    assertThatThrownBy(() -> later.seen(settings.data().sets().get(0), all(whole)))
        .hasMessageContaining("names of chunk 1");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void setsOfOneNameUnderTwoWordsDoNotCountForEachOther(int which) throws IOException {
    List<String> words = List.of("generated:images=8;seed=1", "generated:images=8;seed=2");
    RunChunks plan = RunChunks.plan(Settings.defaults(words.toArray(String[]::new)));
    String word = words.get(which);
    var more = plan.catalogue().open(word.replace("=8;", "=10;")).train();
    assertThat(plan.seen(word, all(more)).without(more).size()).isEqualTo(2);
    assertThat(plan.seen(word, all(more)).chunksOf(more)).hasSize(8);
  }
}
