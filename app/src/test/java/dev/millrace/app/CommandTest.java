package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.SettingFlags;
import dev.millrace.app.train.FlagGroups;
import dev.millrace.recipe.SettingList;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CommandTest {
  private record Said(int code, String out, String err) {}

  private static Said say(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine main = Main.commandLine();
    main.setOut(new PrintWriter(out));
    main.setErr(new PrintWriter(err));
    return new Said(main.execute(args), out.toString(), err.toString());
  }

  @Test
  void everySettingHasAFlag() {
    var pretrain = Main.commandLine().getSubcommands().get("pretrain").getCommandSpec();
    assertThat(SettingList.all())
        .filteredOn(one -> !one.heading().isEmpty())
        .allSatisfy(
            one -> {
              assertThat(pretrain.findOption("--" + one.name())).as(one.name()).isNotNull();
              assertThat(one.words()).as(one.name()).isNotEmpty();
            });
  }

  /** Such as {@code live RUN --on-fail hold}, beside {@code live hold RUN}. */
  @Test
  void theNameOfACommandCanBeTheValueOfAFlag() {
    CommandLine main = Main.commandLine();
    assertThat(valuesNamedLikeCommands(main, main, List.of())).contains("live --on-fail");
    Said said = say("live", "no-such-run", "--on-fail", "hold");
    assertThat(said.err()).contains("--source is missing");
  }

  /** Gives each flag that takes a word the name of each command beside it. */
  private static List<String> valuesNamedLikeCommands(
      CommandLine main, CommandLine command, List<String> path) {
    List<String> tried = new ArrayList<>();
    for (var option : command.getCommandSpec().options()) {
      if (option.arity().min() != 1
          || !Set.of(String.class, Path.class).contains(option.auxiliaryTypes()[0])) {
        continue;
      }
      for (String value : command.getSubcommands().keySet()) {
        List<String> args = new ArrayList<>(path);
        args.addAll(List.of(option.longestName(), value));
        CommandLine.ParseResult parsed = main.parseArgs(args.toArray(String[]::new));
        for (int i = 0; i < path.size(); i++) {
          parsed = parsed.subcommand();
        }
        assertThat(parsed.matchedOption(option.longestName()).originalStringValues())
            .as(args.toString())
            .containsExactly(value);
      }
      tried.add(String.join(" ", path) + " " + option.longestName());
    }
    for (var sub : command.getSubcommands().entrySet()) {
      if (!sub.getValue().getSubcommands().isEmpty()) {
        List<String> further = new ArrayList<>(path);
        further.add(sub.getKey());
        tried.addAll(valuesNamedLikeCommands(main, sub.getValue(), further));
      }
    }
    return tried;
  }

  @Test
  void helpListsEverySettingWithItsDefault() {
    Said said = say("pretrain", "--help");
    assertThat(said.code()).isZero();
    assertThat(said.out().replaceAll("\\s+", " "))
        .contains("--weight-decay", "--replay-draw", "--out", "--config", "(default: 0.015");
  }

  @Test
  void everyCommandHasHelp() {
    for (List<String> command :
        List.of(
            List.of("demo"),
            List.of("pretrain"),
            List.of("resume"),
            List.of("extend"),
            List.of("probe"),
            List.of("insight"),
            List.of("export"),
            List.of("data"),
            List.of("data", "list"),
            List.of("data", "info"),
            List.of("embed"),
            List.of("search"),
            List.of("doctor"))) {
      List<String> args = new ArrayList<>(command);
      args.add("--help");
      assertThat(say(args.toArray(String[]::new)).code()).as(command.toString()).isZero();
    }
  }

  @Test
  void theLiveDemoRefusesAnOrderThatItDoesNotHave() {
    Said said = say("demo", "--live", "--stream", "class");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--stream is not for --live");
  }

  @Test
  void theLiveDemoRefusesADeviceAndThreadsThatItWouldNotTake() {
    for (List<String> flag : List.of(List.of("--device", "cuda"), List.of("--threads", "2"))) {
      Said said = say("demo", "--live", flag.get(0), flag.get(1));
      assertThat(said.code()).isEqualTo(2);
      assertThat(said.err()).contains(flag.get(0) + " " + flag.get(1) + " is not for --live");
    }
  }

  @Test
  void aReportOfAFolderThatIsNoStudysIsRefusedAndTouchesNothing(@TempDir Path folder)
      throws IOException {
    Path own = Files.createDirectory(folder.resolve("plots")).resolve("mine.svg");
    Files.writeString(own, "<svg/>");
    for (Path place : List.of(folder, folder.resolve("none"))) {
      Said said = say("study", "report", place.toString());
      assertThat(said.code()).isEqualTo(2);
      assertThat(said.err()).contains(place + " is no study's folder", "LEDGER.jsonl");
    }
    assertThat(own).exists();
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).containsExactly(folder.resolve("plots"));
    }
  }

  @Test
  void aWrongValueNamesItselfWhatIsAllowedAndTheNearest() {
    Said said = say("pretrain", "--data", "generated", "--stream", "clas");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--stream clas", "allowed: instance", "nearest: class");
  }

  @Test
  void whatAnExportCannotBeIsWrongUsage() {
    assertThat(say("export", "run").err()).contains("--format");
    assertThat(refusal("export", "run", "--format", "onx")).contains("nearest: onnx");
    assertThat(refusal("export", "run", "--format", "torchscript", "--fp16"))
        .contains("--fp16 is for --format onnx");
    assertThat(refusal("export", "run", "--format", "onnx", "--chunk", "all"))
        .contains("--chunk all is no number");
    assertThat(refusal("export", "run", "--format", "onnx", "--device", "cuda"))
        .contains("--device cuda: models are compared on the CPU");
    assertThat(refusal("export", "--format", "onnx")).contains("--weights is not given");
  }

  @Test
  void sparkWithoutItsJarsSaysWhichToTakeAndLeavesNothing(@TempDir Path folder) throws Exception {
    Path out = folder.resolve("out");
    Path weights = Files.createFile(folder.resolve("encoder.safetensors"));
    for (List<String> command :
        List.of(
            List.of("study", "run", "../configs/study/tiny.yaml"),
            List.of("embed", "--weights", weights.toString(), "--data", "generated"))) {
      List<String> args = new ArrayList<>(command);
      args.addAll(List.of("--out", out.toString(), "--spark", "spark://127.0.0.1:7077"));
      assertThat(refusal(args.toArray(String[]::new)))
          .contains("--spark needs Apache Spark 4.1 (Scala 2.13)")
          .contains("spark-4.1.3-bin-hadoop3.tgz", "SPARK_HOME");
      assertThat(out).doesNotExist();
    }
  }

  @Test
  void aCardThatIsNotThereIsRefusedBeforeTheRunHasAFolder(@TempDir Path folder) {
    Path out = folder.resolve("run");
    String[] run = {"pretrain", "--data", "generated:images=64", "--batch", "8", "--size", "16"};
    List<String> args = new ArrayList<>(List.of(run));
    args.addAll(List.of("--out", out.toString(), "--device", "cuda:99"));
    assertThat(refusal(args.toArray(String[]::new)))
        .contains("--device cuda:99: ", "or use --device cpu");
    assertThat(out).doesNotExist();
  }

  @Test
  void settingsOfAnotherEncodingAreRefusedByFileLineAndByte(@TempDir Path folder)
      throws IOException {
    Path config = folder.resolve("a.yaml");
    Files.write(config, "batch: 8\n# für\n".getBytes(StandardCharsets.ISO_8859_1));
    Said said = say("pretrain", "--data", "generated", "--config", config.toString());
    assertThat(said.code()).isNotZero();
    assertThat(said.err())
        .contains(config + ", line 2: found the byte 0xFC, expected UTF-8 text; save it as UTF-8");
  }

  @Test
  void aPageOfASearchIsAnHtmlFile() {
    assertThat(refusal("search", "run", "--data", "x", "--query", "q.png", "--out", "page.txt"))
        .contains("--out page.txt", "ends with .html");
  }

  @Test
  void aFileWhereAFolderIsNeededIsNamedAsSuch(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Said said =
        say("pretrain", "--data", "generated:images=64", "--out", file.resolve("run").toString());
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err())
        .contains(file.toString(), "a file where a folder is needed; give another path");
  }

  private static String refusal(String... args) {
    Said said = say(args);
    assertThat(said.code()).as(said.err()).isEqualTo(2);
    return said.err();
  }

  @Test
  void aWordWhereANumberBelongsIsWrongUsage() {
    Said said = say("pretrain", "--data", "generated", "--epochs", "many");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--epochs", "many");
  }

  @Test
  void sizesOfViewsAreNumbersWithCommasBetween() {
    Said word = say("pretrain", "--data", "generated", "--progressive-size", "16,big");
    assertThat(word.code()).isEqualTo(2);
    assertThat(word.err()).contains("--progressive-size", "big");
    Said short16 = say("pretrain", "--data", "generated", "--progressive-size", "8,16");
    assertThat(short16.code()).isEqualTo(2);
    assertThat(short16.err()).contains("--progressive-size 8,16 does not end with --size 32");
  }

  @Test
  void anUnknownFlagIsWrongUsageWithASuggestion() {
    Said said = say("pretrain", "--data", "generated", "--epoch", "3");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--epoch").contains("--epochs");
  }

  @Test
  void anUnknownCommandIsWrongUsageWithASuggestion() {
    Said said = say("pretrian");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("pretrain");
  }

  @Test
  void aWordIsProposedOnlyWhereOneIsNear() {
    says(refusal("pretrian"), "there is no command pretrian; did you mean pretrain?");
    says(refusal("pretrain", "--epoch", "3"), "no flag --epoch; did you mean --epochs?");
    says(refusal("pretrain", "--fourmat=x"), "millrace pretrain has no flag --fourmat\n");
    says(refusal("quantize"), "there is no command quantize\n");
    says(refusal("list"), "there is no command list; for that, `millrace data list`");
    says(refusal("run"), "for that, `millrace pretrain`");
    assertThat(refusal("pretrain", "--data", "generated", "--method", "quantum"))
        .contains("--method quantum is unknown; allowed: moco-v2")
        .doesNotContain("nearest");
  }

  private static void says(String said, String words) {
    assertThat(said).startsWith("millrace: ").contains(words);
  }

  @Test
  void aFlagThatIsNotKnownIsNamedBeforeOneThatIsMissing() {
    says(refusal("embed", "--data", "x", "--outt", "y"), "has no flag --outt; did you mean --out?");
    says(refusal("export", "runs/x", "--fromat=onnx"), "no flag --fromat; did you mean --format?");
    says(refusal("search", "--datta", "x"), "no flag --datta; did you mean --data?");
    assertThat(refusal("embed", "--data", "x")).doesNotContain("has no flag");
  }

  @Test
  void aSetWithoutItsFlagIsToldOfIt() {
    says(
        refusal("pretrain", "photos/"),
        "'photos/' belongs to no flag; sets are given as --data photos/");
  }

  @Test
  void helpAndVersionAreCommandsToo() {
    assertThat(say("help", "pretrain").out()).isEqualTo(say("pretrain", "--help").out());
    assertThat(say("help").out()).isEqualTo(say("--help").out());
    assertThat(say("study", "help", "run").out()).contains("millrace study run");
    assertThat(say("version").out()).isEqualTo(say("--version").out()).startsWith("millrace ");
  }

  @Test
  void helpNamesEveryExitCodeThatTheDocumentsExplain() throws IOException {
    String help = say("--help").out().replaceAll("\\s+", " ");
    List<String> explained =
        Files.readString(Path.of("../docs/run.md"))
            .lines()
            .filter(line -> line.matches("\\| \\d+ \\|.*"))
            .map(line -> line.split(" ", -1)[1])
            .toList();
    assertThat(explained).containsExactly("0", "1", "2", Exit.WORSE + "", Exit.STOPPED + "");
    assertThat(explained).allMatch(code -> help.matches(".*Exit codes:.* " + code + " [a-z]+.*"));
  }

  @Test
  void wordsOfOtherProgramsWork() {
    for (String[] pair :
        new String[][] {{"train", "pretrain"}, {"continue", "resume"}, {"evaluate", "probe"}}) {
      Said said = say(pair[0], "--help");
      assertThat(said.code()).isZero();
      assertThat(said.out()).isEqualTo(say(pair[1], "--help").out());
    }
  }

  @Test
  void theFlagsOfPretrainStandUnderHeadingsAndFitATerminal() {
    String help = say("pretrain", "--help").out();
    assertThat(help.lines().filter(line -> line.matches("[a-z][a-z ]*:")))
        .containsExactly(
            "data:",
            "stream:",
            "encoder:",
            "method:",
            "views:",
            "remedy against forgetting:",
            "training:",
            "computing:",
            "keeping:",
            "output:");
    assertThat(help.lines()).allMatch(line -> line.length() <= 80);
    var command = Main.commandLine().getSubcommands().get("pretrain").getCommandSpec();
    var groups = FlagGroups.groups(command.options());
    assertThat(groups.values().stream().flatMap(List::stream).toList())
        .containsExactlyInAnyOrderElementsOf(
            command.options().stream().filter(flag -> !flag.hidden()).toList());
    // A new flag needs a heading: the last has these, and what picocli brings.
    assertThat(groups.get("output"))
        .extracting(flag -> flag.longestName())
        .isSubsetOf(
            "--out",
            "--config",
            "--guard",
            "--guard-margin",
            "--json",
            "--debug",
            "--help",
            "--version");
  }

  @Test
  void theShellCompletesCommandsAndFlags(@TempDir Path folder) throws Exception {
    Path script = Files.writeString(folder.resolve("completion"), say("generate-completion").out());
    String ask =
        "source '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE=; _complete_millrace 2>/dev/null; echo \"${COMPREPLY[@]}\"";
    assertThat(bash(ask.formatted(script, "millrace pre", 1))).isEqualTo("pretrain");
    assertThat(bash(ask.formatted(script, "millrace pretrain --batc", 2))).isEqualTo("--batch");
    assertThat(bash(ask.formatted(script, "millrace pretrain --method moc", 3)))
        .isEqualTo("moco-v2 moco-v3");
    assertThat(bash(ask.formatted(script, "millrace pretrain --head ''", 3))).contains("chunk");
    assertThat(bash(ask.formatted(script, "millrace probe --task det", 3))).isEqualTo("detection");
    assertThat(bash(ask.formatted(script, "millrace export --format on", 3))).isEqualTo("onnx");
  }

  private static String bash(String line) throws Exception {
    Process process = new ProcessBuilder("bash", "-c", line).redirectErrorStream(true).start();
    return new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
        .strip();
  }

  @Test
  void pretrainWithoutDataIsWrongUsage() {
    Said said = say("pretrain");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--data");
  }

  @Test
  void anUnknownTaskIsWrongUsage(@TempDir Path run) {
    Said said = say("probe", run.toString(), "--task", "kn");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--task kn", "nearest: knn");
  }

  @Test
  void aDetectionThatCannotBeIsWrongUsageBeforeAnythingIsRead(@TempDir Path run) {
    for (List<String> flag :
        List.of(
            List.of("--detection-size", "31"),
            List.of("--detection-epochs", "0"),
            List.of("--detection-batch", "0"),
            List.of("--detection-lr", "-1"),
            List.of("--draw", "-1"))) {
      Said said =
          say(
              "probe",
              run.toString(),
              "--task",
              "knn,detection",
              "--data",
              "bccd",
              "--seed",
              "1",
              flag.get(0),
              flag.get(1));
      assertThat(said.code()).as(said.err()).isEqualTo(2);
      assertThat(said.err()).contains(flag.get(0) + " " + flag.get(1));
    }
  }

  @Test
  void neighboursThatCannotBeAreWrongUsage(@TempDir Path run) {
    assertThat(refusal("probe", run.toString(), "--knn-k", "0")).contains("--knn-k 0 is below 1");
    assertThat(refusal("probe", run.toString(), "--knn-temperature", "-1"))
        .contains("--knn-temperature -1.0 is not above 0");
  }

  @Test
  void anUnknownSuiteOrHeadIsWrongUsage(@TempDir Path run) {
    Said said = say("probe", run.toString(), "--suite", "twelv");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--suite twelv", "nearest: twelve");
    said = say("probe", run.toString(), "--suite", "twelve", "--few-shot-head", "logistics");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--few-shot-head logistics", "nearest: logistic");
    said = say("probe", run.toString(), "--suite", "twelve", "--task", "detect");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("--task detect", "allowed: knn, linear, few-shot, finetune");
  }

  @Test
  void anUnknownSettingInAFileNamesTheNearest(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("a.yaml");
    Files.writeString(file, "data: [generated]\nepoch: 3\n");
    Said said = say("pretrain", "--config", file.toString());
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("epoch").contains("epochs");
  }

  @Test
  void flagsKeepOnlyWhatWasGiven() {
    CommandLine main = Main.commandLine();
    var parsed =
        main.parseArgs(
            "pretrain",
            "--data",
            "a,generated:images=9,classes=3,b",
            "--lr",
            "0.1",
            "--threads",
            "1");
    assertThat(SettingFlags.given(parsed.subcommand()))
        .containsOnlyKeys("data", "lr", "threads")
        .containsEntry("data", List.of("a", "generated:images=9,classes=3", "b"))
        .containsEntry("lr", 0.1);
  }

  @Test
  void anEmbeddingThatCannotBeIsWrongUsage(@TempDir Path folder) throws Exception {
    String encoder = Files.writeString(folder.resolve("encoder.safetensors"), "x").toString();
    String out = folder.resolve("x.npy").toString();
    for (List<String> wrong :
        List.of(
            List.of("which encoder? Give a RUN, or --weights"),
            List.of("both name an encoder", folder.toString(), "--weights", encoder),
            List.of("--weights none is no file", "--weights", "none"),
            List.of("--size 7 is below 8", "--weights", encoder, "--size", "7"),
            List.of("nearest: bf16", "--weights", encoder, "--precision", "bf61"),
            List.of("--device gpu is unknown", "--weights", encoder, "--device", "gpu"),
            List.of("--threads 0 is below 1", "--weights", encoder, "--threads", "0"),
            List.of("nearest: train", "--weights", encoder, "--part", "trian"),
            List.of("--images -2 is below 0", "--weights", encoder, "--images", "-2"),
            List.of("--max-bad 2.0", "--weights", encoder, "--max-bad", "2"),
            List.of("--data flower is neither", "--weights", encoder, "--data", "flower"),
            List.of("--out x.csv", "--weights", encoder, "--out", "x.csv"))) {
      List<String> args = new ArrayList<>(List.of("embed"));
      args.addAll(wrong.subList(1, wrong.size()));
      if (!wrong.contains("--data")) {
        args.addAll(List.of("--data", "generated:images=4"));
      }
      if (!wrong.contains("--out")) {
        args.addAll(List.of("--out", out));
      }
      Said said = say(args.toArray(String[]::new));
      assertThat(said.code()).as(said.err()).isEqualTo(2);
      assertThat(said.err()).contains(wrong.get(0));
    }
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void anEmbeddingByARunWithoutAnEncoderSaysWhatToDo(@TempDir Path folder) throws Exception {
    String out = folder.resolve("x.npy").toString();
    Said said = say("embed", folder.toString(), "--data", "generated", "--out", out);
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("is not a run");
    Files.writeString(folder.resolve("run.yaml"), "");
    said = say("embed", folder.toString(), "--data", "generated", "--out", out);
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err()).contains("millrace resume " + folder);
  }

  @Test
  void whatCannotBeSearchedIsRefusedBeforeAnythingIsMade(@TempDir Path folder) throws Exception {
    String encoder = Files.writeString(folder.resolve("none.safetensors"), "none").toString();
    String picture = Files.writeString(folder.resolve("x.ppm"), "none").toString();
    String empty = Files.createDirectory(folder.resolve("empty")).toString();
    for (List<String> wrong :
        List.of(
            List.of("which encoder?", "--query", picture),
            List.of("both name an encoder", "run", "--weights", encoder, "--query", picture),
            List.of("--weights gone is no file", "--weights", "gone", "--query", picture),
            List.of("--query is missing", "--weights", encoder),
            List.of("--query gone.png does not exist", "--weights", encoder, "--query", "gone.png"),
            List.of("a folder without pictures", "--weights", encoder, "--query", empty),
            List.of("--k 0 is not in 1", "--weights", encoder, "--query", picture, "--k", "0"),
            List.of("--measure-recall 0", "--weights", encoder, "--measure-recall", "0"),
            List.of(
                "nothing to show without a --query",
                "--weights",
                encoder,
                "--measure-recall",
                "5",
                "--out",
                "x.html"),
            List.of("is a folder", "--weights", encoder, "--query", picture, "--out", empty),
            List.of("--size 7 is below 8", "--weights", encoder, "--query", picture, "--size", "7"),
            List.of(
                "--data flower is neither",
                "--weights",
                encoder,
                "--query",
                picture,
                "--data",
                "flower"))) {
      List<String> args = new ArrayList<>(List.of("search"));
      args.addAll(wrong.subList(1, wrong.size()));
      if (!wrong.contains("--data")) {
        args.addAll(List.of("--data", "generated:images=4"));
      }
      Said said = say(args.toArray(String[]::new));
      assertThat(said.code()).as(said.err()).isEqualTo(2);
      assertThat(said.err()).contains(wrong.get(0));
    }
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void aSetThatCannotBeTakenIsWrongUsageAsAFlagIs(@TempDir Path folder) throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path text = Files.writeString(folder.resolve("notes.txt"), "no archive");
    String out = folder.resolve("run").toString();
    assertThat(refusal("pretrain", "--data", empty.toString(), "--out", out))
        .contains("has no pictures");
    assertThat(refusal("pretrain", "--data", text.toString(), "--out", out))
        .contains("neither a folder nor");
    assertThat(refusal("pretrain", "--data", "generated:colours=3", "--out", out))
        .contains("generated does not know colours=3");
    for (String nowhere : List.of("cifar11", "photos/of/nowhere", "/nowhere.tar")) {
      assertThat(refusal("pretrain", "--data", nowhere, "--out", out))
          .contains("--data " + nowhere + " is neither a known set nor a path", "cifar10")
          .doesNotContain("resume");
    }
    assertThat(refusal("data", "info", text.toString())).contains("neither a folder nor");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void onlyARefusalOfWhatWasGivenIsWrongUsageWhateverAMessageBeginsWith() {
    assertThat(Exit.code(new IllegalArgumentException("--lib refuses this"))).isEqualTo(1);
    assertThat(Exit.code(new java.io.IOException("--x is broken"))).isEqualTo(1);
    assertThat(Exit.code(UsageException.ofWord("photos has no pictures"))).isEqualTo(2);
    assertThat(Exit.code(new UsageException("--width", 0, "is below 1", "give 4"))).isEqualTo(2);
  }

  @Test
  void resumeOfAFolderThatIsNoRunIsWrongUsage(@TempDir Path folder) {
    Said said = say("resume", folder.toString());
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("is not a run");
  }
}
