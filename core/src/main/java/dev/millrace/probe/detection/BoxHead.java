package dev.millrace.probe.detection;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The second stage: two layers over each proposal's features, then its class and a box for every
 * class (Girshick, "Fast R-CNN", ICCV 2015; two layers after Lin et al., "Feature Pyramid
 * Networks", CVPR 2017, §4.2, each normalised where so is asked). Not thread-safe while training.
 */
public final class BoxHead {
  /**
   * The stage's knobs, with torchvision's numbers in {@link #paper()}.
   *
   * @param hidden width of both layers, at least 1
   * @param pooling how features of a box are taken
   * @param matcher of proposals to true boxes
   * @param sampler of proposals to learn from
   * @param score detections with a lower score are dropped, 0 … 1
   * @param nms overlap above which the weaker detection of a class goes, 0 … 1
   * @param detections of a picture at most, at least 1
   */
  public record Settings(
      int hidden,
      RoiAlign pooling,
      Matcher matcher,
      BalancedSampler sampler,
      double score,
      double nms,
      int detections) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (hidden < 1 || detections < 1) {
        throw new IllegalArgumentException(
            "found a box head of width %d with %d detections, expected at least 1: try 1024 and 100"
                .formatted(hidden, detections));
      }
      if (!(score >= 0 && score <= 1) || !(nms >= 0 && nms <= 1)) {
        throw new IllegalArgumentException(
            "found a score of %s and an overlap of %s, expected 0 … 1: try 0.05 and 0.5"
                .formatted(score, nms));
      }
    }

    /** torchvision's numbers for Faster R-CNN with a pyramid. */
    public static Settings paper() {
      return new Settings(
          1024,
          new RoiAlign(7, 2),
          new Matcher(0.5, 0.5, false),
          new BalancedSampler(512, 0.25),
          0.05,
          0.5,
          100);
    }
  }

  /**
   * Proposals to learn from.
   *
   * @param boxes {@code [S, 4]} of all pictures
   * @param image {@code [S]}: picture of each
   * @param labels {@code [S]}: 0 for background, else class + 1
   * @param foreground rows of the foreground
   * @param wanted {@code [F, 4]}: offsets of the foreground to its true boxes
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
  record Sample(float[] boxes, int[] image, long[] labels, int[] foreground, float[] wanted) {}

  /**
   * What the stage says of boxes.
   *
   * @param logits {@code [R, 1 + K]}, background first
   * @param offsets {@code [R, 1 + K, 4]}
   */
  record Answer(Tensor logits, Tensor offsets) {}

  private static final BoxCoder CODER = BoxCoder.detections();
  private static final String NORMALISED = ".normalised";

  /** Sides below this are no detection, pixels. */
  private static final double SMALLEST = 1e-2;

  private final Settings settings;
  private final int classes;
  private final Weights weights;
  private final boolean normalised;

  /**
   * @param normalised whether the layers over a proposal's features are, in groups
   */
  BoxHead(Settings settings, int classes, Weights weights, boolean normalised) {
    this.normalised = normalised;
    this.settings = settings;
    this.classes = classes;
    this.weights = weights;
  }

  static void layout(
      Parameters.Layout.Builder into,
      Settings settings,
      int channels,
      int classes,
      boolean normalised) {
    int side = settings.pooling().side();
    Weights.linear(into, "box.fc6", (long) side * side * channels, settings.hidden());
    Weights.linear(into, "box.fc7", settings.hidden(), settings.hidden());
    if (normalised) {
      Weights.normalisation(into, "box.fc6" + NORMALISED, settings.hidden());
      Weights.normalisation(into, "box.fc7" + NORMALISED, settings.hidden());
    }
    Weights.linear(into, "box.classes", settings.hidden(), 1L + classes);
    Weights.linear(into, "box.offsets", settings.hidden(), 4L * (1 + classes));
  }

  /** torch's: uniform within ±1/√fan-in; biases zero. */
  void initialise(Draw draw) {
    List<String> names = List.of("box.fc6", "box.fc7", "box.classes", "box.offsets");
    for (int i = 0; i < names.size(); i++) {
      weights.uniform(names.get(i), 1 / Math.sqrt(weights.fanIn(names.get(i))), draw.at(i));
    }
    if (normalised) {
      weights.identity("box.fc6" + NORMALISED);
      weights.identity("box.fc7" + NORMALISED);
    }
  }

  /**
   * Chooses proposals to learn from; the true boxes are proposals too, so that there is foreground
   * from the first step on.
   *
   * @param proposals of each picture, {@code [P, 4]}
   * @param truths true boxes of each picture, {@code [T, 4]}
   * @param labels their classes, 0 … K − 1
   * @param draw decides which proposals
   */
  Sample sample(List<float[]> proposals, List<float[]> truths, List<int[]> labels, Draw draw) {
    float[] boxes = new float[0];
    float[] wanted = new float[0];
    List<Integer> image = new ArrayList<>();
    List<Long> label = new ArrayList<>();
    List<Integer> foreground = new ArrayList<>();
    for (int i = 0; i < proposals.size(); i++) {
      float[] all = Boxes.join(proposals.get(i), truths.get(i));
      int[] match = settings.matcher().match(truths.get(i), all);
      BalancedSampler.Taken taken = settings.sampler().take(match, draw.at(i));
      for (int row : taken.all()) {
        if (match[row] >= 0) {
          foreground.add(label.size());
        }
        label.add(match[row] >= 0 ? 1L + labels.get(i)[match[row]] : 0L);
        image.add(i);
      }
      boxes = Boxes.join(boxes, Boxes.rows(all, taken.all()));
      int[] of = Arrays.stream(taken.foreground()).map(row -> match[row]).toArray();
      wanted =
          Boxes.join(
              wanted,
              CODER.encode(Boxes.rows(truths.get(i), of), Boxes.rows(all, taken.foreground())));
    }
    return new Sample(boxes, ints(image), longs(label), ints(foreground), wanted);
  }

  /**
   * Judges boxes by their features.
   *
   * @param features {@code [R, cells, C]} from {@link RoiAlign}
   */
  Answer answer(Tensor features) {
    Tensor x = features.reshape(features.size(0), -1);
    x = layer("box.fc6", x);
    x = layer("box.fc7", x);
    return new Answer(
        weights.linear("box.classes", x),
        weights.linear("box.offsets", x).view(-1, 1L + classes, 4));
  }

  private Tensor layer(String name, Tensor x) {
    // A batch without a proposal has nothing to normalise.
    Tensor y = weights.linear(name, x);
    return (normalised && y.size(0) > 0 ? weights.normalise(name + NORMALISED, y) : y).relu_();
  }

  /** The loss over a sample that was judged. */
  DetectionLoss loss(Answer answer, Sample sample, Device device) {
    long[] rows = new long[sample.foreground().length];
    for (int i = 0; i < rows.length; i++) {
      int row = sample.foreground()[i];
      rows[i] = row * (1L + classes) + sample.labels()[row];
    }
    return DetectionLoss.detections(
        answer.logits(),
        Tensors.of(sample.labels(), device, sample.labels().length),
        answer.offsets().reshape(-1, 4).index_select(0, Tensors.of(rows, device, rows.length)),
        Tensors.of(sample.wanted(), device, rows.length, 4));
  }

  /**
   * The detections of each picture, best first, in the pixels of the batch.
   *
   * @param proposals of each picture, in the order of the answer's rows
   * @param sizes width and height of each picture within the batch
   */
  List<List<Detection>> detections(Answer answer, List<float[]> proposals, int[][] sizes) {
    float[] scores = Tensors.floats(torch.softmax(answer.logits(), 1));
    float[] offsets = Tensors.floats(answer.offsets());
    List<List<Detection>> all = new ArrayList<>();
    int first = 0;
    for (int image = 0; image < sizes.length; image++) {
      all.add(detections(scores, offsets, first, proposals.get(image), sizes[image]));
      first += Boxes.count(proposals.get(image));
    }
    return all;
  }

  private List<Detection> detections(
      float[] scores, float[] offsets, int first, float[] proposals, int[] size) {
    int room = Boxes.count(proposals) * classes;
    float[] boxes = new float[4 * room];
    float[] score = new float[room];
    int[] label = new int[room];
    int n = 0;
    for (int p = 0; p < Boxes.count(proposals); p++) {
      for (int c = 1; c <= classes; c++) {
        int row = (first + p) * (1 + classes) + c;
        if (scores[row] > settings.score()) {
          CODER.decode(offsets, row, proposals, p, boxes, n);
          Boxes.clip(boxes, n, size[0], size[1]);
          if (Boxes.atLeast(boxes, n, SMALLEST)) {
            score[n] = scores[row];
            label[n++] = c - 1;
          }
        }
      }
    }
    List<Detection> found = new ArrayList<>();
    for (int i :
        Nms.keep(boxes, Arrays.copyOf(score, n), label, settings.nms(), settings.detections())) {
      int q = 4 * i;
      found.add(
          new Detection(
              new Box(boxes[q], boxes[q + 1], boxes[q + 2], boxes[q + 3]), label[i], score[i]));
    }
    return found;
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private static long[] longs(List<Long> list) {
    return list.stream().mapToLong(Long::longValue).toArray();
  }
}
