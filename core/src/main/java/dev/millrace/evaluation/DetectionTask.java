package dev.millrace.evaluation;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.file.FileName;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.probe.detection.AnnotatedPicture;
import dev.millrace.probe.detection.BatchStatistics;
import dev.millrace.probe.detection.CocoEvaluation;
import dev.millrace.probe.detection.Detection;
import dev.millrace.probe.detection.DetectionSet;
import dev.millrace.probe.detection.Drawing;
import dev.millrace.probe.detection.FasterRcnn;
import dev.millrace.probe.detection.FineTuning;
import dev.millrace.probe.detection.Voc2007Evaluation;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Sources;
import dev.millrace.refusal.UsageException;
import dev.millrace.setting.Knobs;
import dev.millrace.stream.Thinned;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges encoders by detection: Faster R-CNN is fine-tuned on each, on the training part of a set
 * with boxes, and judged on its test part. The encoders' files are not changed.
 */
final class DetectionTask implements Examination {
  /** What the command calls it. */
  static final String NAME = "detection";

  /** The metric that stands for the task in a suite. */
  static final String OWN_METRIC = "ap50";

  private static final Logger LOG = LoggerFactory.getLogger(DetectionTask.class);

  /** Raised when tuning changes, so that old answers are not taken for new ones. */
  private static final int RECIPE = 2;

  /** Detections below this are not drawn. */
  private static final double DRAWN = 0.5;

  /** What is learned from and judged by: what decodes, thinned by --images. */
  private record Parts(
      DetectionSet set, List<AnnotatedPicture> train, List<AnnotatedPicture> judged) {}

  private final ProbeCall call;
  private final Parts parts;
  private final String question;

  private DetectionTask(ProbeCall call, Parts parts, String question) {
    this.call = call;
    this.parts = parts;
    this.question = question;
  }

  /**
   * Opens a set with boxes.
   *
   * @throws IllegalArgumentException if it has none
   * @throws IOException if a file cannot be read
   */
  static DetectionTask on(ProbeCall call, String name) throws IOException {
    if (name.equals("generated") || name.startsWith("generated:")) {
      throw UsageException.of(
          "--data", name + " has no boxes; give a set with Pascal VOC or COCO annotations");
    }
    ProbeRequest request = call.request();
    Sources sources = new Sources(call.settings(), call.run());
    DetectionSet set = DetectionSet.read(name, call.catalogue().files(sources.place(name)));
    Parts parts =
        new Parts(
            set,
            set.decodable(thin(set.train(), request.pictures().images()), request.threads()),
            set.decodable(set.judged(), request.threads()));
    return new DetectionTask(call, parts, question(call.settings(), request, parts));
  }

  /** That there is something to fine-tune, and that it can learn to detect. */
  static void requireNets(Settings settings, List<ProbedEncoder> encoders) throws IOException {
    if (!encoders.stream().allMatch(ProbedEncoder::net)) {
      throw UsageException.of(
          "--raw-pixels", "has no encoder to fine-tune; leave --task detection out of it");
    }
    for (ProbedEncoder encoder : encoders) {
      FasterRcnn.stages(encoder.spec(settings));
    }
  }

  /** What the answers depend on beside the encoder. */
  private static String question(Settings settings, ProbeRequest request, Parts parts) {
    StringBuilder text = new StringBuilder(NAME + " " + parts.set().classes());
    for (List<AnnotatedPicture> part : List.of(parts.train(), parts.judged())) {
      part.forEach(
          picture -> text.append('\n').append(picture.image().id()).append(picture.truths()));
      text.append('\n');
    }
    DetectionSettings asked = request.settings().detection();
    text.append(asked.tuning());
    text.append(" recipe ").append(RECIPE);
    text.append(" freeze ").append(asked.freeze()).append(" norm ").append(asked.norm());
    text.append(" head norm ").append(asked.headNorm());
    // The sums of a step depend on the number of threads, and training carries them on.
    text.append(" threads ").append(request.threads());
    text.append(" precision ")
        .append(Knobs.word(PartSettings.resolved(settings).machine().precision()));
    text.append(" device ").append(request.device());
    return Sha256.of(text.toString());
  }

  /** Whatever has a net and was asked for by name: each costs minutes. */
  @Override
  public boolean judges(ProbedEncoder encoder) {
    return encoder.net() && !encoder.baseline(call.request());
  }

  /**
   * The answers of the run's log, else fine-tunes, judges and appends what was found: {@code ap},
   * {@code ap50}, {@code ap75}, by size and {@code ap50_voc2007} where there are truths of it, and
   * {@code ap} and {@code ap50} of each class after a slash; percent.
   */
  @Override
  public void ask(ProbedEncoder encoder, boolean again, Consumer<ProbeLog.Given> found)
      throws IOException {
    found.accept(
        call.answers()
            .ask(
                question,
                encoder,
                again,
                () -> {
                  List<ProbeResult> results = tune(encoder, call.listener()::stop);
                  encoder.requireUnchanged();
                  return results;
                }));
  }

