package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoIT {
  @TempDir private Path folder;

  @Test
  void everyTrainedEncoderBeatsRawPixelsAndTheUntrainedOneByTenPoints() throws Exception {
    Command.Ended ended =
        Command.done("demo", "--json", "--out", folder.resolve("demo").toString());
    JsonNode knn = ended.json().path("knn");
    double untrained = knn.path("untrained").asDouble();
    double raw = knn.path("raw_pixels").asDouble();
    assertThat(knn.path("sequential")).hasSize(4);
    assertThat(knn.path("replay")).hasSize(4);
    double atLeast = Math.max(raw, untrained) + 10;
    assertThat(knn.path("sequential").path(3).asDouble()).isGreaterThanOrEqualTo(atLeast);
    assertThat(knn.path("replay").path(3).asDouble()).isGreaterThanOrEqualTo(atLeast);
    assertThat(knn.path("joint").asDouble()).isGreaterThanOrEqualTo(atLeast);
  }
}
