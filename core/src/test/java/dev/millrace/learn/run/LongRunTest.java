package dev.millrace.learn.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LongRunTest {
  private static final int STEPS = 300;

  @TempDir Path folder;

  /** What lives in native memory, step by step. */
  private static final class Gauge implements RunEvent.Listener {
    final List<Long> pointers = new ArrayList<>();
    final List<Long> residentKb = new ArrayList<>();

    @Override
    public void on(RunEvent event) {
      if (event instanceof RunEvent.Stepped) {
        pointers.add(Pointer.totalCount());
        residentKb.add(residentKb());
      }
    }

    /** 0 where there is no /proc. */
    private static long residentKb() {
      try {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("RssAnon:"))
            .map(line -> line.replaceAll("\\D", ""))
            .mapToLong(Long::parseLong)
            .findFirst()
            .orElse(0);
      } catch (IOException e) {
        return 0;
      }
    }
  }

  @Test
  void threeHundredStepsLeaveNoMoreInMemoryThanAHundred() throws IOException {
    Settings settings =
        Settings.defaults("generated:images=160;test=0;classes=4;size=16")
            .with(
                Map.of(
                    "width",
                    16,
                    "size",
                    16,
                    "epochs",
                    STEPS / 10,
                    "batch",
                    16,
                    "queue",
                    64,
                    "threads",
                    1,
                    "checkpoint-steps",
                    1000));
    Gauge gauge = new Gauge();
    Millrace.pretrain(settings, folder.resolve("run"), gauge, () -> false);
    assertThat(gauge.pointers).hasSize(STEPS);
    assertThat(gauge.pointers.get(STEPS - 1)).isLessThanOrEqualTo(gauge.pointers.get(9));
    // A step's tensors take about 10 MB; the Java heap may still grow a little.
    assertThat(gauge.residentKb.get(STEPS - 1) - gauge.residentKb.get(99)).isLessThan(64 * 1024);
  }
}
