package dev.millrace.live.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.draw.Draw;
import org.junit.jupiter.api.Test;

class DriftDetectorTest {
  private static final int WIDTH = 4;

  private static float[] features(long stream, long place, double shift) {
    float[] features = new float[WIDTH];
    for (int k = 0; k < WIDTH; k++) {
      features[k] = (float) (Draw.of(stream, "features", place, k).gaussian() + shift);
    }
    return features;
  }

  /** 40 000 pictures of equal streams, of which a false alarm is expected in 400: 100 alarms. */
  @Test
  void onEqualStreamsAlarmsComeAsOftenAsWasSaid() {
    int alarms = 0;
    for (int stream = 0; stream < 40; stream++) {
      DriftDetector detector = new DriftDetector(new DriftSettings(20, 40, 400, stream));
      for (int i = 0; i < 1000; i++) {
        alarms += detector.add(features(stream, i, 0)) ? 1 : 0;
      }
    }
    // Less the pictures of first references: about 37 000 are tested, so some 92 ± 10.
    assertThat(alarms).isBetween(62, 122);
  }

  @Test
  void aShiftOfOneDeviationIsFoundWithinTwoWindows() {
    int found = 0;
    for (int stream = 0; stream < 20; stream++) {
      DriftDetector detector = new DriftDetector(new DriftSettings(20, 40, 2000, stream));
      for (int i = 0; i < 100; i++) {
        detector.add(features(stream, i, 0));
      }
      boolean alarm = false;
      for (int i = 100; i < 140; i++) {
        alarm |= detector.add(features(stream, i, 1));
      }
      found += alarm ? 1 : 0;
    }
    assertThat(found).isGreaterThanOrEqualTo(19);
  }

  @Test
  void equalFeaturesNeverAlarm() {
    DriftDetector detector = new DriftDetector(new DriftSettings(10, 10, 100, 0));
    for (int i = 0; i < 500; i++) {
      assertThat(detector.add(new float[] {1, 2})).isFalse();
    }
    assertThat(detector.score()).isEqualTo(1.0);
  }

  @Test
  void afterAnAlarmTheNewPicturesAreTheReference() {
    DriftDetector detector = new DriftDetector(new DriftSettings(20, 40, 20000, 0));
    int alarms = 0;
    for (int i = 0; i < 600; i++) {
      alarms += detector.add(features(5, i, i < 100 ? 0 : 3)) ? 1 : 0;
    }
    assertThat(alarms).isEqualTo(1);
  }

  @Test
  void aRateThatNoWindowCouldHaveIsRefused() {
    assertThatThrownBy(() -> new DriftSettings(100, 200, 500, 0))
        .hasMessageContaining("below ten windows of 100; give 1000 or more");
  }
}
