package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SamplerTest {
  private static int[] shares(int[] epoch, int size, int... kept) {
    int[] shares = new int[kept.length + 1];
    for (int index : epoch) {
      int part = 0;
      int end = size;
      while (index >= end) {
        end += kept[part++];
      }
      shares[part]++;
    }
    return shares;
  }

  @ParameterizedTest
  @EnumSource(Sampler.Mix.class)
  void anEpochDrawsAsManyAsTheChunkHasWhateverIsKept(Sampler.Mix mix) {
    for (int[] kept : new int[][] {{}, {0, 0}, {3}, {200, 0, 7}}) {
      int[] epoch = Sampler.epoch(1, 3, 0, 101, kept, mix);
      assertThat(epoch).hasSize(101);
      int pool = 101 + Arrays.stream(kept).sum();
      assertThat(Arrays.stream(epoch)).allSatisfy(i -> assertThat(i).isBetween(0, pool - 1));
    }
  }

  @Test
  void withoutMemoryAnEpochIsAPermutationOfTheChunk() {
    assertThat(Sampler.epoch(1, 0, 0, 60, new int[0], Sampler.Mix.BALANCED))
        .doesNotHaveDuplicates()
        .hasSize(60);
  }

  @Test
  void balancedGivesEachChunkTheSameShareEvenWhenAMemoryIsTiny() {
    int[] shares =
        shares(
            Sampler.epoch(1, 3, 0, 101, new int[] {1, 40, 3}, Sampler.Mix.BALANCED), 101, 1, 40, 3);
    assertThat(Arrays.stream(shares)).allSatisfy(share -> assertThat(share).isBetween(25, 26));
  }

  @Test
  void balancedRepeatsATinyMemoryEvenlyAndItsOwnChunkNot() {
    int[] epoch = Sampler.epoch(1, 1, 0, 100, new int[] {4}, Sampler.Mix.BALANCED);
    int[] times = new int[104];
    for (int index : epoch) {
      times[index]++;
    }
    assertThat(Arrays.stream(times, 0, 100)).allSatisfy(n -> assertThat(n).isLessThanOrEqualTo(1));
    assertThat(Arrays.stream(times, 100, 104)).allSatisfy(n -> assertThat(n).isBetween(12, 13));
  }

  @Test
  void uniformDrawsWithoutRepeatsInProportionToThePool() {
    int[] epoch = Sampler.epoch(1, 1, 0, 1000, new int[] {1000}, Sampler.Mix.UNIFORM);
    assertThat(epoch).doesNotHaveDuplicates();
    assertThat(shares(epoch, 1000, 1000)[1]).isBetween(430, 570);
  }

  @ParameterizedTest
  @EnumSource(Sampler.Mix.class)
  void anOrderDependsOnItsArgumentsAlone(Sampler.Mix mix) {
    int[] kept = {9, 5};
    int[] epoch = Sampler.epoch(1, 2, 3, 64, kept, mix);
    assertThat(Sampler.epoch(1, 2, 3, 64, kept, mix)).isEqualTo(epoch);
    assertThat(Sampler.epoch(1, 2, 4, 64, kept, mix)).isNotEqualTo(epoch);
    assertThat(Sampler.epoch(2, 2, 3, 64, kept, mix)).isNotEqualTo(epoch);
    assertThat(kept).containsExactly(9, 5);
  }
}
