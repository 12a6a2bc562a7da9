package dev.millrace.app.analyse;

import static dev.millrace.file.Json.JSON;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.analysis.RunInsight;
import dev.millrace.app.shared.ComputingCommand;
import dev.millrace.app.shared.LayoutFlag;
import dev.millrace.app.shared.PageFile;
import dev.millrace.insight.AdaptiveSharpness;
import dev.millrace.insight.LossLandscape;
import dev.millrace.insight.Sharpness;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.report.InsightPage;
import dev.millrace.study.StudyNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks into finished runs: forgetting, health, CKA, sharpness, landscapes. */
@Command(
    name = "insight",
    sortOptions = false,
    description =
        "Looks into finished runs: what they forgot, whether their features are alive, how alike their encoders are, how sharp their minima are. What was found out before is not redone.",
    footer = {
      "",
      "Example: a run after each chunk against joint training",
      "  millrace insight runs/stream",
      "  millrace insight runs/stream --parts health --against runs/joint",
      "  millrace insight runs/stream --page insight.html"
    })
public final class Insight extends ComputingCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "RUN", description = "folders of finished runs")
  private List<Path> runs;

  @Option(
      names = "--parts",
      split = ",",
      paramLabel = "PART",
      description =
          "forgetting, health, cka, sharpness, landscape; with commas between (default: all that a run can answer)")
  private List<String> parts;

  @Option(
      names = "--against",
      paramLabel = "RUN",
      description = "also compare with this run's final encoder, by CKA of each layer with each")
  private Path against;

  @Option(
      names = "--images",
      paramLabel = "N",
      description =
          "training pictures at most that forgetting learns from, and test pictures that it judges by; 0 for all (default: 2000)")
  private Integer images;

  @Option(
      names = "--loss-images",
      paramLabel = "N",
      description =
          "pictures of a chunk that its pre-training loss is taken on, for the landscape and the scale-dependent sharpness (default: 64)")
  private Integer lossImages;

  @Option(
      names = "--sharpness-images",
      paramLabel = "N",
      description = "pictures of a chunk that its sharpness is taken on (default: 512)")
  private Integer sharpnessImages;

  @Option(
      names = "--noise",
      paramLabel = "X",
      description =
          "sharpness: norm of the noise on a filter, relative to the filter's (default: 0.1)")
  private Double noise;

  @Option(
      names = "--noise-pairs",
      paramLabel = "N",
      description = "sharpness: draws of noise, each with its opposite (default: 16)")
  private Integer pairs;

  @Option(
      names = "--rho",
      paramLabel = "X",
      description =
          "sharpness: half the width of the box in which the largest loss is sought, relative to each weight (default: 0.002)")
  private Double rho;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "sharpness: power iterations for the largest eigenvalue (default: 30; scale-dependent: 10)")
  private Integer steps;

  @Option(
      names = "--draws",
      paramLabel = "N",
      description = "sharpness: draws for the trace (default: 32; scale-dependent: 4)")
  private Integer draws;

  @Option(
      names = "--ascent-steps",
      paramLabel = "N",
      description =
          "sharpness: steps to the largest loss in the box (default: 10; scale-dependent: 5)")
  private Integer ascent;

  @Option(
      names = "--epsilon",
      paramLabel = "X",
      description =
          "sharpness: size of Keskar's box, for the scale-dependent measure (default: 0.001)")
  private Double epsilon;

  @Option(
      names = "--points",
      paramLabel = "N",
      description = "landscape: points of a line, odd (default: 11)")
  private Integer points;

  @Option(
      names = "--plane",
      paramLabel = "N",
      description = "landscape: points of a plane's side, odd; 0 for no planes (default: 7)")
  private Integer plane;

  @Option(
      names = "--page",
      paramLabel = "FILE.html",
      description =
          "also write what was found as a page with plots: accuracies and CKA as heat maps, sharpness, landscapes")
  private Path page;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "seed of pictures, views and directions (default: 0)")
  private long seed;

  @Mixin private LayoutFlag layout;

  @Override
  public Integer call() throws IOException {
    PageFile.check("--page", page);
    List<InsightRequest> requests = new ArrayList<>();
    for (Path run : runs) {
      // What is wrong with a run or a flag is said before anything is computed.
      requests.add(request(run));
      Insights.require(run, against);
    }
    List<Map<String, Object>> found = new ArrayList<>();
    InsightLines lines = new InsightLines();
    List<String> text = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Path run = runs.get(i);
      InsightListener progress = progress(runs.size() > 1 ? run + ": " : "");
      RunInsight insight = Insights.of(run, requests.get(i), progress);
      List<RunInsight.CkaToReference> compared =
          against == null ? null : Insights.compare(run, against, requests.get(i), progress);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("run", run.toString());
      one.putAll(JSON.convertValue(insight, new TreeType()));
      if (compared != null) {
        one.put("against", Map.of("run", against.toString(), "cka", compared));
      }
      found.add(one);
      if (page != null) {
        lines.add(run, insight, compared);
      }
      text.addAll(InsightReport.lines(run, insight, against, compared));
    }
    if (page != null) {
      InsightPage.write(
          page, against == null ? "none" : against.toString(), lines.lines(), StudyNames.current());
      text.add("page: " + page);
    }
    common.print(runs.size() == 1 ? found.get(0) : Map.of("runs", found), text);
    return 0;
  }

  private static final class TreeType
      extends com.fasterxml.jackson.core.type.TypeReference<LinkedHashMap<String, Object>> {}

  private InsightRequest request(Path run) throws IOException {
    RunFolder.of(run).require();
    InsightRequest standard =
        InsightRequest.of(common.threads(run))
            .withParts(parts == null ? Insights.partsOf(run, layout.given()) : parts)
            .on(common.device())
            .withSeed(seed)
            .withLayout(layout.given());
    return standard.withImages(or(images, standard.images())).with(loss(standard.loss()));
  }

  private InsightRequest.Loss loss(InsightRequest.Loss standard) {
    AdaptiveSharpness.Settings relative = standard.adaptive();
    Sharpness.Settings sharp = standard.sharpness();
    LossLandscape.Settings land = standard.landscape();
    return standard
        .withImages(or(lossImages, standard.images()))
        .with(
            new AdaptiveSharpness.Settings(
                or(noise, relative.noise()),
                or(pairs, relative.pairs()),
                or(rho, relative.rho()),
                or(ascent, relative.ascent()),
                or(steps, relative.iterations()),
                relative.tolerance(),
                or(draws, relative.draws())),
            or(sharpnessImages, standard.adaptiveImages()))
        .with(
            new Sharpness.Settings(
                or(epsilon, sharp.epsilon()),
                or(ascent, sharp.ascent()),
                or(steps, sharp.iterations()),
                sharp.tolerance(),
                or(draws, sharp.draws())))
        .with(
            new LossLandscape.Settings(
                land.directions(),
                or(points, land.points()),
                or(plane, land.side()),
                land.path(),
                land.radius()));
  }

  private static InsightListener progress(String where) {
    return new InsightListener() {
      @Override
      public void done(String part, String what, double seconds, boolean kept) {
        System.err.printf(
            Locale.ROOT,
            "%s%s%s%s%n",
            where,
            part,
            what.isEmpty() ? "" : ", " + what,
            kept ? " (kept)" : String.format(Locale.ROOT, " (%.1f s)", seconds));
      }
    };
  }

  private static <T> T or(T given, T standard) {
    return given == null ? standard : given;
  }
}
