package dev.millrace.report.numbers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.report.LedgerFile;
import dev.millrace.report.StudyReport;
import dev.millrace.study.record.Cell;
import dev.millrace.study.record.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemedyGainsTest {
  private static final Cell REPLAY = new Cell("set", "class", "moco-v2", "replay");

  @TempDir private Path folder;
  private final LedgerFile ledger = new LedgerFile();

  private Study study() throws IOException {
    return new Study(Records.read(ledger.into(folder)), List.of(), LedgerFile.NAMES);
  }

  private LedgerFile.Run run(String stream, String remedy, long seed, double value) {
    return ledger.run("set", stream, "moco-v2", remedy, seed).result("linear", "set", value);
  }

  private static Map<String, Object> cost(double cpu, int passes, int beside, int bytes) {
    return Map.of(
        "cpu_s", cpu, "image_passes", passes, "remedy_passes", beside, "bytes_kept", bytes);
  }

  @Test
  void gainAndCostsArePairedBySeedWithPlainSequentialTraining() throws Exception {
    for (int seed = 0; seed < 3; seed++) {
      double hard = 10 * seed; // what both share falls out
      run("class", "st", seed, 40 + hard).with("cost", cost(100 + hard, 1000, 0, 0));
      run("class", "replay", seed, 42 + hard + seed)
          .with("cost", cost(110 + hard + seed, 1000, 50 + seed, 7000));
    }
    RemedyGains gains = new RemedyGains(study());
    assertThat(gains.cells()).containsExactly(REPLAY);
    assertThat(gains.gain(REPLAY)).isEqualTo(new Spread(3, 3, 1));
    assertThat(gains.passes(REPLAY)).isEqualTo(new Spread(3, 51, 1));
    assertThat(gains.seconds(REPLAY)).isEqualTo(new Spread(3, 11, 1));
    assertThat(gains.bytes(REPLAY)).isEqualTo(new Spread(3, 7000, 0));
    assertThat(gains.mended(REPLAY)).isEmpty(); // no joint run, no gap
  }

  @Test
  void whatARemedyKeepsBesidePicturesStandsBesideThemAndIsUnknownOfOlderRuns() throws Exception {
    for (int seed = 0; seed < 2; seed++) {
      run("class", "st", seed, 40).with("cost", cost(100, 1000, 0, 0));
      Map<String, Object> cost = new HashMap<>(cost(110, 1000, 50, 7000));
      cost.put("remedy_bytes", 4_000_000 + seed);
      run("class", "mas", seed, 42).with("cost", cost);
      run("class", "replay", seed, 42).with("cost", cost(110, 1000, 50, 7000));
    }
    RemedyGains gains = new RemedyGains(study());
    assertThat(gains.state(REPLAY.with("mas")).mean()).isEqualTo(4_000_000.5);
    assertThat(gains.state(REPLAY).measured()).isFalse();
    assertThat(Files.readString(StudyReport.write(folder)))
        .containsPattern(
            ">ST \\+ MAS</th>.*\\+7.0 kB<small>± 0 B</small></td><td class=\"n\">\\+4.0 MB");
  }

  @Test
  void aRemedyMendsTheShareOfTheGapThatItsGainIsOfIt() throws Exception {
    double[] noise = {-0.3, 0.1, 0.4, -0.2, 0};
    for (int seed = 0; seed < 5; seed++) {
      run("joint", "jt", seed, 50 + noise[seed]);
      run("class", "st", seed, 46);
      run("class", "replay", seed, 48); // half of a gap of 4 ± 0.3
    }
    RemedyGains.Share share = new RemedyGains(study()).mended(REPLAY).orElseThrow();
    assertThat(share.mean()).isCloseTo(0.5, within(1e-9));
    // The gain has no noise, so the ends are 2 over those of the gap's t-interval.
    double half = new RemedyGains(study()).gap(REPLAY).half(0.95);
    assertThat(share.low()).isCloseTo(2 / (4 + half), within(1e-9));
    assertThat(share.high()).isCloseTo(2 / (4 - half), within(1e-9));
  }

  @Test
  void thereIsNoShareOfAGapThatIsNotShown() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      run("joint", "jt", seed, 46 + (seed % 2 == 0 ? 3 : -2)); // above on the mean, and below
      run("class", "st", seed, 46);
      run("class", "replay", seed, 48);
    }
    assertThat(new RemedyGains(study()).mended(REPLAY)).isEmpty();
    String page = Files.readString(StudyReport.write(folder));
    assertThat(page).contains("What remedies give and cost beyond ST: set, class stream");
    assertThat(page).contains("+2.0 ± 0.0", "no gap shown", "JT 1.0 ± 3.4 points above ST");
  }

  @Test
  void theIntervalOfAShareHoldsTheTrueOneInNineteenOfTwenty() throws Exception {
    Random random = new Random(11);
    int studies = 150;
    int held = 0;
    for (int study = 0; study < studies; study++) {
      LedgerFile one = new LedgerFile();
      for (int seed = 0; seed < 5; seed++) {
        double seeds = random.nextGaussian(); // of the plain run, so that gain and gap share it
        for (String remedy : List.of("jt", "st", "replay")) {
          double value =
              remedy.equals("st")
                  ? 40 + seeds
                  : (remedy.equals("jt") ? 46 : 44) + 0.5 * random.nextGaussian();
          one.run("set", remedy.equals("jt") ? "joint" : "class", "moco-v2", remedy, seed)
              .result("linear", "set", value);
        }
      }
      Study made = new Study(Records.read(one.into(folder)), List.of(), LedgerFile.NAMES);
      RemedyGains.Share share = new RemedyGains(made).mended(REPLAY).orElseThrow();
      held += share.low() <= 4 / 6.0 && 4 / 6.0 <= share.high() ? 1 : 0;
    }
    assertThat(held).isBetween(studies * 90 / 100, studies * 99 / 100);
  }
}
