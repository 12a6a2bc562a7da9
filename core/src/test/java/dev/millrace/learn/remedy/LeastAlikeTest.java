package dev.millrace.learn.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeastAlikeTest {
  private static float[][] alike(double... at) {
    float[][] alike = new float[at.length][at.length];
    for (int i = 0; i < at.length; i++) {
      for (int j = 0; j < at.length; j++) {
        alike[i][j] = (float) -Math.abs(at[i] - at[j]);
      }
    }
    return alike;
  }

  @Test
  void ofPointsOnALineTheCrowdedOnesGoFirst() {
    // 3 and 4 are nearest to each other, then 0 and 1; 2 stands alone.
    LeastAlike among = new LeastAlike(alike(0, 0.5, 5, 9, 9.1));
    assertThat(among.drop()).isEqualTo(4);
    assertThat(among.drop()).isEqualTo(1);
    assertThat(among.left()).isEqualTo(3);
    assertThat(among.isGone(4)).isTrue();
    assertThat(among.isGone(2)).isFalse();
    assertThat(among.drop()).isEqualTo(3);
    assertThat(among.drop()).isEqualTo(2);
    assertThat(among.drop()).isEqualTo(0);
  }

  @Test
  void eachStepDropsOneOfThePairThatIsNearestAmongThoseLeft() {
    Random random = new Random(3);
    double[] at = random.doubles(40).toArray();
    float[][] alike = alike(at);
    LeastAlike among = new LeastAlike(alike);
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < at.length; i++) {
      left.add(i);
    }
    while (left.size() > 1) {
      float best = Float.NEGATIVE_INFINITY;
      Set<Integer> pair = new HashSet<>();
      for (int i : left) {
        for (int j : left) {
          if (i != j && alike[i][j] > best) {
            best = alike[i][j];
            pair = Set.of(i, j);
          }
        }
      }
      int dropped = among.drop();
      assertThat(pair).contains(dropped);
      left.remove((Integer) dropped);
    }
  }
}
