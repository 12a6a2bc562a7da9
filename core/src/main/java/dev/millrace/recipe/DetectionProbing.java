package dev.millrace.recipe;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.engine.Precision;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.probe.detection.AnnotatedPicture;
import dev.millrace.probe.detection.BatchStatistics;
import dev.millrace.probe.detection.CocoEvaluation;
import dev.millrace.probe.detection.Detection;
import dev.millrace.probe.detection.DetectionSet;
import dev.millrace.probe.detection.Drawing;
import dev.millrace.probe.detection.FasterRcnn;
import dev.millrace.probe.detection.FineTuning;
import dev.millrace.probe.detection.Voc2007Evaluation;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.EncoderFile;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the encoders of a run by detection: Faster R-CNN is fine-tuned on each, on the training
 * part of a set with boxes, and judged on its test part. The run's encoders are not changed.
 */
public final class DetectionProbing {
  /**
   * How to fine-tune, and what to draw.
   *
   * @param tuning size, epochs, batch, rates and seed
   * @param draw pictures of the judged part to draw boxes into, 0 or more; they go to {@code
   *     detections/} in the run
   */
  public record Options(FineTuning.Settings tuning, int draw) {
    /** Refuses fewer than 0 drawings. */
    public Options {
      if (draw < 0) {
        throw new IllegalArgumentException("--draw " + draw + " is below 0");
      }
    }
  }

  /** What the command calls it. */
  public static final String TASK = "detection";

  private static final Logger LOG = LoggerFactory.getLogger(DetectionProbing.class);

  /** Detections below this are not drawn. */
  private static final double DRAWN = 0.5;

  private DetectionProbing() {}

  /**
   * Fine-tunes, judges and appends the answers to the run's log: {@code ap}, {@code ap50}, {@code
   * ap75}, by size and {@code ap50_voc2007} where there are truths of it, and {@code ap} and {@code
   * ap50} of each class after a slash; percent.
   *
   * @param request which encoders, sets, threads, device and training pictures; its tasks and size
   *     are not looked at
   * @throws IllegalArgumentException if the run lacks the encoder, or a set lacks boxes
   * @throws IOException if a file cannot be read or written
   */
  public static List<Probing.Result> probe(Path run, Probing.Request request, Options options)
      throws IOException {
    return probe(run, request, options, Catalogue.standard());
  }

  static List<Probing.Result> probe(
      Path run, Probing.Request request, Options options, Catalogue catalogue) throws IOException {
    if (request.rawPixels()) {
      throw new IllegalArgumentException(
          "--raw-pixels has no encoder to fine-tune; leave --task detection out of it");
    }
    RunDirectory.require(run);
    Settings settings = Settings.read(run.resolve("run.yaml"));
    List<ProbedEncoder> encoders = ProbedEncoder.of(run, settings, request);
    Answers answers = Answers.of(run);
    Natives.load();
    Natives.threads(request.threads());
    List<Probing.Result> results = new ArrayList<>();
    for (String name : request.data()) {
      if (name.equals("generated") || name.startsWith("generated:")) {
        throw new IllegalArgumentException(
            "--data " + name + " has no boxes; give a set with Pascal VOC or COCO annotations");
      }
      DetectionSet set = DetectionSet.read(name, catalogue.files(name));
      List<AnnotatedPicture> train =
          set.decodable(thin(set.train(), request.images()), request.threads());
      List<AnnotatedPicture> judged = set.decodable(set.judged(), request.threads());
      for (ProbedEncoder encoder : encoders) {
        Detector detector = new Detector(run, settings, request, options, set, train, judged);
        List<Probing.Result> found = detector.of(encoder);
        encoder.requireUnchanged();
        answers.keep(found, encoder, Digest.of(name + "\n" + request.images() + "\n" + options));
        results.addAll(found);
      }
    }
    return results;
  }

  /** A set's pictures, thinned by --images the same way for every seed; 0 keeps all. */
  private static List<AnnotatedPicture> thin(List<AnnotatedPicture> pictures, int images) {
    if (images == 0 || images >= pictures.size()) {
      return pictures;
    }
    return Arrays.stream(RunChunks.thinned(pictures.size(), images))
        .mapToObj(pictures::get)
        .toList();
  }

