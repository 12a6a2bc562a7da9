package dev.millrace.probe.detection;

import dev.millrace.draw.Draw;
import dev.millrace.learn.optim.CosineSchedule;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Fine-tunes a detector on a set and lets it judge pictures. Every random choice is a draw of
 * (seed, purpose, place), so equal settings give equal detectors. Not thread-safe.
 */
public final class FineTuning {
  /**
   * How to fine-tune.
   *
   * @param seed of all draws
   * @param size shorter side of the pictures, pixels, at least 32
   * @param scales factors on that size, of which each step draws one: multi-scale training; each
   *     above 0
   * @param flip probability that left and right of a picture change places, 0 … 1
   * @param epochs passes over the pictures, at least 1
   * @param batch pictures per step, at least 1
   * @param lr peak of the learning rate, above 0
   * @param warmup share of the steps in which the learning rate rises, in [0, 1)
   * @param momentum of SGD, in [0, 1)
   * @param weightDecay of SGD, at least 0
   * @param clip norm that a gradient is shortened to when it is longer, above 0; infinite for none
   */
  public record Settings(
      long seed,
      int size,
      List<Double> scales,
      double flip,
      int epochs,
      int batch,
      double lr,
      double warmup,
      double momentum,
      double weightDecay,
      double clip) {
    /** Refuses values outside their ranges. */
    public Settings {
      scales = List.copyOf(scales);
      if (size < 32) {
        throw UsageException.of("--detection-size", size + " is below 32 pixels");
      }
      if (epochs < 1) {
        throw UsageException.of("--detection-epochs", epochs + " is below 1");
      }
      if (batch < 1) {
        throw UsageException.of("--detection-batch", batch + " is below 1");
      }
      if (!(lr > 0) || Double.isInfinite(lr)) {
        throw UsageException.of("--detection-lr", lr + " is not above 0");
      }
      if (scales.isEmpty() || !scales.stream().allMatch(s -> s > 0 && s <= 4)) {
        throw new IllegalArgumentException(
            "found scales %s for multi-scale training, expected each above 0 and at most 4: try 0.8, 1, 1.2"
                .formatted(scales));
      }
      if (!(flip >= 0 && flip <= 1) || !(warmup >= 0 && warmup < 1)) {
        throw new IllegalArgumentException(
            "found a flip of %s and a warm-up of %s, expected 0 … 1 and 0 to below 1: try 0.5 and 0.1"
                .formatted(flip, warmup));
      }
      if (!(clip > 0)) {
        throw new IllegalArgumentException(
            "found a clip of %s, expected a norm above 0: try 5".formatted(clip));
      }
      new Sgd.Settings(momentum, weightDecay);
    }

    /**
     * For a few hundred small pictures: shorter side 120 pixels, scales 0.8 to 1.2, batch 4,
     * momentum 0.9 and weight decay 1e-4 as Lin et al., "Feature Pyramid Networks", CVPR 2017.
     * Gradients are clipped, since a narrow net on few pictures diverges easily.
     */
    public static Settings small(long seed) {
      return new Settings(seed, 120, List.of(0.8, 1.0, 1.2), 0.5, 6, 4, 0.02, 0.1, 0.9, 1e-4, 5);
    }

    /** torchvision's size, scales and rates for COCO: 640 to 800 pixels, 0.02 for 16 pictures. */
    public static Settings paper(long seed) {
      return new Settings(
          seed,
          800,
          List.of(0.8, 0.84, 0.88, 0.92, 0.96, 1.0),
          0.5,
          26,
          16,
          0.02,
          0.01,
          0.9,
          1e-4,
          Double.POSITIVE_INFINITY);
    }
  }

  /**
   * A step was made.
   *
   * @param step from 0
   * @param steps of the whole fine-tuning
   * @param loss the sum of the four below
   * @param proposalClasses whether anchors hold an object
   * @param proposalBoxes where it is
   * @param classes what a proposal is
   * @param boxes where it is exactly
   */
  public record Step(
      int step,
      int steps,
      double loss,
      double proposalClasses,
      double proposalBoxes,
      double classes,
      double boxes) {}

  /** Told of every step. */
  @FunctionalInterface
  public interface Listener {
    /** A step was made. */
    void on(Step step);
  }

  private final Settings settings;
  private final FasterRcnn detector;
  private final DetectionViews views;

