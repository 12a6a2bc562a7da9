package dev.millrace.stream.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Chunk;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.ImageStream;
import dev.millrace.stream.taxonomy.HierarchyFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class OrdersTest {
  private record Toy(int size, List<String> classes, List<String> domains) implements ImageSet {
    @Override
    public String name() {
      return "toy";
    }

    @Override
    public Image image(int index) {
      int label = classes.isEmpty() ? Image.NONE : index % classes.size();
      int domain = domains.isEmpty() ? Image.NONE : index % domains.size();
      return new Image("p" + index, label, domain, () -> new byte[] {(byte) index});
    }
  }

  private static Toy toy(int size, int classes, int domains) {
    return new Toy(
        size,
        IntStream.range(0, classes).mapToObj(i -> "c" + i).toList(),
        IntStream.range(0, domains).mapToObj(i -> "d" + i).toList());
  }

  private static HierarchyFile tree(int classes) {
    Map<String, List<String>> groups = new HashMap<>();
    for (int i = 0; i < classes; i++) {
      groups.put("c" + i, List.of("g" + i % 2, "s" + i % 4));
    }
    return HierarchyFile.of(groups);
  }

  private static List<List<String>> ids(ImageStream stream) {
    return stream.chunks().stream()
        .map(c -> IntStream.range(0, c.size()).mapToObj(i -> c.images().image(i).id()).toList())
        .toList();
  }

  private static List<Integer> classCounts(ImageStream stream) {
    Set<Integer> all = new HashSet<>();
    List<Integer> counts = new ArrayList<>();
    for (Chunk chunk : stream.chunks()) {
      Set<Integer> own = new HashSet<>();
      for (int i = 0; i < chunk.size(); i++) {
        own.add(chunk.images().image(i).label());
      }
      assertThat(all).doesNotContainAnyElementsOf(own);
      all.addAll(own);
      counts.add(own.size());
    }
    return counts;
  }

  private static void assertEven(List<Integer> counts) {
    int most = counts.stream().mapToInt(i -> i).max().orElseThrow();
    int least = counts.stream().mapToInt(i -> i).min().orElseThrow();
    assertThat(most - least).isLessThanOrEqualTo(1);
  }

  @Property(tries = 60, seed = "7")
  void everyImageFallsIntoExactlyOneChunkAndAnOrderIsAPureFunction(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 9) int chunks) {
    Toy set = toy(97, 11, 3);
    List<String> all = IntStream.range(0, 97).mapToObj(i -> "p" + i).toList();
    for (int round = 0; round < 4; round++) {
      List<List<String>> once = ids(make(round, set, chunks, seed));
      assertThat(once.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(all);
      assertThat(ids(make(round, set, chunks, seed))).isEqualTo(once);
    }
  }

  private static ImageStream make(int which, ImageSet set, int chunks, long seed) {
    return switch (which) {
      case 0 -> InstanceOrder.stream(set, chunks, seed);
      case 1 -> ClassOrder.stream(set, chunks, seed);
      case 2 -> DistantClassOrder.stream(set, chunks, tree(11), seed);
      default -> DomainOrder.stream(set, seed);
    };
  }

  @Property(tries = 60, seed = "7")
  void partsAreEqualUpToOneAndClassGroupsAreDisjoint(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 11) int chunks) {
    Toy set = toy(97, 11, 3);
    assertEven(InstanceOrder.stream(set, chunks, seed).chunks().stream().map(Chunk::size).toList());
    assertEven(classCounts(ClassOrder.stream(set, chunks, seed)));
    assertEven(classCounts(DistantClassOrder.stream(set, chunks, tree(11), seed)));
  }

  @Example
  void theDistantOrderKeepsRelatedClassesTogether() {
    ImageStream stream = DistantClassOrder.stream(toy(80, 8, 0), 2, tree(8), 5);
    for (Chunk chunk : stream.chunks()) {
      assertThat(IntStream.range(0, chunk.size()).map(i -> chunk.images().image(i).label() % 2))
          .containsOnly(chunk.images().image(0).label() % 2);
    }
  }

  @Example
  void refusalsSayHowToMend() {
    assertThatThrownBy(() -> ClassOrder.stream(toy(50, 10, 0), 12, 1))
        .hasMessage(
            "--chunks 12 is more than the 10 classes of toy;"
                + " a class stream can have 2 to 10 chunks");
    for (ImageSet one : List.of(toy(50, 1, 0), toy(50, 2, 0).subset("toy", 0, 2, 4))) {
      assertThatThrownBy(() -> ClassOrder.stream(one, 2, 1))
          .hasMessage(
              "toy has pictures of one class only (c0), expected at least 2 for a class stream;"
                  + " give a set of more classes, or take --stream instance");
    }
    assertThatThrownBy(() -> ClassOrder.stream(toy(50, 4, 0), 1, 1))
        .hasMessageContaining("2 to 4 chunks, or take --stream joint");
    assertThatThrownBy(() -> ClassOrder.stream(toy(9, 0, 0), 2, 1))
        .hasMessageContaining("p0, p1")
        .hasMessageContaining("take --stream instance");
    assertThatThrownBy(() -> DomainOrder.stream(toy(9, 2, 0), 1))
        .hasMessageContaining("toy has no domains")
        .hasMessageContaining("take --stream instance");
    assertThatThrownBy(() -> DomainOrder.stream(toy(9, 2, 3), 2, 1)).hasMessageContaining("3");
    assertThatThrownBy(() -> InstanceOrder.stream(toy(9, 2, 0), 0, 1)).hasMessageContaining("0");
    assertThatThrownBy(() -> InstanceOrder.stream(toy(9, 2, 0), 10, 1)).hasMessageContaining("9");
    assertThatThrownBy(() -> GivenOrder.stream(List.of())).hasMessageContaining("at least one");
    assertThat(JointOrder.stream(toy(9, 2, 0)).size()).isEqualTo(9);
  }
}
