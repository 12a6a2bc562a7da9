package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoIT {
  @TempDir private Path folder;

  /** Bounds are well below what this seed has, see docs/results.md; rounding moves a run. */
  @Test
  void streamingBeatsRawPixelsAndTheUntrainedEncoderAndReplayBeatsNoReplay() throws Exception {
    Command.Ended ended =
        Command.done("demo", "--json", "--out", folder.resolve("demo").toString());
    JsonNode linear = ended.json().path("linear");
    double without =
        Math.max(linear.path("raw_pixels").asDouble(), linear.path("untrained").asDouble());
    assertThat(linear.path("sequential")).hasSize(4);
    assertThat(linear.path("replay")).hasSize(4);
    double sequential = linear.path("sequential").path(3).asDouble();
    double replay = linear.path("replay").path(3).asDouble();
    assertThat(sequential).isGreaterThanOrEqualTo(without + 4);
    assertThat(replay).isGreaterThanOrEqualTo(without + 15);
    assertThat(replay).isGreaterThanOrEqualTo(sequential);
    assertThat(linear.path("joint").asDouble())
        .isGreaterThanOrEqualTo(without + 25)
        .isGreaterThanOrEqualTo(replay - 3);
    assertThat(ended.json().path("other_seeds").path("replay").path("least").asDouble())
        .isPositive();
  }
}
