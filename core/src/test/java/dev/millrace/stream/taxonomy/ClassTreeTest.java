package dev.millrace.stream.taxonomy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
