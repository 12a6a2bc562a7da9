package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Precision;
import dev.millrace.file.Yaml;
import dev.millrace.learn.method.Mae;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsTest {
  private static void refused(String words, Object... changes) {
    Map<String, Object> map = new java.util.HashMap<>();
    for (int i = 0; i < changes.length; i += 2) {
      map.put((String) changes[i], changes[i + 1]);
    }
    assertThatThrownBy(() -> Settings.defaults().with(map))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(words);
  }

  @Test
  void sizesOfViewsThatDoNotGrowToTheFullSizeAreRefused() {
    refused(
        "--progressive-size 16,24 does not end with --size 32; the full size comes last",
        "progressive-size",
        List.of(16, 24));
    refused(
        "--progressive-size 24,16,32 does not rise; give the smallest size first",
        "progressive-size",
        List.of(24, 16, 32));
    refused(
        "--progressive-size 4,32 holds a size below 8 pixels", "progressive-size", List.of(4, 32));
    refused(
        "--progressive-size 16,24,32 has more sizes than the 2 --epochs; expected an epoch each at least",
        "progressive-size",
        List.of(16, 24, 32),
        "epochs",
        2);
  }

  @Test
  void aSymmetricLossWithoutTwoViewsIsRefused() {
    assertThatThrownBy(() -> Methods.requireKnown("supervised", List.of("symmetric-loss")))
        .hasMessage(
            "--symmetric-loss is a setting of moco-v2, and --method is supervised, which has"
                + " --head, --head-warmup; leave one of them out");
  }

  @Test
  void aFileMayBeginWithAByteOrderMark(@TempDir Path folder) throws IOException {
    Path yaml = folder.resolve("settings.yaml");
    Files.writeString(yaml, "\uFEFFwidth: 8\r\n");
    assertThat(Settings.read(yaml).encoder().width()).isEqualTo(8);
  }

  @Test
  void aFileGivesSizesAsAList(@TempDir Path folder) throws IOException {
    Path yaml = folder.resolve("settings.yaml");
    Files.writeString(yaml, "progressive-size: [16, 24, 32]\nsymmetric-loss: true\n");
    Settings settings = Settings.read(yaml);
    assertThat(settings.views().progressiveSize()).containsExactly(16, 24, 32);
    assertThat(settings.asMap()).containsEntry("symmetric-loss", true);
    assertThat(Settings.defaults().views().progressiveSize()).isEmpty();
  }

  /** A run that goes on elsewhere must not decide again. */
  @Test
  void aRunsFileNamesTheArithmeticThatWasChosen(@TempDir Path folder) throws IOException {
    assertThat(Settings.defaults().asMap()).containsEntry("precision", "auto");
    Settings tiny =
        Settings.defaults("generated:images=16;test=4;size=16")
            .with(Map.of("width", 4, "size", 16, "epochs", 1, "batch", 8, "queue", 16));
    Millrace.pretrain(tiny, folder.resolve("run"));
    assertThat(Settings.read(folder.resolve("run/run.yaml")).asMap())
        .containsEntry("precision", PartSettings.precision(tiny).name().toLowerCase(Locale.ROOT));
  }

  @Test
  void aCardComputesInBf16() {
    assertThat(PartSettings.precision(Settings.defaults().with("device", "cuda")))
        .isEqualTo(Precision.BF16);
  }

  @Test
  void whatARunsFileLacksIsWhatWasDoneBeforeItWhateverTheDefaultBecomes(@TempDir Path folder)
      throws IOException {
    Settings later =
        Settings.defaults()
            .schedule(s -> s.rule(ScheduleSettings.Rule.WSD).decay(0.3))
            .encoder(e -> e.patch(8));
    Path run = folder.resolve("run.yaml");
    Path given = folder.resolve("given.yaml");
    Files.writeString(given, "epochs: 3\n");
    for (String version : List.of("", "  version: 2\n")) {
      Files.writeString(run, "settings:\n" + version + "  epochs: 3\n");
      Settings settings = SettingsFile.read(run, Map.of(), later);
      assertThat(settings.schedule())
          .isEqualTo(ScheduleSettings.standard().rule(ScheduleSettings.Rule.RESTART));
      assertThat(settings.encoder().patch()).isZero();
    }
    assertThat(SettingsFile.read(given, Map.of(), later).schedule()).isEqualTo(later.schedule());
  }

  @Test
  void aFileWithASettingOfAnotherEncoderIsRefusedButARunsFileHasAll(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("settings.yaml");
    Files.writeString(file, "encoder: vit-tiny\nwidth: 8\n");
    assertThatThrownBy(() -> Settings.read(file))
        .hasMessageContaining(file.toString())
        .hasMessageContaining("--width is a setting of resnet18 and");
    Files.writeString(file, "patch: 4\n");
    assertThatThrownBy(() -> Settings.read(file)).hasMessageContaining("--patch is a setting of");
    // Which encoder that is, the weights say.
    Files.writeString(file, "patch: 4\ninit: weights.safetensors\n");
    assertThat(Settings.read(file).encoder().patch()).isEqualTo(4);
    Files.writeString(file, "settings: {encoder: vit-tiny, width: 8}\n");
    assertThat(Settings.read(file).encoder().width()).isEqualTo(8);
  }

  @Test
  void anEncoderBringsItsFamilysOptimiserRateWarmUpAndDecayWhereNoneIsGiven() {
    TrainingSettings usual = Settings.defaults().training();
    Settings named = Settings.defaults().with("encoder", "vit-small");
    assertThat(named.training())
        .isEqualTo(
            usual
                .optimiser(TrainingSettings.Optimisation.ADAMW)
                .lr(2.5e-4)
                .weightDecay(0.05)
                .warmup(0.5));
    assertThat(Settings.defaults().encoder(e -> e.name("vit-small"))).isEqualTo(named);
    assertThat(named.with("encoder", "vit-tiny").training()).isEqualTo(named.training());
    assertThat(named.with("encoder", "resnet18")).isEqualTo(Settings.defaults());
    assertThat(named.with("epochs", 1).training().warmup()).isEqualTo(0.5);
    assertThat(Settings.defaults().with(named.chosen())).isEqualTo(named);

    // What somebody gives stays; another optimiser's rate is not known here.
    assertThat(Settings.defaults().with(Map.of("encoder", "vit-tiny", "lr", 0.03)).training())
        .isEqualTo(named.training().lr(0.03));
    assertThat(Settings.defaults().with(Map.of("encoder", "vit-tiny", "optimiser", "sgd")))
        .extracting(Settings::training)
        .isEqualTo(usual);
    assertThat(Settings.defaults().with("optimiser", "lars").with("encoder", "vit-tiny").training())
        .isEqualTo(usual.optimiser(TrainingSettings.Optimisation.LARS));
    assertThat(Settings.defaults().with(Map.of("encoder", "vit-tiny", "optimiser", "adamw")))
        .isEqualTo(named.with("encoder", "vit-tiny"));
  }

  @Test
  void aRunsFileOfATransformerKeepsWhatItSays(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.yaml");
    Files.writeString(
        file,
        "settings: {version: 2, encoder: vit-tiny, optimiser: sgd, lr: 0.03, weight-decay: 0.0005, warmup: 0.0}\n");
    assertThat(Settings.read(file).training())
        .isEqualTo(Settings.defaults().with("schedule", "restart").training());
  }

  @Test
  void aRunsFileGivesWayToAnotherScheduleOrEncoderWithAllThatNobodyChose(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("run.yaml");
    Settings usual = Settings.defaults();
    for (Settings run : List.of(usual, usual.with("schedule", "restart"))) {
      Files.write(file, Yaml.YAML.writeValueAsBytes(Map.of("settings", SettingsFile.written(run))));
      assertThat(Settings.read(file).chosen()).isEqualTo(run.chosen());
      for (Map<String, Object> over :
          List.<Map<String, Object>>of(
              Map.of("schedule", "restart"),
              Map.of("schedule", "wsd"),
              Map.of("encoder", "vit-tiny"),
              Map.of("encoder", "vit-tiny", "schedule", "cosine"))) {
        assertThat(Settings.read(file, over).chosen())
            .as(over.toString())
            .isEqualTo(run.with(over).chosen());
        assertThatCode(() -> Courses.check(Settings.read(file, over))).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void aScheduleBringsItsRateAndWayOfPublishingWhereNoneIsGiven() {
    Settings usual = Settings.defaults();
    assertThat(usual.schedule().rule()).isEqualTo(ScheduleSettings.Rule.WSD);
    assertThat(usual.schedule().publish()).isEqualTo(ScheduleSettings.Published.MERGE);
    assertThat(usual.training().lr()).isEqualTo(0.015);
    for (String rule : List.of("restart", "cosine")) {
      Settings falling = usual.with("schedule", rule);
      assertThat(falling.training()).isEqualTo(usual.training().lr(0.03));
      assertThat(falling.schedule().publish()).isEqualTo(ScheduleSettings.Published.BRANCH);
      assertThat(falling.with("schedule", "wsd")).isEqualTo(usual);
      assertThat(usual.with(falling.chosen())).isEqualTo(falling);
      assertThat(falling.with("encoder", "vit-tiny").training().lr()).isEqualTo(5e-4);
      assertThat(usual.with(Map.of("encoder", "vit-tiny", "schedule", rule)))
          .isEqualTo(falling.with("encoder", "vit-tiny"));
      assertThatCode(() -> Courses.check(falling)).doesNotThrowAnyException();
    }
    assertThat(usual.schedule(s -> s.rule(ScheduleSettings.Rule.RESTART)))
        .isEqualTo(usual.with("schedule", "restart"));
    assertThat(
            usual
                .schedule(s -> s.rule(ScheduleSettings.Rule.RESTART))
                .schedule(s -> s.rule(ScheduleSettings.Rule.WSD)))
        .isEqualTo(usual);

    assertThat(usual.with(Map.of("schedule", "restart", "optimiser", "lars")).training().lr())
        .as("whichever optimiser it is")
        .isEqualTo(0.03);
    Map<String, Object> own = Map.of("encoder", "vit-tiny", "optimiser", "sgd");
    Map<String, Object> all = new HashMap<>(own);
    all.put("schedule", "restart");
    assertThat(usual.with(all))
        .as("with an encoder and an optimiser that is not its")
        .isEqualTo(usual.with("schedule", "restart").with(own))
        .extracting(settings -> settings.training().lr())
        .isEqualTo(0.03);

    // What somebody gives stays.
    assertThat(usual.with(Map.of("schedule", "restart", "lr", 0.015)).training().lr())
        .isEqualTo(0.015);
    assertThat(usual.with("lr", 0.02).with("schedule", "restart").training().lr()).isEqualTo(0.02);
    Settings branch = usual.with("publish", "branch");
    assertThat(branch.with("encoder", "resnet34").schedule()).isEqualTo(branch.schedule());
    Settings both = usual.with(Map.of("schedule", "restart", "publish", "merge"));
    assertThatThrownBy(() -> Courses.check(both))
        .hasMessage(
            "--publish merge is of --schedule wsd, and --schedule is restart; give --schedule wsd, or leave --publish out");
  }

  @ParameterizedTest
  @MethodSource("dev.millrace.recipe.Methods#names")
  void noSettingTakesANumberThatIsNotFinite(String method) {
    Settings settings = Settings.defaults().with("method", method);
    Set<String> names = new LinkedHashSet<>(settings.asMap().keySet());
    names.removeAll(Methods.knobs());
    names.addAll(Methods.of(settings).knobs());
    names.remove("raised-max-bad"); // no flag gives it
    names.remove("checkpoint-minutes"); // infinity means by steps alone
    names.removeIf(name -> !(settings.asMap().get(name) instanceof Double));
    names.addAll(List.of("solarise", "blur-probability", "local-scale", "global-scale"));
    assertThat(names).contains("lr", "mas", "cassle-temperature", "osiris-temperature", "lump");
    for (String name : names) {
      for (double value : new double[] {Double.POSITIVE_INFINITY, Double.NaN, -1e300}) {
        assertThatThrownBy(() -> settings.with(name, value))
            .as(name + " " + value)
            .isInstanceOf(UsageException.class)
            .hasMessageStartingWith("--" + name + " ");
      }
    }
  }

  @Test
  void aWeightThatNoDrawFindsIsRefused() {
    assertThatThrownBy(() -> Settings.defaults().with("lump", 1e-320))
        .hasMessageStartingWith("--lump 1.0E-320 is neither 0, which mixes nothing, nor in 0.01");
    Settings little = Settings.defaults().with(Map.of("lump", 0.005, "memory-images", 9));
    assertThatThrownBy(() -> RemedyParts.check(little))
        .as("where a run begins; one that an older version began goes on")
        .hasMessageStartingWith("--lump 0.005 is neither 0, which mixes nothing, nor in 0.01");
  }

  @Test
  void settingsOfAMethodThatDependOnEachOtherAreCheckedTogether(@TempDir Path folder)
      throws IOException {
    Map<String, Object> sizes = Map.of("decoder-dim", 160, "decoder-heads", "5");
    Mae.Settings meant = Mae.Settings.small().decoderDim(160).decoderHeads(5);
    Settings waiting = Settings.defaults().with(sizes);
    assertThat(waiting.history().idle()).isEqualTo(Map.of("decoder-dim", 160, "decoder-heads", 5));
    Settings named =
        Settings.defaults().with("encoder", "vit-tiny").with(sizes).with("method", "mae");
    Map<String, Object> all = new HashMap<>(sizes);
    all.putAll(Map.of("method", "mae", "encoder", "vit-tiny"));
    assertThat(Settings.defaults().with(all)).isEqualTo(named);
    assertThat(named.method()).isEqualTo(meant);
    assertThat(named.with("method", "moco-v2").with("method", "mae")).isEqualTo(named);

    // As a program gives them, and as its run is read again.
    Settings run = named.method(meant);
    Path file = folder.resolve("run.yaml");
    for (Settings one : List.of(run, run.with("method", "moco-v2"))) {
      Files.write(file, Yaml.YAML.writeValueAsBytes(Map.of("settings", SettingsFile.written(one))));
      Settings read = Settings.read(file);
      assertThat(read.chosen()).isEqualTo(one.chosen());
      assertThat(read.with("method", "mae").method()).isEqualTo(meant);
    }

    for (String method : List.of("mae", "moco-v2")) {
      assertThatThrownBy(
              () -> Settings.defaults().with(Map.of("method", method, "decoder-heads", 5)))
          .isInstanceOf(UsageException.class)
          .hasMessage("--decoder-dim 96 is no multiple of 4 and of 5 heads");
    }
  }
}
