package dev.millrace.learn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CosineScheduleTest {
  @Test
  void theRateRisesInALineToThePeakAndFallsInHalfACosine() {
    CosineSchedule schedule = new CosineSchedule(0.8, 4, 24);
    assertThat(schedule.at(0)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.at(3)).isCloseTo(0.8, within(1e-12));
    assertThat(schedule.at(4)).isCloseTo(0.8, within(1e-12));
    assertThat(schedule.at(14)).isCloseTo(0.4, within(1e-12));
    assertThat(schedule.at(23)).isBetween(0.0, 0.01);
    for (int step = 5; step < 24; step++) {
      assertThat(schedule.at(step)).isLessThan(schedule.at(step - 1));
    }
  }

  @Test
  void withoutWarmUpItBeginsAtThePeak() {
    assertThat(new CosineSchedule(0.1, 0, 1).at(0)).isEqualTo(0.1);
  }

  @Test
  void aWarmUpThatFillsTheChunkIsRefused() {
    assertThatThrownBy(() -> new CosineSchedule(0.1, 4, 4)).hasMessageContaining("--warmup");
    assertThatThrownBy(() -> new CosineSchedule(0, 0, 4)).hasMessageContaining("--lr 0.0");
  }
}
