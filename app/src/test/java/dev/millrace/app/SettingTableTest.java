package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.millrace.app.shared.SettingFlags;
import dev.millrace.learn.method.BarlowTwins;
import dev.millrace.learn.method.Byol;
import dev.millrace.learn.method.Dino;
import dev.millrace.learn.method.LeJepa;
import dev.millrace.learn.method.Mae;
import dev.millrace.learn.method.MethodSettings;
import dev.millrace.learn.method.MoCoV2;
import dev.millrace.learn.method.SimClr;
import dev.millrace.learn.method.SimSiam;
import dev.millrace.learn.method.SwAv;
import dev.millrace.learn.method.VicReg;
import dev.millrace.learn.remedy.RemedySettings;
import dev.millrace.recipe.Methods;
import dev.millrace.recipe.SettingList;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.SupervisedSettings;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every setting: what it takes and refuses, and that flag, file and Java mean the same by it. */
final class SettingTableTest {
  private static final Settings BASE = Settings.defaults().with(Map.of("replay", 0.5));

  @TempDir private Path folder;

  /** Settings of a method that has this one, and with the remedy that has it on. */
  private static Settings around(String name) {
    Settings settings =
        switch (name) {
          case "projector-hidden" -> BASE.method(SimClr.Settings.small());
          case "predictor-hidden" -> BASE.method(SimSiam.Settings.small());
          case "off-diagonal", "loss-scale" -> BASE.method(BarlowTwins.Settings.small());
          case "invariance", "variance", "covariance" -> BASE.method(VicReg.Settings.small());
          case "pnr-negative" -> BASE.method(Byol.Settings.small());
          case "sigreg", "directions" -> BASE.method(LeJepa.Settings.small());
          case "prototypes",
              "sinkhorn-epsilon",
              "sinkhorn-iterations",
              "queue-epoch",
              "freeze-prototypes" ->
              BASE.method(SwAv.Settings.small());
          case "teacher-temperature", "teacher-start", "teacher-warmup", "centre-momentum" ->
              BASE.method(Dino.Settings.small());
          case "mask-ratio", "normalise-pixels", "decoder-dim", "decoder-depth", "decoder-heads" ->
              BASE.method(Mae.Settings.small());
          case "head", "head-warmup" -> BASE.method(SupervisedSettings.linear());
          default -> BASE.method(MoCoV2.Settings.small());
        };
    for (String remedy :
        List.of(
            "lump", "mas", "ewc", "si", "cassle", "pfr", "pnr", "osiris", "cla", "orthogonal")) {
      if (name.startsWith(remedy + "-")) {
        settings = settings.with(remedy, 0.5);
      }
    }
    if (name.equals("decay")) {
      settings = settings.with("publish", "branch");
    }
    return switch (name) {
      case "memory-images" -> settings.with("replay", 0);
      case "memory" -> settings.with(Map.of("replay", 0, "memory-images", 64));
      default -> settings;
    };
  }

