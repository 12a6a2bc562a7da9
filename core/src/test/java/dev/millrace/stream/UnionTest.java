package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnionTest {
  private record Toy(String name, int size, List<String> classes) implements ImageSet {
    @Override
    public Image image(int index) {
      return new Image(index + ".jpg", index % classes.size(), Image.NONE, () -> new byte[0]);
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  private static List<String> ids(ImageSet set) {
    return IntStream.range(0, set.size()).mapToObj(i -> set.image(i).id()).toList();
  }

  @Test
  void idsAreUniqueWhateverTheSetsAreCalled() {
    List<String> cat = List.of("cat");
    Union union =
        new Union(
            "all",
            List.of(
                new Toy("photos", 2, cat),
                new Toy("photos", 1, cat),
                new Toy("other", 1, cat),
                new Toy("photos~2", 1, cat),
                new Toy("photos", 1, cat)));
    assertThat(ids(union))
        .containsExactly(
            "photos/0.jpg",
            "photos/1.jpg",
            "photos~2/0.jpg",
            "other/0.jpg",
            "photos~2~2/0.jpg",
            "photos~3/0.jpg");
  }

  @Test
  void classesAreMatchedByName() {
    Union union =
        new Union(
            "all",
            List.of(
                new Toy("a", 2, List.of("cat", "dog")), new Toy("b", 2, List.of("emu", "cat"))));
    assertThat(union.classes()).containsExactly("cat", "dog", "emu");
    assertThat(IntStream.range(0, 4).map(i -> union.image(i).label())).containsExactly(0, 1, 2, 0);
  }

  @Test
  void everyPictureComesFromItsOwnSetHoweverManyAreEmpty() {
    Toy none = new Toy("none", 0, List.of("x"));
    Union union =
        new Union(
            "all",
            List.of(
                none,
                new Toy("a", 2, List.of("cat")),
                none,
                none,
                new Toy("b", 1, List.of("dog")),
                none));
    assertThat(ids(union)).containsExactly("a/0.jpg", "a/1.jpg", "b/0.jpg");
    assertThat(union.classes()).containsExactly("x", "cat", "dog");
    assertThat(IntStream.range(0, 3).map(i -> union.image(i).label())).containsExactly(1, 1, 2);
  }

  @Test
  void lookingAtPicturesDoesNotSearchTheClasses() {
    AtomicInteger comparisons = new AtomicInteger();
    List<String> names =
        new AbstractList<>() {
          @Override
          public String get(int index) {
            comparisons.incrementAndGet();
            return "class " + index;
          }

          @Override
          public int size() {
            return 1000;
          }
        };
    Union union = new Union("all", List.of(new Toy("a", 1000, names), new Toy("b", 1000, names)));
    int once = comparisons.get();
    for (int i = 0; i < union.size(); i++) {
      union.image(i);
    }
    assertThat(comparisons).hasValue(once);
  }
}
