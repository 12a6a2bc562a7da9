package dev.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ranks on hosts with a network of their own, where this machine can have such: as root, on Linux.
 */
final class HostsIT {
  private static final int COUNT = 3;

  /** It writes the run and holds its lock. */
  private static final String FIRST_RANK = TestMain.class.getName();

  @TempDir Path folder;

  @Test
  void slowAndBrokenLinksChangeNoByteAndAHostThatIsGoneForGoodIsNamedAndReplaced()
      throws Exception {
    assumeTrue(Hosts.possible(), "no rights to make hosts with a network of their own");
    Path run = folder.resolve("run");
    Path metrics = run.resolve("metrics.jsonl");
    String last;
    String gone;
    try (Hosts hosts = new Hosts(COUNT)) {
      List<Standalone.Place> places = new ArrayList<>();
      for (int host = 0; host < COUNT; host++) {
        places.add(new Standalone.Place(hosts.address(host), hosts.on(host)));
        hosts.slow(host, "200mbit");
      }
      Drivers drivers = new Drivers(folder, hosts.here());
      try (Standalone spark =
          new Standalone(new Standalone.Place(hosts.here(), List.of()), places)) {
        Process driver = drivers.start("ranks", spark.url(), run.toString());
        drivers.reach(driver, () -> Drivers.lines(metrics) > 6);
        int first = spark.working("dev.millrace.ranks.RankMain").get(0);
        hosts.cut(first);
        Thread.sleep(3000);
        hosts.mend(first);
        long before = Drivers.lines(metrics);
        drivers.reach(driver, () -> Drivers.lines(metrics) > before + 6);
        assertThat(Drivers.text(drivers.err())).doesNotContain("is lost");

        int second = spark.working(FIRST_RANK).get(0);
        gone = hosts.address(second);
        hosts.cut(second);
        long at = System.nanoTime();
        drivers.reach(driver, () -> !spark.working(FIRST_RANK).contains(second));
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - at)).isLessThan(90);
        last = drivers.end(driver);
      }
      assertThat(Files.readString(drivers.out()))
          .containsPattern("rank 0, stage \\d+ .attempt 0.: executor \\d+ of " + gone + " is lost");
    }
    assertThat(last).isEqualTo(TestDriver.onThisMachine(folder.resolve("here")));
  }
}