  /** As a flag has it, as a file has it, what is refused, and the words of the refusal. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "data | one,two | [one, two] | [] | names no set",
        "own-classes | true | true | often | is not true or false",
        "layout | class | class | klass | is unknown; allowed: auto, flat, class",
        "images | 64 | 64 | -1 | is below 0",
        "images-per-class | 8 | 8 | -1 | is below 0",
        "max-bad | 0.5 | 0.5 | 1.5 | is not a share in 0 … 1",
        "check | before | before | never | is unknown; allowed: auto, before",
        "shuffle-buffer | 64 | 64 | -1 | is below 0",
        "stream | class | class | classes | is unknown; allowed: instance",
        "chunks | 4 | 4 | 0 | is below 1",
        "hierarchy | tree.txt | tree.txt | [] | is not a text",
        "order-seed | 7 | 7 | x | is not a whole number",
        "order-square | true | true | often | is not true or false",
        "seed | 7 | 7 | 1.5 | is not a whole number",
        "encoder | resnet50 | resnet50 | resnet49 | is unknown; allowed: resnet18",
        "width | 8 | 8 | 0 | is below 1",
        "stem | imagenet | imagenet | large | is unknown; allowed: auto, small, imagenet",
        "patch | 8 | 8 | -1 | is below 0",
        "init | w.pth | w.pth | [] | is not a text",
        "queue | 64 | 64 | 0 | holds no negatives",
        "momentum | 0.9 | 0.9 | 1.2 | is not in 0 … 1",
        "temperature | 0.2 | 0.2 | 0 | is not above 0",
        "dim | 64 | 64 | 0 | is below 1",
        "bn-splits | 2 | 2 | 0 | is below 1",
        "symmetric-loss | true | true | often | is not true or false",
        "projector-hidden | 64 | 64 | 0 | is below 1",
        "predictor-hidden | 64 | 64 | 0 | is below 1",
        "off-diagonal | 0.01 | 0.01 | -1 | is not a number of at least 0",
        "loss-scale | 0.5 | 0.5 | 0 | is not above 0",
        "invariance | 10 | 10.0 | -1 | is not a number of at least 0",
        "variance | 10 | 10.0 | -1 | is not a number of at least 0",
        "covariance | 2 | 2.0 | -1 | is not a number of at least 0",
        "sigreg | 0.1 | 0.1 | 2 | is not in 0 … 1",
        "directions | 64 | 64 | 0 | is below 1",
        "prototypes | 64 | 64 | 1 | is below 2",
        "sinkhorn-epsilon | 0.1 | 0.1 | 0 | is not above 0",
        "sinkhorn-iterations | 5 | 5 | 0 | is below 1",
        "queue-epoch | 2 | 2 | -1 | is below 0",
        "freeze-prototypes | 2 | 2 | -1 | is below 0",
        "teacher-temperature | 0.05 | 0.05 | 0 | is not above 0",
        "teacher-start | 0.05 | 0.05 | 0 | is not above 0",
        "teacher-warmup | 2 | 2 | -1 | is below 0",
        "centre-momentum | 0.5 | 0.5 | 2 | is not in 0",
        "mask-ratio | 0.5 | 0.5 | 1 | is not between 0 and 1",
        "normalise-pixels | false | false | often | is not true or false",
        "decoder-dim | 64 | 64 | 6 | is no multiple of 4 and of 4 heads",
        "decoder-depth | 4 | 4 | 0 | is below 1",
        "decoder-heads | 8 | 8 | 0 | is below 1",
        "head | chunk | chunk | chunks | is unknown; allowed: auto, full",
        "head-warmup | 2 | 2.0 | -1 | is below 0",
        "size | 64 | 64 | 4 | is not in 8 … 4096",
        "progressive-size | 16,32 | [16, 32] | [32, 16] | does not rise",
        "crop-min | 0.5 | 0.5 | 0 | is not in (0, 1]",
        "jitter | 0.8,0.8,0.8,0.2 | [0.8, 0.8, 0.8, 0.2] | [0.4, 0.4] | is not four strengths",
        "jitter-probability | 0.5 | 0.5 | 2 | is not a probability in 0",
        "grey-probability | 0.5 | 0.5 | -1 | is not a probability in 0",
        "flip-probability | 0 | 0.0 | 2 | is not a probability in 0",
        "blur | on | \"on\" | maybe | is unknown; allowed: auto, on, off",
        "blur-probability | 1,0.1 | [1.0, 0.1] | [2] | is not a probability in 0",
        "solarise | 0,0.2 | [0.0, 0.2] | [-1] | is not a probability in 0",
        "local-crops | 6 | 6 | -1 | is not in 0 … 64",
        "local-size | 16 | 16 | 4 | is neither 0 nor in 8 … --size 32",
        "local-scale | 0.05,0.2 | [0.05, 0.2] | [0.2, 0.1] | is not two rising area shares",
        "global-scale | 0.3,1 | [0.3, 1.0] | [0.3] | is not two rising area shares",
        "replay | 0.25 | 0.25 | 1.5 | is not a share in 0 … 1",
        "memory-images | 64 | 64 | -1 | is below 0",
        "replay-draw | half | half | halves | is unknown; allowed: uniform",
        "memory | fifo | fifo | lifo | is unknown; allowed: auto, fifo, reservoir",
        "memory-bytes | 4096 | 4096 | -1 | is below 0",
        "lump | 0.25 | 0.25 | -1 | is neither 0, which mixes nothing, nor in 0.01 … 2",
        "lump-picture | batch | batch | both | is unknown; allowed: nearer, batch",
        "mas | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "mas-decay | 0.25 | 0.25 | 2 | is not in 0 … 1",
        "mas-images | 64 | 64 | 0 | is below 1",
        "mas-statistics | running | running | none | is unknown; allowed: batch, running",
        "ewc | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "ewc-decay | 0.25 | 0.25 | 2 | is not in 0 … 1",
        "ewc-images | 64 | 64 | 0 | is below 1",
        "si | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "si-decay | 0.25 | 0.25 | 2 | is not in 0 … 1",
        "si-damping | 0.25 | 0.25 | 0 | is not above 0",
        "cassle | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "cassle-temperature | 0.5 | 0.5 | 0 | is not above 0",
        "cassle-hidden | 64 | 64 | 0 | is below 1",
        "cassle-form | predictive | predictive | cosine | is unknown; allowed: auto, contrastive",
        "pfr | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "pfr-hidden | 64 | 64 | -1 | is below 0",
        "pnr | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "pnr-negative | 0.25 | 0.25 | -1 | is neither auto nor a number of at least 0",
        "pnr-hidden | 64 | 64 | 0 | is below 1",
        "der | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "osiris | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "osiris-temperature | 0.5 | 0.5 | 0 | is not above 0",
        "osiris-hidden | 64 | 64 | 0 | is below 1",
        "cla | 0.25 | 0.25 | -1 | is not a number of at least 0",
        "cla-form | r | r | a | is unknown; allowed: b, e, r",
        "cla-momentum | 0.5 | 0.5 | 2 | is not in 0 … 1",
        "cla-hidden | 64 | 64 | 0 | is below 1",
        "orthogonal | 0.25 | 0.25 | 2 | is not a share in 0 … 1",
        "orthogonal-mean | 0.5 | 0.5 | 1 | is not in [0, 1)",
        "epochs | 5 | 5 | 0 | is below 1",
        "batch | 32 | 32 | 1 | is below 2",
        "lr | 0.1 | 0.1 | 0 | is not above 0",
        "warmup | 1 | 1.0 | 12 | is not in 0 … --epochs 12",
        "optimiser | lars | lars | adam | is unknown; allowed: sgd, lars",
        "weight-decay | 0.1 | 0.1 | -1 | is below 0",
        "eta-lars | 0.001 | 0.001 | 0 | is not above 0",
        "adamw-betas | 0.9,0.95 | [0.9, 0.95] | [0.9] | is not two shares in [0, 1)",
        "norm-parts | 2 | 2 | 0 | is below 1",
        "sync-batchnorm | true | true | often | is not true or false",
        "epoch-images | 640 | 640 | 63 | is less than a batch",
        "schedule | cosine | cosine | linear | is unknown; allowed: restart, wsd, cosine",
        "decay | 0.25 | 0.25 | 2 | is not",
        "publish | branch | branch | both | is unknown; allowed: branch, merge",
        "merge-window | 0.25 | 0.25 | 2 | is not",
        "merge-form | exponential | exponential | mean | is unknown; allowed: uniform",
        "anchor | published | published | none | is unknown; allowed: trunk, published",
        "threads | 2 | 2 | -1 | is below 1",
        "device | cuda:1 | cuda:1 | gpu | is unknown; allowed: cpu",
        "precision | fp32 | fp32 | fp64 | is unknown; allowed: auto, bf16, fp32",
        "ranks | 2 | 2 | 0 | is below 1",
        "checkpoint-steps | 5 | 5 | 0 | is below 1",
        "checkpoint-minutes | 5 | 5.0 | 0 | is not above 0",
        "keep | 3 | 3 | 0 | is below 1",
        "keep-chunks | last | last | none | is none of a number from 1",
        "log | csv | [csv] | wandb | is unknown; allowed: tensorboard, csv",
        "knn-every | 2 | 2 | -1 | is below 0",
      })
  void flagFileAndJavaMeanTheSame(
      String name, String typed, String written, String wrong, String words) throws Exception {
    Settings around = around(name);
    Settings byFile =
        around.with(name, yaml(name + ": " + written).get(name)); // as a file of settings has it
    assertThat(byFile).isNotEqualTo(around);
    var pretrain = Main.commandLine();
    Map<String, Object> given =
        SettingFlags.given(pretrain.parseArgs("pretrain", "--" + name, typed).subcommand());
    assertThat(around.with(given)).isEqualTo(byFile);
    assertThat(reread(byFile)).isEqualTo(byFile);
    assertThat(byJava(name, around, byFile)).isEqualTo(byFile);
    assertThatThrownBy(() -> around.with(name, yaml(name + ": " + wrong).get(name)))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("--" + name + " ")
        .hasMessageContaining(words);
  }

  private static Map<?, ?> yaml(String line) throws IOException {
    return new ObjectMapper(new YAMLFactory()).readValue(line, Map.class);
  }

  /** As a run's file of version 1 has them all. */
  private Settings reread(Settings settings) throws IOException {
    Path file = folder.resolve("run.yaml");
    new ObjectMapper(new YAMLFactory())
        .writeValue(file.toFile(), Map.of("settings", settings.asMap()));
    return Settings.read(file);
  }

