package dev.millrace.stream.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.draw.Draw;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.taxonomy.ClassTree;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The grouping must be that of the search that looks at every class and seed for every place. */
class DistantClassOrderTest {
  /** Distances drawn from a seed; with few values there are many ties. */
  private record DrawnTree(long seed, int values, AtomicLong asked) implements ClassTree {
    @Override
    public double distance(String a, String b) {
      asked.incrementAndGet();
      int one = Integer.parseInt(a);
      int other = Integer.parseInt(b);
      Draw draw = Draw.of(seed, "distance", Math.min(one, other), Math.max(one, other));
      return values == 0 ? draw.uniform() : draw.below(values);
    }

    @Override
    public boolean knows(String name) {
      return true;
    }

    @Override
    public void require(Collection<String> names) {}

    @Override
    public String describe(String name) {
      return name;
    }
  }

  private record Numbered(int size) implements ImageSet {
    @Override
    public String name() {
      return "numbered";
    }

    @Override
    public Image image(int index) {
      return new Image("p" + index, index, Image.NONE, () -> new byte[0]);
    }

    @Override
    public List<String> classes() {
      return IntStream.range(0, size).mapToObj(Integer::toString).toList();
    }

    @Override
    public List<String> domains() {
      return List.of();
    }
  }

  @Property(tries = 150, seed = "11")
  void theGroupsAreThoseOfTheExhaustiveSearch(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 60) int classes,
      @ForAll @IntRange(min = 0, max = 6) int values,
      @ForAll @IntRange(min = 0, max = 100) int share) {
    int chunks = 2 + share * (classes - 2) / 100;
    DrawnTree tree = new DrawnTree(seed, values, new AtomicLong());
    int[] expected = ExhaustiveDeal.clusters(classes, chunks, tree);
    int[] order = Draw.of(seed, "distant class order").permutation(chunks);
    assertThat(
            DistantClassOrder.stream(new Numbered(classes), chunks, tree, seed).chunks().stream()
                .map(
                    chunk ->
                        IntStream.range(0, chunk.size())
                            .map(i -> chunk.images().image(i).label())
                            .boxed()
                            .toList()))
        .isEqualTo(
            Arrays.stream(order)
                .mapToObj(
                    c -> IntStream.range(0, classes).filter(k -> expected[k] == c).boxed().toList())
                .toList());
  }

  @Example
  void theTreeIsAskedOncePerPair() {
    DrawnTree tree = new DrawnTree(3, 9, new AtomicLong());
    DistantClassOrder.stream(new Numbered(200), 10, tree, 1);
    assertThat(tree.asked()).hasValue(200 * 199 / 2);
  }
}
