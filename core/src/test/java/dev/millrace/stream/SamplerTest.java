package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
      int[] epoch = Sampler.epoch(1, 3, 0, 101, kept, mix, 8);
      assertThat(epoch).hasSize(101);
      int pool = 101 + Arrays.stream(kept).sum();
      assertThat(Arrays.stream(epoch)).allSatisfy(i -> assertThat(i).isBetween(0, pool - 1));
    }
  }

  @Test
  void withoutMemoryAnEpochIsAPermutationOfTheChunk() {
    assertThat(Sampler.epoch(1, 0, 0, 60, new int[0], Sampler.Mix.BALANCED, 8))
        .doesNotHaveDuplicates()
        .hasSize(60);
  }

  @Test
  void balancedGivesEachChunkTheSameShareEvenWhenAMemoryIsTiny() {
    int[] shares =
        shares(
            Sampler.epoch(1, 3, 0, 101, new int[] {1, 40, 3}, Sampler.Mix.BALANCED, 8),
            101,
            1,
            40,
            3);
    assertThat(Arrays.stream(shares)).allSatisfy(share -> assertThat(share).isBetween(25, 26));
  }

  @Test
  void balancedRepeatsATinyMemoryEvenlyAndItsOwnChunkNot() {
    int[] epoch = Sampler.epoch(1, 1, 0, 100, new int[] {4}, Sampler.Mix.BALANCED, 8);
    int[] times = new int[104];
    for (int index : epoch) {
      times[index]++;
    }
    assertThat(Arrays.stream(times, 0, 100)).allSatisfy(n -> assertThat(n).isLessThanOrEqualTo(1));
    assertThat(Arrays.stream(times, 100, 104)).allSatisfy(n -> assertThat(n).isBetween(12, 13));
  }

  @Test
  void uniformDrawsWithoutRepeatsInProportionToThePool() {
    int[] epoch = Sampler.epoch(1, 1, 0, 1000, new int[] {1000}, Sampler.Mix.UNIFORM, 8);
    assertThat(epoch).doesNotHaveDuplicates();
    assertThat(shares(epoch, 1000, 1000)[1]).isBetween(430, 570);
  }

  @ParameterizedTest
  @EnumSource(Sampler.Mix.class)
  void anOrderDependsOnItsArgumentsAlone(Sampler.Mix mix) {
    int[] kept = {9, 5};
    int[] epoch = Sampler.epoch(1, 2, 3, 64, kept, mix, 8);
    assertThat(Sampler.epoch(1, 2, 3, 64, kept, mix, 8)).isEqualTo(epoch);
    assertThat(Sampler.epoch(1, 2, 4, 64, kept, mix, 8)).isNotEqualTo(epoch);
    assertThat(Sampler.epoch(2, 2, 3, 64, kept, mix, 8)).isNotEqualTo(epoch);
    assertThat(kept).containsExactly(9, 5);
  }

  @ParameterizedTest
  @CsvSource({"HALF, 2", "QUARTER, 4", "EIGHTH, 8"})
  void eachBatchHasItsPartOfThePastHoweverManyChunksCameBefore(Sampler.Mix mix, int oneOf) {
    int[] kept = new int[20];
    Arrays.fill(kept, 5);
    int[] epoch = Sampler.epoch(1, 20, 0, 101, kept, mix, 8);
    int past = 0;
    for (int from = 0; from < epoch.length; from += 8) {
      int[] batch = Arrays.copyOfRange(epoch, from, Math.min(from + 8, epoch.length));
      long old = Arrays.stream(batch).filter(index -> index >= 101).count();
      assertThat(old).isEqualTo(batch.length / oneOf);
      past += (int) old;
    }
    int share = past / 20;
    int[] shares = shares(epoch, 101, kept);
    assertThat(Arrays.stream(shares, 1, 21))
        .allSatisfy(n -> assertThat(n).isBetween(share, share + 1));
    assertThat(Arrays.stream(epoch).filter(index -> index < 101).boxed().toList())
        .doesNotHaveDuplicates();
  }

  @Test
  void halfIsWhatBalancedIsWhereOneChunkCameBefore() {
    int[] half = shares(Sampler.epoch(1, 1, 0, 64, new int[] {7}, Sampler.Mix.HALF, 8), 64, 7);
    int[] balanced =
        shares(Sampler.epoch(1, 1, 0, 64, new int[] {7}, Sampler.Mix.BALANCED, 8), 64, 7);
    assertThat(half).isEqualTo(balanced);
  }

  @Test
  void halfMixesOldAndNewWithinABatch() {
    // Parts of a batch are normalised each by itself (--bn-splits): none may be old alone.
    int[] epoch = Sampler.epoch(1, 1, 0, 6400, new int[] {900}, Sampler.Mix.HALF, 64);
    int first = 0;
    for (int from = 0; from < epoch.length; from += 64) {
      first += epoch[from] < 6400 ? 1 : 0;
    }
    assertThat(first).isBetween(25, 75);
  }
}