  /** The record that has the setting, with the value of another by its own method. */
  private static Settings byJava(String name, Settings around, Settings from) throws Exception {
    RecordComponent component = SettingList.of(name).orElseThrow().entry().component();
    Class<?> record = component.getDeclaringRecord();
    Object changed =
        record
            .getMethod(component.getName(), component.getType())
            .invoke(part(around, record), component.getAccessor().invoke(part(from, record)));
    for (RecordComponent group : Settings.class.getRecordComponents()) {
      if (group.getType() == record) {
        return (Settings)
            Settings.class
                .getMethod(group.getName(), UnaryOperator.class)
                .invoke(around, (UnaryOperator<Object>) one -> changed);
      }
    }
    return changed instanceof MethodSettings method
        ? around.method(method)
        : around.remedies(
            Stream.concat(
                    Stream.of((RemedySettings) changed),
                    around.remedies().stream().filter(one -> one.getClass() != record))
                .toArray(RemedySettings[]::new));
  }

  private static Object part(Settings settings, Class<?> record)
      throws ReflectiveOperationException {
    for (RecordComponent group : Settings.class.getRecordComponents()) {
      if (group.getType() == record) {
        return invoke(group, settings);
      }
    }
    return Stream.concat(Stream.of(settings.method()), settings.remedies().stream())
        .filter(record::isInstance)
        .map(Object.class::cast)
        .findFirst()
        .orElseGet(() -> off(record));
  }

