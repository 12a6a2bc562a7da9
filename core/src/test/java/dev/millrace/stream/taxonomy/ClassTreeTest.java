package dev.millrace.stream.taxonomy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassTreeTest {
  @TempDir Path dir;

  @Test
  void aDogIsCloserToACatThanToACar() {
    WordNetTree tree = WordNetTree.open();
    assertThat(tree.distance("dog", "cat")).isLessThan(tree.distance("dog", "car"));
    assertThat(tree.distance("dog", "dog")).isZero();
    assertThat(tree.distance("Dog", "n02084071")).isZero();
    assertThat(tree.describe("pickup_truck")).contains("pickup");
    assertThatThrownBy(() -> tree.require(List.of("dog", "zzqx", "n00000001")))
        .hasMessageContaining("zzqx, n00000001")
        .hasMessageContaining("--hierarchy FILE");
  }

  @Test
  void aHierarchyFileIsReadAndItsWrongLinesAreNamed() throws Exception {
    Path file = dir.resolve("tree.txt");
    Files.writeString(file, "# mine\ncat: animal/mammal\ndog: animal/mammal\n\nvan: vehicle\n");
    HierarchyFile tree = HierarchyFile.read(file);
    assertThat(tree.distance("cat", "dog")).isEqualTo(2);
    assertThat(tree.distance("cat", "van")).isEqualTo(5);
    assertThat(tree.describe("cat")).isEqualTo("cat: animal/mammal");
    Files.writeString(file, "cat: animal\ndog animal\n");
    assertThatThrownBy(() -> HierarchyFile.read(file)).hasMessageContaining("line 2");
  }

  @Test
  void aHierarchyOfAnotherEncodingIsRefusedByFileAndLine() throws Exception {
    Path file = dir.resolve("latin.txt");
    Files.write(file, "cat: a\nlöwe: a\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> HierarchyFile.read(file))
        .hasMessageContaining("latin.txt, line 2")
        .hasMessageContaining("save it as UTF-8");
  }

  @Test
  void aHierarchyKnowsClassesInWhicheverNormalFormItIsWritten() throws Exception {
    Path file = dir.resolve("mac.txt");
    Files.writeString(file, "\uFEFFlo\u0308we: ra\u0308uber\nb\u00E4r: r\u00E4uber\n");
    HierarchyFile tree = HierarchyFile.read(file);
    assertThat(tree.knows("l\u00F6we")).isTrue();
    assertThat(tree.knows("lo\u0308we")).as("of a program's own set").isTrue();
    assertThat(tree.distance("l\u00F6we", "b\u00E4r")).isEqualTo(2);
    assertThat(tree.describe("l\u00F6we")).endsWith("r\u00E4uber");
  }

  @Test
  void aNameIsMappedAsAWholeOrNotAtAll() {
    WordNetTree tree = WordNetTree.open();
    assertThatThrownBy(
            () ->
                tree.require(
                    List.of("Faces_easy", "stripes-fine", "car_side", "water_lilly", "stop_sign")))
        .isInstanceOf(UnmappedClassException.class)
        .hasMessageContaining("5 classes")
        .hasMessageContaining("Faces_easy, stripes-fine, car_side")
        .hasMessageContaining("--hierarchy FILE");
  }

  @ParameterizedTest
  @CsvSource({
    "Faces, face",
    "Motorbikes, motorbike",
    "boxes, box",
    "cherries, cherry",
    "wolves, wolf",
    "geese, goose",
    "wild_cat, wildcat",
    "colts-foot, coltsfoot",
    "Grand_Pianos, grand piano"
  })
  void aPluralOrAnotherSpellingIsTheSameClass(String name, String lemma) {
    assertThat(WordNetTree.open().distance(name, lemma)).isZero();
  }

  @Test
  void aWordThatEndsLikeAPluralIsItself() {
    WordNetTree tree = WordNetTree.open();
    for (String name : List.of("bus", "glass", "scissors", "octopus", "chess")) {
      assertThat(tree.describe(name)).contains(" " + name + " ");
    }
  }

  @Test
  void cifar10sClassesAllStandInWordNetAnimalsByAnimals() {
    WordNetTree tree = WordNetTree.open();
    List<String> animals = List.of("bird", "cat", "deer", "dog", "frog", "horse");
    List<String> vehicles = List.of("airplane", "automobile", "ship", "truck");
    assertThat(animals).allMatch(tree::knows);
    assertThat(vehicles).allMatch(tree::knows);
    for (String animal : animals) {
      for (String vehicle : vehicles) {
        assertThat(tree.distance(animal, vehicle)).isGreaterThan(tree.distance(animal, "dog"));
      }
    }
  }
}
