package dev.millrace.ranks;

import static dev.millrace.ranks.ThreadRanks.losses;
import static dev.millrace.ranks.ThreadRanks.pretrain;
import static dev.millrace.ranks.ThreadRanks.resume;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.learn.network.LostRankException;
import dev.millrace.learn.run.StopAfter;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.file.EncoderFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RanksTest {
  /** Share of the way of small steps that the order of sums may change; large ones magnify it. */
  private static final double ROUNDING = 0.01;

  /**
   * The same where a normalisation is computed by other operators: what rounding makes of ReLUs
   * near zero. Normalised in two parts, these runs end 0.8 to 1.6 apart.
   */
  private static final double OTHER_OPERATORS = 0.1;

  @TempDir Path folder;

  /** Words as in {@code PretrainingTest}: methods, remedies of weight 1, and more. */
  private static Settings settings(String words) {
    Map<String, Object> all = new HashMap<>();
    for (String word : words.split(",")) {
      if (word.equals("mae")) {
        all.putAll(Map.of("method", word, "encoder", "vit-tiny", "patch", 8, "decoder-dim", 16));
      } else if (Methods.names().contains(word)) {
        all.put("method", word);
        if (!word.matches("moco-v2|supervised.*")) {
          all.putAll(Map.of("projector-hidden", 32, "dim", 16));
        }
      } else if (word.matches("adamw|lars")) {
        all.put("optimiser", word);
      } else if (word.equals("sync")) {
        all.put("sync-batchnorm", true);
      } else if (word.equals("branch")) {
        all.putAll(Map.of("schedule", "wsd", "publish", "branch"));
      } else if (word.matches("fifo|minred")) {
        all.put("memory", word);
      } else if (word.startsWith("cla=")) {
        all.putAll(Map.of("cla", 1, "cla-form", word.substring(4)));
      } else if (word.equals("symmetric")) {
        all.putAll(Map.of("symmetric-loss", true, "bn-splits", 2));
      } else if (word.equals("merge")) {
        all.putAll(Map.of("schedule", "wsd", "publish", "merge"));
      } else {
        all.put(word, 1);
      }
    }
    boolean counted = words.matches(".*(cla|der|minred).*");
    all.putAll(counted ? Map.of("memory-images", 40) : Map.of("replay", 0.25));
    return Settings.defaults("generated:images=144;test=8;classes=4;size=16")
        .with(
            Map.of(
                "width",
                4,
                "size",
                16,
                "epochs",
                2,
                "batch",
                36,
                "lr",
                1e-4,
                "stream",
                "class",
                "chunks",
                2,
                "threads",
                1,
                "precision",
                "fp32"))
        .with(Map.of("checkpoint-steps", 3, "schedule", "restart")) // as the bounds were found
        .with(all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "moco-v2,queue,mas",
        "moco-v2,symmetric,pnr",
        "simclr,ewc,cassle,pnr",
        "byol,pfr,si,orthogonal",
        "moco-v3,osiris",
        "dcl,lump",
        "moco-v2,lump,merge",
        "simsiam,cassle",
        "barlow-twins,der",
        "vicreg,minred,pnr",
        "nnclr,cla=b",
        "lejepa,mas,branch",
        "swav,cassle",
        "dino,pfr,merge",
        "mae,mas,adamw",
        "supcon,ewc",
        "supervised,mas",
        "supervised-mlp,si"
      })
  void twoRanksEqualOneProcessThatNormalisesInTwoPartsToRounding(String words) throws Exception {
    Settings settings = settings(words.replace("queue,", ""));
    if (words.matches("(moco-v2|nnclr|swav).*")) {
      settings = settings.with("queue", 64);
    }
    Millrace.Outcome whole = assertAlike(settings.with("norm-parts", 2), settings, ROUNDING, 1e-4);
    // Stopped after five steps, it is the same to the bit: so all ranks hold the same.
    Path stopped = folder.resolve("stopped");
    StopAfter stop = new StopAfter(5);
    Millrace.Outcome outcome = pretrain(settings, 2, stopped, stop, stop);
    while (outcome.stopped()) {
      outcome = resume(stopped, 2, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "moco-v2,queue,mas",
        "byol,pfr,orthogonal",
        "moco-v3,osiris",
        "barlow-twins,der",
        "vicreg,minred,pnr",
        "nnclr,queue,cla=b",
        "swav,queue,cassle",
        "dino,pfr,merge",
        "supervised-mlp,si"
      })
  void twoRanksWithSynchronisedStatisticsEqualOneProcessToRounding(String words) throws Exception {
    Settings settings = settings(words.replace("queue,", ""));
    if (words.contains("queue")) {
      settings = settings.with("queue", 64);
    }
    assertAlike(settings, settings.with("sync-batchnorm", true), OTHER_OPERATORS, 0.02);
  }

  @Test
  void aRunWithSynchronisedStatisticsGoesOnWithAnyNumberOfRanks() throws Exception {
    Settings settings = settings("simclr,mas").with(Map.of("batch", 36, "sync-batchnorm", true));
    Path straight = folder.resolve("straight");
    Millrace.pretrain(settings, straight);
    Path run = folder.resolve("run");
    StopAfter stop = new StopAfter(2);
    assertThat(pretrain(settings, 4, run, stop, stop).stopped()).isTrue();
    assertThat(resume(run, 3, stop.again(), stop).stopped()).isTrue();
    assertThat(resume(run, 1, stop.again(), () -> false).stopped()).isFalse();
    assertThat(apart(settings, straight, run)).isLessThan(OTHER_OPERATORS);
    assertThatThrownBy(() -> settings.with("norm-parts", 2))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--norm-parts 2");
    assertThatThrownBy(
            () -> settings("moco-v2").with(Map.of("bn-splits", 2, "sync-batchnorm", true)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--bn-splits 2");
  }

  /**
   * Their rows of old pictures are normalised by each rank for itself, and a mean is published by
   * the first.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "simclr,cla=e",
        "simclr,cla=r",
        "moco-v2,fifo,der,cla=r",
        "moco-v2,mas,merge",
        "simclr,cla=e,sync",
        "simclr,cla=r,sync"
      })
  void ranksStoppedAndResumedEndWithTheSameBytes(String words) throws Exception {
    Settings settings = settings(words);
    Millrace.Outcome whole =
        pretrain(settings, 2, folder.resolve("whole"), event -> {}, () -> false);
    StopAfter stop = new StopAfter(1);
    Path run = folder.resolve("stopped");
    Millrace.Outcome outcome = pretrain(settings, 2, run, stop, stop);
    while (outcome.stopped()) {
      outcome = resume(run, 2, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(whole.encoderSha256());
  }

  @ParameterizedTest
  @CsvSource({"3, 4", "3, 16"}) // width 16 trains through oneDNN
  void threeRanksEqualOneProcessThatNormalisesInThreePartsToRounding(int ranks, int width)
      throws Exception {
    Settings settings = settings("moco-v2,mas").with(Map.of("queue", 64, "width", width));
    Path one = folder.resolve("one");
    Millrace.pretrain(settings.with("norm-parts", ranks), one);
    Path many = folder.resolve("many");
    pretrain(settings, ranks, many, event -> {}, () -> false);
    // MAS weighs by sizes of gradients, which sets further apart what rounding did.
    assertThat(apart(settings, one, many)).isLessThan(2 * ROUNDING);
    Path whole = folder.resolve("whole");
    Millrace.pretrain(settings, whole);
    assertThat(apart(settings, one, whole)).as("normalised as a whole").isGreaterThan(5 * ROUNDING);
  }

  @Test
  void aRunGoesOnWithFewerRanksAndOneAndEqualsItselfToRounding() throws Exception {
    Settings settings = settings("simclr,mas").with("batch", 32);
    Path straight = folder.resolve("straight");
    pretrain(settings, 4, straight, event -> {}, () -> false);
    Path run = folder.resolve("run");
    StopAfter stop = new StopAfter(2);
    assertThat(pretrain(settings, 4, run, stop, stop).stopped()).isTrue();
    assertThat(resume(run, 2, stop.again(), stop).stopped()).isTrue();
    assertThat(resume(run, 1, stop.again(), () -> false).stopped()).isFalse();
    assertThat(apart(settings, straight, run)).isLessThan(ROUNDING);
    assertThatThrownBy(() -> resume(run, 3, event -> {}, () -> false))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("4 parts")
        .hasMessageContaining("1, 2, 4");
  }

  @Test
  void aChunkWhoseBatchDoesNotDivideIsMadeWholeByEveryRank() throws Exception {
    // 2 chunks of 36 pictures, so one batch of 36 a chunk.
    Settings settings =
        settings("moco-v2,mas")
            .with(
                Map.of(
                    "data",
                    List.of("generated:images=70;test=8;classes=2;size=16"),
                    "batch",
                    64,
                    "queue",
                    80,
                    "norm-parts",
                    2));
    Path one = folder.resolve("one");
    Millrace.pretrain(settings, one);
    Path two = folder.resolve("two");
    pretrain(settings, 2, two, event -> {}, () -> false);
    assertThat(apart(settings, one, two)).isLessThan(ROUNDING);
  }

  @Test
  void aBatchThatRanksCannotShareOutIsRefusedBeforeTheRunHasAFolder() {
    Path run = folder.resolve("run");
    assertThatThrownBy(
            () -> pretrain(settings("simclr").with("batch", 33), 2, run, event -> {}, () -> false))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--ranks 2")
        .hasMessageContaining("--batch 33")
        .hasMessageContaining("32 say");
    assertThatThrownBy(() -> Millrace.pretrain(settings("simclr").with("ranks", 2), run))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("LocalRanks");
    assertThat(run).doesNotExist();
  }

  @Test
  void ranksOfSeveralMachinesMeetAtThePortOfTheFirstAndNoneOfAnotherAttemptDoes() throws Exception {
    Natives.load();
    try (C10dRanks first = C10dRanks.first(LocalRanks.HERE, 2, "this")) {
      assertThat(first.port()).isBetween(1, 65_535);
      Meeting meeting = Meeting.of(LocalRanks.HERE + " " + first.port() + " this");
      Meeting other = new Meeting(meeting.address(), meeting.port(), "other");
      assertThatThrownBy(() -> C10dRanks.beside(other, LocalRanks.HERE, 1, 2))
          .isInstanceOf(LostRankException.class)
          .hasMessageContaining("another attempt or run");
      Future<Integer> most =
          Executors.newSingleThreadExecutor()
              .submit(
                  () -> {
                    try (C10dRanks second = C10dRanks.beside(meeting, LocalRanks.HERE, 1, 2)) {
                      return second.meet().most(7);
                    }
                  });
      assertThat(first.meet().most(3)).isEqualTo(7);
      assertThat(most.get()).isEqualTo(7);
    }
  }

  /**
   * One process and two ranks end with weights and losses alike.
   *
   * @return how the ranks ended
   */
  private Millrace.Outcome assertAlike(
      Settings process, Settings ranks, double weights, double loss) throws Exception {
    List<Double> alone = new ArrayList<>();
    Path one = folder.resolve("one");
    Millrace.pretrain(process, one, losses(alone), () -> false);
    List<Double> shared = new ArrayList<>();
    Path two = folder.resolve("two");
    Millrace.Outcome outcome = pretrain(ranks, 2, two, losses(shared), () -> false);
    assertThat(shared).hasSameSizeAs(alone);
    assertThat(apart(ranks, one, two)).isLessThan(weights);
    for (int i = 0; i < shared.size(); i++) {
      assertThat(shared.get(i)).isCloseTo(alone.get(i), org.assertj.core.data.Offset.offset(loss));
    }
    return outcome;
  }

  /**
   * How far two runs' encoders ended from each other: of weights as a share of the way that they
   * came, of running statistics as a share of themselves.
   */
  private double apart(Settings settings, Path one, Path other) throws Exception {
    Path begun = folder.resolve("begun");
    if (!java.nio.file.Files.exists(begun)) {
      Millrace.pretrain(settings.with(Map.of("lr", 1e-9, "epochs", 1)), begun);
    }
    Device cpu = new Device("cpu");
    try (PointerScope scope = new PointerScope();
        EncoderFile start = EncoderFile.read(begun.resolve("encoder.safetensors"), cpu);
        EncoderFile a = EncoderFile.read(one.resolve("encoder.safetensors"), cpu);
        EncoderFile b = EncoderFile.read(other.resolve("encoder.safetensors"), cpu)) {
      double[] sums = new double[4];
      for (Map.Entry<String, Tensor> entry : a.net().state().entrySet()) {
        Tensor x = entry.getValue().detach().to(ScalarType.Double);
        Tensor y = b.net().state().get(entry.getKey()).detach();
        Tensor s = start.net().state().get(entry.getKey()).detach();
        boolean running = entry.getKey().contains("running");
        sums[running ? 2 : 0] += x.sub(y).square().sum().item_double();
        sums[running ? 3 : 1] += (running ? x : x.sub(s)).square().sum().item_double();
      }
      return Math.sqrt(Math.max(sums[0] / sums[1], sums[3] == 0 ? 0 : sums[2] / sums[3]));
    }
  }
}
