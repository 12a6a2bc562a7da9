package dev.millrace.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawTest {
  @Test
  void theSamePlaceHasTheSameValueAndEveryOtherAnother() {
    Draw draw = Draw.of(5, "crop", 1, 2, 3);
    assertThat(draw.bits()).isEqualTo(draw.bits());
    assertThat(Draw.of(5, "crop", 1, 2).at(3).bits()).isEqualTo(draw.bits());
    assertThat(
            Set.of(
                draw.bits(),
                Draw.of(6, "crop", 1, 2, 3).bits(),
                Draw.of(5, "flip", 1, 2, 3).bits(),
                Draw.of(5, "crop", 2, 1, 3).bits(),
                Draw.of(5, "crop", 1, 2, 3, 0).bits(),
                Draw.of(5, "crop", 1, 2).bits()))
        .hasSize(6);
  }

  @Test
  void uniformsFillTheirRangeEvenly() {
    double sum = 0;
    int[] tenths = new int[10];
    for (int i = 0; i < 100_000; i++) {
      double u = Draw.of(1, "u", i).uniform(2, 4);
      assertThat(u >= 2 && u < 4).isTrue();
      sum += u;
      tenths[(int) ((u - 2) * 5)]++;
    }
    assertThat(sum / 100_000).isCloseTo(3, within(0.01));
    assertThat(Arrays.stream(tenths))
        .allSatisfy(count -> assertThat(count).isBetween(9_500, 10_500));
  }

  @Test
  void gaussiansHaveMeanZeroAndVarianceOne() {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 100_000; i++) {
      double g = Draw.of(1, "g", i).gaussian();
      sum += g;
      squares += g * g;
    }
    assertThat(sum / 100_000).isCloseTo(0, within(0.015));
    assertThat(squares / 100_000).isCloseTo(1, within(0.02));
  }

  @Test
  void aDrawBelowABoundReachesEveryNumberAndNoOther() {
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      seen.add(Draw.of(1, "below", i).below(7));
    }
    assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
    assertThatThrownBy(() -> Draw.of(1, "below").below(0)).hasMessageContaining("bound is 0");
  }

  @Test
  void aPermutationHoldsEachNumberOnceAndEveryOrderIsAsLikely() {
    int[] sorted = Draw.of(1, "p").permutation(1000);
    Arrays.sort(sorted);
    assertThat(sorted).isEqualTo(IntStream.range(0, 1000).toArray());
    int[] orders = new int[9];
    for (int i = 0; i < 6000; i++) {
      int[] p = Draw.of(1, "p", i).permutation(3);
      orders[p[0] * 3 + p[1]]++;
    }
    assertThat(orders[1] + orders[2] + orders[3] + orders[5] + orders[6] + orders[7])
        .isEqualTo(6000);
    assertThat(IntStream.of(orders[1], orders[2], orders[3], orders[5], orders[6], orders[7]))
        .allSatisfy(count -> assertThat(count).isBetween(850, 1150));
  }

  @Test
  void aSampleIsDistinctAndNeverMoreThanThereIs() {
    int[] sample = Draw.of(1, "s").sample(50, 20);
    assertThat(sample).hasSize(20).doesNotHaveDuplicates();
    assertThat(Arrays.stream(sample)).allSatisfy(i -> assertThat(i).isBetween(0, 49));
    assertThat(Draw.of(1, "s").sample(5, 0)).isEmpty();
    assertThatThrownBy(() -> Draw.of(1, "s").sample(5, 6)).hasMessageContaining("6 of 5");
  }

  @Test
  void neighbouringSeedsAndPlacesShareNothing() {
    Set<Long> all = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      for (long epoch = 0; epoch < 50; epoch++) {
        for (long position = 0; position < 20; position++) {
          all.add(Draw.of(seed, "x", epoch, position).bits());
        }
      }
    }
    assertThat(all).hasSize(50 * 50 * 20);
  }
}