  private static Object off(Class<?> remedy) {
    try {
      return remedy.getMethod("of", double.class).invoke(null, 0.0);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(remedy + " is neither a method's nor a remedy's", e);
    }
  }

  private static Object invoke(RecordComponent group, Settings settings)
      throws IllegalAccessException, InvocationTargetException {
    return group.getAccessor().invoke(settings);
  }

  @Test
  void theTableHasEverySettingThatHasAFlag() throws NoSuchMethodException {
    String[] rows =
        SettingTableTest.class
            .getDeclaredMethod(
                "flagFileAndJavaMeanTheSame",
                String.class,
                String.class,
                String.class,
                String.class,
                String.class)
            .getAnnotation(CsvSource.class)
            .value();
    assertThat(Stream.of(rows).map(row -> row.replaceAll(" .*", "")))
        .containsExactlyElementsOf(
            SettingList.all().stream()
                .filter(one -> !one.heading().isEmpty())
                .map(SettingList.Setting::name)
                .toList());
  }

  @Test
  void theHelpShowsTheDefaultsOfTheRecords() {
    var pretrain = Main.commandLine().getSubcommands().get("pretrain").getCommandSpec();
    Map<String, Object> defaults = Settings.defaults().asMap();
    for (SettingList.Setting one : SettingList.all()) {
      if (one.heading().isEmpty()
          || one.entry().isList()
          || SettingFlags.COMMON.contains(one.name())) {
        continue;
      }
      assertThat(one.standard()).as(one.name()).isEqualTo(defaults.get(one.name()));
      assertThat(String.join(" ", pretrain.findOption("--" + one.name()).description()))
          .endsWith("(default: " + SettingFlags.standards(one) + ")");
    }
    assertThat(String.join(" ", pretrain.findOption("--temperature").description()))
        .isEqualTo(
            "softmax temperature (moco-v2, simclr, moco-v3, dcl, nnclr, swav, dino, supcon) (default: 0.1; simclr: 0.5; moco-v3: 0.2; nnclr: 0.2; supcon: 0.2)");
  }

  @Test
  void aMethodsOwnDefaultsHoldWhereNothingIsGiven() {
    Settings given = Settings.defaults().with(Map.of("method", "simclr", "temperature", 0.1));
    assertThat(Settings.defaults().with("method", "simclr").asMap())
        .containsEntry("temperature", 0.5);
    assertThat(given.asMap()).containsEntry("temperature", 0.1);
    assertThat(Methods.shown()).containsEntry("simclr", "SimCLR");
  }

  @Test
  void aFileOfSettingsHasNoneOfAnotherMethodOrOfARemedyThatIsOff() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.yaml"), "method: simclr\nqueue: 64\n");
    assertThatThrownBy(() -> Settings.read(file))
        .hasMessageContaining(
            "mine.yaml: --queue is a setting of moco-v2 and nnclr and swav, and --method is simclr");
    assertThat(Settings.read(file, Map.of("method", "moco-v2")).asMap()).containsEntry("queue", 64);
    Files.writeString(file, "replay-draw: half\n");
    assertThatThrownBy(() -> Settings.read(file))
        .hasMessageContaining(
            "--replay-draw is a setting of replay, which is off; give --replay or");
    Files.writeString(file, "settings: {version: 3, width: 4}\n");
    assertThatThrownBy(() -> Settings.read(file))
        .hasMessageContaining("settings are of version 3")
        .hasMessageContaining("reads 1 and 2");
  }
}