  /**
   * Of a detector that stays the caller's.
   *
   * @param normalisation that the encoder was trained with
   */
  public FineTuning(Settings settings, FasterRcnn detector, Normalisation normalisation) {
    this.settings = settings;
    this.detector = detector;
    views =
        new DetectionViews(
            new ViewMaker(Augmentation.mocoV2(settings.size()), normalisation),
            detector.multiple());
  }

  /**
   * Fine-tunes the detector.
   *
   * @param pictures at least one; those without objects teach background
   * @throws IllegalStateException if the loss is no longer a number
   * @throws IOException if a picture cannot be read
   */
  public void train(List<AnnotatedPicture> pictures, Listener listener) throws IOException {
    int perEpoch = (pictures.size() + settings.batch() - 1) / settings.batch();
    int steps = perEpoch * settings.epochs();
    CosineSchedule schedule =
        new CosineSchedule(settings.lr(), (int) (settings.warmup() * steps), steps);
    try (Sgd sgd =
        new Sgd(
            new Sgd.Settings(settings.momentum(), settings.weightDecay()), detector.parameters())) {
      for (int step = 0; step < steps; step++) {
        int epoch = step / perEpoch;
        int[] order =
            Draw.of(settings.seed(), "detection order", epoch).permutation(pictures.size());
        int from = step % perEpoch * settings.batch();
        int[] chosen =
            Arrays.copyOfRange(order, from, Math.min(order.length, from + settings.batch()));
        try (PointerScope scope = new PointerScope()) {
          detector.parameters().zeroGradient();
          FasterRcnn.Losses losses =
              detector.losses(
                  batch(pictures, chosen, epoch, step),
                  Draw.of(settings.seed(), "detection samples", step));
          Tensor sum = losses.sum();
          Step made = step(step, steps, sum.item_float(), losses);
          if (!Double.isFinite(made.loss())) {
            throw new IllegalStateException(
                "the detector's loss is %s in step %d of %d; lower --detection-lr, now %s"
                    .formatted(made.loss(), step + 1, steps, settings.lr()));
          }
          sum.backward();
          clip(detector.parameters().gradient());
          sgd.step(schedule.at(step));
          listener.on(made);
        }
      }
    }
  }

  private void clip(Tensor gradient) {
    double norm = gradient.norm().item_double();
    if (norm > settings.clip()) {
      gradient.mul_(new Scalar(settings.clip() / norm));
    }
  }

  private static Step step(int step, int steps, double sum, FasterRcnn.Losses losses) {
    return new Step(
        step,
        steps,
        sum,
        losses.proposals().classes().item_float(),
        losses.proposals().boxes().item_float(),
        losses.detections().classes().item_float(),
        losses.detections().boxes().item_float());
  }

  private DetectionBatch batch(List<AnnotatedPicture> pictures, int[] chosen, int epoch, int step)
      throws IOException {
    List<AnnotatedPicture> some = new ArrayList<>();
    boolean[] flips = new boolean[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      some.add(pictures.get(chosen[i]));
      flips[i] =
          Draw.of(settings.seed(), "detection flip", epoch, chosen[i]).chance(settings.flip());
    }
    int scale = Draw.of(settings.seed(), "detection scale", step).below(settings.scales().size());
    return views.of(some, (int) Math.round(settings.size() * settings.scales().get(scale)), flips);
  }

  /**
   * What the detector finds in each picture, best first, in the pictures' own pixels.
   *
   * @throws IOException if a picture cannot be read
   */
  public List<List<Detection>> detect(List<AnnotatedPicture> pictures) throws IOException {
    List<List<Detection>> all = new ArrayList<>();
    for (int from = 0; from < pictures.size(); from += settings.batch()) {
      List<AnnotatedPicture> some =
          pictures.subList(from, Math.min(pictures.size(), from + settings.batch()));
      try (PointerScope scope = new PointerScope()) {
        DetectionBatch batch = views.of(some, settings.size(), new boolean[some.size()]);
        List<List<Detection>> found = detector.detect(batch);
        for (int i = 0; i < some.size(); i++) {
          AnnotatedPicture picture = some.get(i);
          int[] size = batch.sizes()[i];
          all.add(
              found.get(i).stream().map(d -> DetectionViews.restore(d, picture, size)).toList());
        }
      }
    }
    return all;
  }
}
