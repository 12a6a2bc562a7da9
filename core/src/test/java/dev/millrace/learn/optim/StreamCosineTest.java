package dev.millrace.learn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StreamCosineTest {
  @Test
  void chunksThatAreAsPlannedFollowOneCosineToTheBit() {
    CosineSchedule whole = new CosineSchedule(0.3, 0, 30);
    StreamCosine first = new StreamCosine(0.3, 0, 10, 0, 10, 30);
    StreamCosine second = new StreamCosine(0.3, 0, 20, 10, 20, 30);
    for (int step = 0; step < 30; step++) {
      assertThat(step < 10 ? first.at(step) : second.at(step - 10)).isEqualTo(whole.at(step));
      assertThat(step < 10 ? first.share(step) : second.share(step - 10))
          .isEqualTo(whole.share(step));
    }
  }

  @Test
  void aChunkOfFewerStepsThanPlannedTakesItsPartOfTheCosineAllTheSame() {
    StreamCosine thin = new StreamCosine(1, 0, 5, 10, 10, 20);
    assertThat(thin.at(0)).isEqualTo(new CosineSchedule(1, 0, 20).at(10));
    assertThat(thin.at(4)).isEqualTo(new CosineSchedule(1, 0, 20).at(18));
  }

  @Test
  void aWarmUpScalesItsFirstSteps() {
    StreamCosine warm = new StreamCosine(1, 2, 10, 0, 10, 10);
    assertThat(warm.at(0)).isEqualTo(0.5);
    assertThat(warm.at(1)).isEqualTo(new CosineSchedule(1, 0, 10).at(1));
  }

  @Test
  void aChunkBeyondTheStreamIsRefused() {
    assertThatThrownBy(() -> new StreamCosine(1, 0, 10, 10, 11, 20))
        .hasMessageContaining("planned as 11 after 10 of 20");
  }
}
