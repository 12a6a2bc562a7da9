package dev.millrace.app.evaluate;

import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.Exit;
import dev.millrace.app.shared.LayoutFlag;
import dev.millrace.app.shared.SetNames;
import dev.millrace.app.shared.StopSignals;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.ProbeResult;
import dev.millrace.evaluation.Probing;
import dev.millrace.evaluation.SuiteOutcome;
import dev.millrace.evaluation.TaskSettings;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.Settings;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how good a run's encoder is, by downstream tasks. */
@Command(
    name = "probe",
    aliases = "evaluate",
    sortOptions = false,
    description = "Judges a run's encoder by downstream tasks.",
    footer = {
      "",
      "Example: the twelve sets, pre-trained and untrained beside each other",
      "  millrace probe runs/first --suite twelve",
      "  millrace probe runs/first --suite twelve --untrained --raw-pixels"
    })
public final class Probe extends ComputingCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "folder of the run")
  private Path run;

  @Option(
      names = "--task",
      split = ",",
      paramLabel = "TASK",
      description =
          "knn, linear, few-shot, finetune, detection; with commas between (default: knn; of a suite knn,linear,few-shot,detection)")
  private List<String> tasks;

  @Option(
      names = "--data",
      paramLabel = "SET[,SET…]",
      description = "sets to judge on (default: those of the run)")
  private String data;

  @Option(
      names = "--suite",
      paramLabel = "NAME",
      description =
          "judge on all sets of a suite instead: twelve; what probes.jsonl has already is not redone")
  private String suite;

  @Option(
      names = "--chunk",
      paramLabel = "I|all",
      description =
          "the encoder after chunk I, counted from 0, or after each (default: the final one)")
  private String chunk;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "judge these weights instead: an encoder.safetensors, or a ResNet or ViT of torchvision's, timm's or a training script's as safetensors or torch's .pth (its pictures normalised as ImageNet's, sized as the run's or --size)")
  private Path weights;

  @Option(
      names = "--untrained",
      description = "judge the run's encoder before any training instead")
  private boolean untrained;

  @Option(
      names = "--raw-pixels",
      description = "judge the pictures' raw pixels instead, without an encoder")
  private boolean rawPixels;

  @Option(
      names = "--momentum",
      description =
          "judge the momentum encoder (moco-v2, moco-v3, byol, dino) beside the run's encoder as well: the mean of its last steps, with less noise")
  private boolean momentum;

  @Option(
      names = "--no-baselines",
      description =
          "do not judge the untrained encoder and the raw pixels beside the run's encoder; their answers are kept and not redone (finetune and detection have none: --untrained)")
  private boolean bare;

  @Option(
      names = "--size",
      paramLabel = "PX",
      description = "side of the pictures, at least 8 pixels (default: the run's)")
  private Integer size;

  @Option(
      names = "--images",
      paramLabel = "N",
      description =
          "training pictures of each set to use, chosen the same way every time; 0 for all (default: all; of a suite 20000)")
  private Integer images;

  @Option(
      names = "--features",
      paramLabel = "DIR",
      description = "also write the features there, as SET/ENCODER/PART.safetensors")
  private Path features;

  @Mixin private LayoutFlag layout;

  @Mixin private final TaskFlags taskFlags = new TaskFlags();

  @Override
  public Integer call() throws IOException {
    if (images != null && images < 0) {
      throw UsageException.of("--images", images + " is below 0; 0 means all");
    }
    TaskSettings how = taskFlags.settings(); // refuses a wrong value before the run is read
    ProbeProgress progress =
        new ProbeProgress(
            System.err,
            StopSignals.listen(
                "stopping; answers that are there are kept; a second signal ends at once"));
    try {
      return suite == null ? sets(how, progress) : suite(how, progress);
    } catch (CancellationException stopped) {
      System.err.println(
          suite == null
              ? "stopped; ask again for what is missing"
              : "stopped; ask again, and what is kept is not redone");
      return Exit.STOPPED;
    }
  }

  private int sets(TaskSettings how, ProbeProgress progress) throws IOException {
    List<String> asked = tasks == null ? List.of("knn") : tasks;
    asked.forEach(task -> Choice.check("--task", task, Probing.TASKS.toArray(String[]::new)));
    List<String> sets = data == null ? ofTheRun().data().sets() : typed();
    List<ProbeResult> results =
        Probing.probe(run, request(how, asked, sets, images == null ? 0 : images), progress);
    ProbeTable table = ProbeTable.of(results, weights != null || untrained || rawPixels);
    common.print(table.json(), table.lines());
    return 0;
  }

  private int suite(TaskSettings how, ProbeProgress progress) throws IOException {
    List<String> asked = tasks == null ? Probing.SUITE_TASKS : tasks;
    List<String> sets = data == null ? List.of() : typed();
    SuiteOutcome outcome =
        Probing.suite(
            run,
            suite,
            request(how, asked, sets, images == null ? Probing.SUITE_IMAGES : images),
            progress);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("results", outcome.results().stream().map(ProbeTable::json).toList());
    json.put("table", SuiteReport.json(outcome.table()));
    json.put("missing", outcome.missing());
    common.print(json, SuiteReport.lines(outcome.table()));
    return 0;
  }

  private ProbeRequest request(
      TaskSettings how, List<String> asked, List<String> sets, int pictures) {
    return new ProbeRequest(
        asked,
        sets,
        new ProbeRequest.Encoders(
            chunk(), "all".equals(chunk), weights, untrained, rawPixels, !bare, momentum),
        new ProbeRequest.Pictures(pictures, size, layout.given()),
        how,
        common.threads(run),
        common.device(),
        features);
  }

  private Settings ofTheRun() throws IOException {
    RunFolder.of(run).require();
    return Settings.ofRun(run);
  }

  /** The sets that were named, by the run's words for those that it has. */
  private List<String> typed() throws IOException {
    Settings settings = ofTheRun();
    return SetNames.split(data).stream().map(settings::spelling).toList();
  }

  private Integer chunk() {
    if (chunk == null || chunk.equals("all")) {
      return null;
    }
    if (!chunk.matches("\\d{1,9}")) {
      throw UsageException.of("--chunk", chunk + " is neither a number, counted from 0, nor `all`");
    }
    return Integer.valueOf(chunk);
  }
}