  private record Detector(
      Path run,
      Settings settings,
      Probing.Request request,
      Options options,
      DetectionSet set,
      List<AnnotatedPicture> train,
      List<AnnotatedPicture> judged) {
    List<Probing.Result> of(ProbedEncoder from) throws IOException {
      Device device = new Device(request.device());
      Precision precision = PartSettings.precision(settings);
      FineTuning.Settings tuning = options.tuning();
      Normalisation normalisation = Normalisation.imagenet();
      try (EncoderFile encoder = from.open(settings, device)) {
        if (from.file() == null) {
          BatchStatistics.take(encoder.net(), train, tuning, normalisation);
        }
        try (FasterRcnn detector =
            new FasterRcnn(
                FasterRcnn.Settings.of(encoder.net().shape()),
                encoder.net(),
                set.classes().size(),
                device,
                precision,
                Draw.of(tuning.seed(), "detector"))) {
          FineTuning fineTuning = new FineTuning(tuning, detector, normalisation);
          LOG.info(
              "detection on {}: {} pictures to learn from, {} to judge by, classes {}",
              set.name(),
              train.size(),
              judged.size(),
              set.classes());
          fineTuning.train(train, new EpochLog(set.name(), tuning.epochs()));
          List<List<Detection>> found = fineTuning.detect(judged);
          draw(from, found);
          return results(found, from);
        }
      }
    }

    private void draw(ProbedEncoder from, List<List<Detection>> found) throws IOException {
      String which =
          from.chunk() != null
              ? "chunk-" + from.chunk()
              : from.file() == null ? "untrained" : "weights";
      String set = Path.of(this.set.name()).getFileName().toString();
      Path folder = run.resolve("detections").resolve(set + "-" + which);
      int n = Math.min(options.draw(), judged.size());
      for (int i = 0; i < n; i++) {
        String id = judged.get(i).image().id();
        String name = id.substring(id.lastIndexOf('/') + 1).replaceAll("\\.[^.]*$", "");
        Drawing.write(
            folder.resolve(name + ".png"), judged.get(i), found.get(i), DRAWN, this.set.classes());
      }
      if (n > 0) {
        LOG.info(
            "drew {} pictures to {}: truth in white, detections from score {} on in colour",
            n,
            folder,
            DRAWN);
      }
    }

    private List<Probing.Result> results(List<List<Detection>> found, ProbedEncoder from) {
      CocoEvaluation.Result coco = CocoEvaluation.of(judged, found, set.classes());
      double voc =
          Voc2007Evaluation.mean(
              Voc2007Evaluation.of(
                  judged.stream().map(AnnotatedPicture::truths).toList(),
                  found,
                  set.classes().size(),
                  0.5));
      List<Probing.Result> results = new ArrayList<>();
      add(results, from, "ap", coco.ap());
      add(results, from, "ap50", coco.ap50());
      add(results, from, "ap75", coco.ap75());
      add(results, from, "ap_small", coco.small());
      add(results, from, "ap_medium", coco.medium());
      add(results, from, "ap_large", coco.large());
      add(results, from, "ap50_voc2007", voc);
      for (int c = 0; c < set.classes().size(); c++) {
        add(results, from, "ap/" + set.classes().get(c), coco.perClass().get(c));
        add(results, from, "ap50/" + set.classes().get(c), coco.perClass50().get(c));
      }
      return results;
    }

    private void add(List<Probing.Result> to, ProbedEncoder from, String metric, double share) {
      if (share >= 0) { // there is truth of it
        to.add(
            new Probing.Result(
                TASK,
                set.name(),
                set.judgedName(),
                from.chunk(),
                null,
                metric,
                100 * share,
                null,
                from.label(),
                null));
      }
    }
  }

  /** Tells the mean losses of each epoch. */
  private static final class EpochLog implements FineTuning.Listener {
    private final String set;
    private final int epochs;
    private final long began = System.nanoTime();
    private final double[] sums = new double[5];
    private int steps;

    private EpochLog(String set, int epochs) {
      this.set = set;
      this.epochs = epochs;
    }

    @Override
    public void on(FineTuning.Step step) {
      double[] losses = {
        step.loss(), step.proposalClasses(), step.proposalBoxes(), step.classes(), step.boxes()
      };
      for (int i = 0; i < losses.length; i++) {
        sums[i] += losses[i];
      }
      steps++;
      int perEpoch = step.steps() / epochs;
      if ((step.step() + 1) % perEpoch == 0) {
        double seconds = (System.nanoTime() - began) * 1e-9;
        LOG.info(
            String.format(
                Locale.ROOT,
                "detection on %s: epoch %d of %d, loss %.3f (proposals %.3f + %.3f, detections %.3f + %.3f), %.0f s left",
                set,
                (step.step() + 1) / perEpoch,
                epochs,
                sums[0] / steps,
                sums[1] / steps,
                sums[2] / steps,
                sums[3] / steps,
                sums[4] / steps,
                seconds * (step.steps() - step.step() - 1) / (step.step() + 1)));
        Arrays.fill(sums, 0);
        steps = 0;
      }
    }
  }
}
