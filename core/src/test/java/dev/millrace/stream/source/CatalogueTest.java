package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogueTest {
  @TempDir Path folder;
  @TempDir Path cache;

  private DataSet real(String name) throws IOException {
    String data = System.getenv("MILLRACE_DATA");
    Assumptions.assumeTrue(
        data != null && Files.isDirectory(Path.of(data)),
        "MILLRACE_DATA is not set to a folder of data sets");
    Catalogue catalogue = new Catalogue(Path.of(data), cache);
    KnownSet known =
        catalogue.known().stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
    Assumptions.assumeTrue(catalogue.find(known) != null, name + " is not under MILLRACE_DATA");
    return catalogue.open(name);
  }

  private static Set<String> ids(ImageSet set) {
    return IntStream.range(0, set.size())
        .mapToObj(i -> set.image(i).id())
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** How many pictures each class has. */
  private static int[] counts(ImageSet set) {
    int[] counts = new int[set.classes().size()];
    for (int i = 0; i < set.size(); i++) {
      counts[set.image(i).label()]++;
    }
    return counts;
  }

  @Test
  void anUnknownSetIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> new Catalogue(folder, cache).open("cifar11"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cifar11 is neither a known set nor a path")
        .hasMessageContaining("nearest: cifar10")
        .hasMessageContaining("cifar10, tiny-imagenet, pacs")
        .hasMessageContaining("generated");
  }

  @Test
  void aPathThatIsNotThereIsNotTakenForASetsName() {
    assertThatThrownBy(() -> new Catalogue(folder, cache).open("photos/of/nowhere"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("photos/of/nowhere is neither a known set nor a path")
        .message()
        .doesNotContain("nearest");
  }

  @Test
  void aKnownSetThatIsNotHereSaysWhereItWasLookedFor() {
    assertThatThrownBy(() -> new Catalogue(folder, cache).open("pacs"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pacs is not here")
        .hasMessageContaining("pacs*")
        .hasMessageContaining("MILLRACE_DATA=" + folder);
    assertThatThrownBy(() -> new Catalogue(null, cache).open("pacs"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MILLRACE_DATA, which is not set");
    assertThatThrownBy(() -> new Catalogue(folder.resolve("nowhere"), cache).open("pacs"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MILLRACE_DATA=");
  }

  @Test
  void aTextFileIsNoSet() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "hello");
    assertThatThrownBy(() -> new Catalogue(null, cache).open(file.toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("neither a folder nor")
        .hasMessageContaining(".zip");
  }

  @Test
  void notesBesideAKnownSetAreNotTakenForIt() throws IOException {
    Files.writeString(folder.resolve("mnist-NOTES.txt"), "hello");
    LayoutTest.write(folder, "mnist-small/train/0/1.png", "mnist-small/test/0/2.png");
    DataSet set = new Catalogue(folder, cache).open("mnist");
    assertThat(set.name()).isEqualTo("mnist");
    assertThat(LayoutTest.rows(set.train())).containsExactly("train/0/1.png=0@-");
  }

  @Test
  void drawnSplitsAreTheSameForEveryCopyOfTheSet(@TempDir Path other) throws IOException {
    for (int i = 0; i < 40; i++) {
      LayoutTest.write(
          folder, "sign-digits/a/%d.jpg".formatted(i), "sign-digits/b/%d.jpg".formatted(i));
      LayoutTest.write(
          other,
          "sign-digits-v2/x/a/%d.jpg".formatted(39 - i),
          "sign-digits-v2/x/b/%d.jpg".formatted(i));
    }
    DataSet one = new Catalogue(folder, cache).open("sign-digits");
    DataSet two = new Catalogue(other, cache).open("sign-digits");
    assertThat(counts(one.test())).containsExactly(10, 10);
    assertThat(counts(one.train())).containsExactly(30, 30);
    assertThat(ids(one.test()))
        .isEqualTo(ids(two.test()))
        .doesNotContainAnyElementsOf(ids(one.train()));
    assertThat(one.fingerprint()).isEqualTo(two.fingerprint());
  }

  @Test
  void omniglotsClassesAreCharactersOfAlphabetsAndNotDomains() throws IOException {
    for (String alphabet : new String[] {"Greek", "Latin"}) {
      for (String character : new String[] {"character01", "character02"}) {
        LayoutTest.write(folder, "omniglot/%s/%s/1.png".formatted(alphabet, character));
      }
    }
    ImageSet set = new Catalogue(folder, cache).open("omniglot").train();
    assertThat(set.domains()).isEmpty();
    assertThat(set.image(0).domain()).isEqualTo(Image.NONE);
    assertThat(set.classes())
        .containsExactly(
            "Greek/character01", "Greek/character02", "Latin/character01", "Latin/character02");
  }

  @Test
  void omniglotsAlphabetsThatLieInBothArchivesAreTakenOnce() throws IOException {
    LayoutTest.write(
        folder,
        "omniglot/small1/Greek/character01/1.png",
        "omniglot/small1/Latin/character01/1.png",
        "omniglot/small2/Greek/character01/1.png",
        "omniglot/small2/Greek/character01/2.png");
    ImageSet set = new Catalogue(folder, cache).open("omniglot").train();
    assertThat(LayoutTest.rows(set))
        .containsExactly(
            "small1/Greek/character01/1.png=Greek/character01@-",
            "small1/Latin/character01/1.png=Latin/character01@-",
            "small2/Greek/character01/2.png=Greek/character01@-");
  }

  // Omniglot's two archives hold 136 + 156 = 292 characters in 5840 files; Greek and Latin, 50
  // characters in 1000 files, are in both, byte for byte.
  @ParameterizedTest
  @CsvSource({
    "cifar10, 50000, 10000, 10",
    "tiny-imagenet, 100000, 10000, 200",
    "pacs, 7994, 1997, 7",
    "caltech101, 3030, 5647, 101",
    "dtd10, 800, 400, 10",
    "flowers12, 720, 240, 12",
    "mnist, 10000, 2000, 10",
    "fashion-mnist, 20000, 10000, 10",
    "omniglot, 4840, 0, 242",
    "bccd, 364, 0, 0"
  })
  void knownSetsHaveTheirCountsAndPartsThatShareNothing(
      String name, int train, int test, int classes) throws IOException {
    DataSet set = real(name);
    assertThat(set.name()).isEqualTo(name);
    assertThat(set.train().classes()).hasSize(classes).isEqualTo(set.test().classes());
    if (name.equals("pacs")) { // rounded in 28 groups
      assertThat(set.train().size() + set.test().size()).isEqualTo(9991);
      assertThat(set.test().size()).isBetween(test - 14, test + 14);
    } else {
      assertThat(set.train().size()).isEqualTo(train);
      assertThat(set.test().size()).isEqualTo(test);
    }
    assertThat(ids(set.train())).hasSize(set.train().size());
    Set<String> held = ids(set.test());
    assertThat(held).hasSize(set.test().size());
    assertThat(ids(set.train()).stream().filter(held::contains)).isEmpty();
    assertThat(set.wordNetIds()).isEqualTo(name.equals("tiny-imagenet"));
    assertThat(set.train().domains()).hasSize(name.equals("pacs") ? 4 : 0);
    if (classes > 0) {
      assertThat(counts(set.train())).doesNotContain(0);
    }
    assertThat(set.train().image(train / 2).bytes()).isNotEmpty();
  }

  @Test
  void pacsHoldsAFifthOutOfEveryClassInEveryDomain() throws IOException {
    DataSet set = real("pacs");
    TreeMap<String, int[]> groups = new TreeMap<>();
    TreeMap<String, Integer> domains = new TreeMap<>();
    for (ImageSet part : set.splits().values()) {
      for (int i = 0; i < part.size(); i++) {
        Image image = part.image(i);
        domains.merge(part.domains().get(image.domain()), 1, Integer::sum);
        groups
            .computeIfAbsent(image.domain() + "/" + image.label(), k -> new int[2])[
            part == set.test() ? 1 : 0]++;
      }
    }
    assertThat(domains.toString())
        .isEqualTo("{art_painting=2048, cartoon=2344, photo=1670, sketch=3929}");
    assertThat(groups).hasSize(28);
    for (int[] group : groups.values()) {
      assertThat(group[1]).isEqualTo(Math.round(0.2 * (group[0] + group[1])));
    }
  }

  @Test
  void caltechLearnsFromThirtyOfEveryClassAndCountsByClass() throws IOException {
    DataSet set = real("caltech101");
    assertThat(counts(set.train())).containsOnly(30);
    assertThat(set.metric()).isEqualTo(Metric.MEAN_PER_CLASS);
  }

  @Test
  void signDigitsHoldAQuarterOfEveryClass() throws IOException {
    DataSet set = real("sign-digits");
    int[] train = counts(set.train());
    int[] test = counts(set.test());
    assertThat(train).hasSize(10);
    assertThat(Arrays.stream(train).sum() + Arrays.stream(test).sum()).isEqualTo(2062);
    for (int c = 0; c < 10; c++) {
      assertThat(test[c]).isEqualTo((int) Math.round(0.25 * (train[c] + test[c])));
    }
  }

  @Test
  void gtsrbsTracksAreNeverOnBothSides() throws IOException {
    DataSet set = real("gtsrb");
    assertThat(set.train().size() + set.test().size()).isEqualTo(9030);
    assertThat(set.train().classes()).hasSize(43);
    Set<String> learn =
        ids(set.train()).stream().map(id -> id.split("_")[0]).collect(Collectors.toSet());
    Set<String> judge =
        ids(set.test()).stream().map(id -> id.split("_")[0]).collect(Collectors.toSet());
    assertThat(learn).allMatch(track -> track.matches("\\d{5}/\\d{5}"));
    assertThat(learn.stream().filter(judge::contains)).isEmpty();
    assertThat((double) judge.size() / (learn.size() + judge.size())).isBetween(0.25, 0.35);
    assertThat(counts(set.test())).doesNotContain(0);
  }

  @Test
  void bccdsPicturesHaveNoClass() throws IOException {
    ImageSet set = real("bccd").train();
    assertThat(IntStream.range(0, set.size()).map(i -> set.image(i).label()))
        .containsOnly(Image.NONE);
  }
}