  private List<ProbeResult> tune(ProbedEncoder from, BooleanSupplier stop) throws IOException {
    Device device = new Device(call.request().device());
    Precision precision = PartSettings.precision(call.settings());
    FineTuning.Settings tuning = call.request().settings().detection().tuning();
    DetectionSet set = parts.set();
    Normalisation normalisation = Normalisation.imagenet();
    try (EncoderFile encoder = from.open(call.settings(), device)) {
      BatchStatistics.take(encoder.net(), parts.train(), tuning, normalisation);
      DetectionSettings asked = call.request().settings().detection();
      try (FasterRcnn detector =
          new FasterRcnn(
              FasterRcnn.Settings.of(FasterRcnn.stages(encoder.net().spec()))
                  .with(asked.freeze(), asked.norm(), asked.headNorm()),
              encoder.net(),
              set.classes().size(),
              device,
              precision,
              Draw.of(tuning.seed(), "detector"))) {
        FineTuning fineTuning = new FineTuning(tuning, detector, normalisation);
        LOG.info(
            "detection on {}: {} pictures to learn from, {} to judge by, classes {}",
            set.name(),
            parts.train().size(),
            parts.judged().size(),
            set.classes());
        fineTuning.train(parts.train(), new DetectionEpochs(set.name(), tuning.epochs(), stop));
        List<List<Detection>> found = fineTuning.detect(parts.judged());
        draw(from, found);
        return results(found, from);
      }
    }
  }

  private void draw(ProbedEncoder from, List<List<Detection>> found) throws IOException {
    String which =
        from.chunk() != null
            ? (from.label().equals(ProbedEncoder.MOMENTUM) ? "momentum-" : "")
                + "chunk-"
                + from.chunk()
            : from.label().equals(ProbedEncoder.UNTRAINED) ? ProbedEncoder.UNTRAINED : "weights";
    Path folder = RunFolder.of(call.run()).detections().resolve(folder() + "-" + which);
    int n = Math.min(call.request().settings().detection().draw(), parts.judged().size());
    for (int i = 0; i < n; i++) {
      Drawing.write(
          folder.resolve(FileName.of(parts.judged().get(i).image().id()) + ".png"),
          parts.judged().get(i),
          found.get(i),
          DRAWN,
          parts.set().classes());
    }
    if (n > 0) {
      LOG.info(
          "drew {} pictures to {}: truth in white, detections from score {} on in colour",
          n,
          folder,
          DRAWN);
    }
  }

  /** The set's own name, and where it lies another set may bear it too. */
  private String folder() {
    String name = parts.set().name();
    if (Catalogue.isName(name)) {
      return FileName.of(name);
    }
    Path place =
        Path.of(new Sources(call.settings(), call.run()).place(name)).toAbsolutePath().normalize();
    return FileName.of(String.valueOf(place.getFileName()), place.toString());
  }

  private List<ProbeResult> results(List<List<Detection>> found, ProbedEncoder from) {
    DetectionSet set = parts.set();
    CocoEvaluation.Result coco = CocoEvaluation.of(parts.judged(), found, set.classes());
    double voc =
        Voc2007Evaluation.mean(
            Voc2007Evaluation.of(
                parts.judged().stream().map(AnnotatedPicture::truths).toList(),
                found,
                set.classes().size(),
                0.5));
    List<ProbeResult> results = new ArrayList<>();
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

  private void add(List<ProbeResult> to, ProbedEncoder from, String metric, double share) {
    if (share >= 0) { // there is truth of it
      to.add(
          new ProbeResult(
              NAME,
              parts.set().name(),
              parts.set().judgedName(),
              from.chunk(),
              null,
              metric,
              100 * share,
              null,
              from.label(),
              null,
              conditions()));
    }
  }

  private Conditions conditions() {
    FineTuning.Settings tuning = call.request().settings().detection().tuning();
    Map<String, Object> by = new LinkedHashMap<>();
    int available = parts.set().train().size();
    boolean thinned =
        call.request().pictures().images() > 0 && call.request().pictures().images() < available;
    by.put("trained_on", parts.train().size());
    by.put("subset_of", thinned ? available : null);
    by.put("judged_on", parts.judged().size());
    by.put("held_out", parts.set().heldOut() ? parts.judged().size() : null);
    by.put("size", tuning.size());
    by.put("epochs", tuning.epochs());
    by.put("batch", tuning.batch());
    by.put("lr", tuning.lr());
    by.put("seed", tuning.seed());
    DetectionSettings asked = call.request().settings().detection();
    by.put("freeze", asked.freeze());
    by.put("norm", asked.norm().name().toLowerCase(Locale.ROOT));
    by.put("statistics", "of the detection pictures");
    by.put("head_norm", asked.headNorm().name().toLowerCase(Locale.ROOT));
    by.put("precision", Knobs.word(PartSettings.resolved(call.settings()).machine().precision()));
    return Conditions.of(by);
  }

  /** A set's pictures, thinned by --images the same way for every seed; 0 keeps all. */
  private static List<AnnotatedPicture> thin(List<AnnotatedPicture> pictures, int images) {
    if (images == 0 || images >= pictures.size()) {
      return pictures;
    }
    return Arrays.stream(Thinned.places(pictures.size(), images)).mapToObj(pictures::get).toList();
  }
}
