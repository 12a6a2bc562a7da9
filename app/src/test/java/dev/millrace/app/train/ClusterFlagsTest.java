package dev.millrace.app.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterFlagsTest {
  @Test
  void theFirstRankHearsNothingOfTheClusterNeitherToBeginNorToGoOn() {
    List<String> typed =
        List.of(
            "--debug",
            "cluster",
            "resume",
            "runs/a",
            "--master",
            "spark://h:7077",
            "--retries=2",
            "--trust-network",
            "--ranks",
            "4",
            "--json");
    assertThat(ClusterFlags.own(ClusterFlags.words("resume", typed)))
        .containsExactly("resume", "runs/a", "--ranks", "4", "--json");
    assertThat(
            ClusterFlags.own(
                List.of("pretrain", "--master=local-cluster[2,1,1024]", "--width", "8")))
        .containsExactly("pretrain", "--width", "8");
  }
}
