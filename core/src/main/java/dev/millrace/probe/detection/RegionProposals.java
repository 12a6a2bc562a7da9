package dev.millrace.probe.detection;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The first stage: which anchors hold an object, and where exactly (Ren et al., "Faster R-CNN",
 * NeurIPS 2015, §3.1), shared over the levels of a pyramid. Not thread-safe while training.
 */
public final class RegionProposals {
  /**
   * The stage's knobs, with torchvision's numbers in {@link #paper()}.
   *
   * @param matcher of anchors to true boxes
   * @param sampler of anchors to learn from
   * @param before best anchors of a level that suppression looks at, while training, at least 1
   * @param beforeTest the same when judging
   * @param after proposals of a picture that are handed on, while training, at least 1
   * @param afterTest the same when judging
   * @param nms overlap above which the weaker proposal goes, 0 … 1
   * @param smallest side of a proposal, pixels, at least 0
   */
  public record Settings(
      Matcher matcher,
      BalancedSampler sampler,
      int before,
      int beforeTest,
      int after,
      int afterTest,
      double nms,
      double smallest) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (before < 1 || beforeTest < 1 || after < 1 || afterTest < 1) {
        throw new IllegalArgumentException(
            "found %d, %d, %d, %d proposals to keep, expected at least 1 of each: try 2000, 1000, 2000, 1000"
                .formatted(before, beforeTest, after, afterTest));
      }
      if (!(nms >= 0 && nms <= 1) || !(smallest >= 0)) {
        throw new IllegalArgumentException(
            "found an overlap of %s and a side of %s pixels, expected 0 … 1 and at least 0: try 0.7 and 0.001"
                .formatted(nms, smallest));
      }
    }

    /** torchvision's numbers for Faster R-CNN with a pyramid. */
    public static Settings paper() {
      return new Settings(
          new Matcher(0.7, 0.3, true),
          new BalancedSampler(256, 0.5),
          2000,
          1000,
          2000,
          1000,
          0.7,
          1e-3);
    }
  }

  /**
   * What the stage says of every anchor of a batch.
   *
   * @param anchors {@code [A, 4]}
   * @param counts anchors of each level
   * @param logits {@code [N, A] float32}
   * @param offsets {@code [N, A, 4] float32}
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
  record Answer(float[] anchors, int[] counts, Tensor logits, Tensor offsets) {}

  private static final BoxCoder CODER = BoxCoder.proposals();

  private final Settings settings;
  private final Anchors.Settings anchors;
  private final Weights weights;

  RegionProposals(Settings settings, Anchors.Settings anchors, Weights weights) {
    this.settings = settings;
    this.anchors = anchors;
    this.weights = weights;
  }

  static void layout(Parameters.Layout.Builder into, int channels, int ratios) {
    Weights.convolution(into, "rpn.conv", channels, channels, 3);
    Weights.linear(into, "rpn.objectness", channels, ratios);
    Weights.linear(into, "rpn.offsets", channels, 4L * ratios);
  }

  /** torchvision's: normal with deviation 0.01. */
  void initialise(Draw draw) {
    weights.gaussian("rpn.conv", 0.01, draw.at(0));
    weights.gaussian("rpn.objectness", 0.01, draw.at(1));
    weights.gaussian("rpn.offsets", 0.01, draw.at(2));
  }

  /** The 3×3 convolution before the two answers, on one level. */
  Tensor hidden(Tensor level) {
    return weights.convolve("rpn.conv", level).relu_();
  }

  /**
   * Answers for every anchor.
   *
   * @param hidden what {@link #hidden} made of each level, {@code [N, C, H, W]}
   */
  Answer answer(List<Tensor> hidden, List<Level> levels) {
    TensorVector rows = new TensorVector();
    int ratios = anchors.ratios().size();
    int[] counts = new int[levels.size()];
    for (int l = 0; l < counts.length; l++) {
      rows.push_back(FasterRcnn.rows(hidden.get(l)));
      counts[l] = levels.get(l).places() * ratios;
    }
    Tensor all = torch.cat(rows, 1);
    long n = all.size(0);
    return new Answer(
        Anchors.of(anchors, levels),
        counts,
        weights.linear("rpn.objectness", all).view(n, -1),
        weights.linear("rpn.offsets", all).view(n, -1, 4));
  }

  /**
   * The loss over sampled anchors of all pictures.
   *
   * @param truths true boxes of each picture, {@code [T, 4]}
   * @param draw decides which anchors
   */
  DetectionLoss loss(Answer answer, List<float[]> truths, Draw draw, Device device) {
    long all = Boxes.count(answer.anchors());
    List<Long> sampled = new ArrayList<>();
    List<Long> foreground = new ArrayList<>();
    List<Float> truth = new ArrayList<>();
    float[] wanted = new float[0];
    for (int image = 0; image < truths.size(); image++) {
      int[] match = settings.matcher().match(truths.get(image), answer.anchors());
      BalancedSampler.Taken taken = settings.sampler().take(match, draw.at(image));
      for (int i : taken.all()) {
        sampled.add(image * all + i);
        truth.add(match[i] >= 0 ? 1f : 0f);
      }
      int[] of = Arrays.stream(taken.foreground()).map(i -> match[i]).toArray();
      wanted =
          Boxes.join(
              wanted,
              CODER.encode(
                  Boxes.rows(truths.get(image), of),
                  Boxes.rows(answer.anchors(), taken.foreground())));
      for (int i : taken.foreground()) {
        foreground.add(image * all + i);
      }
    }
    float[] ones = new float[truth.size()];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = truth.get(i);
    }
    Tensor logits = answer.logits().reshape(-1).index_select(0, index(sampled, device));
    Tensor offsets = answer.offsets().reshape(-1, 4).index_select(0, index(foreground, device));
    return DetectionLoss.proposals(
        logits,
        Tensors.of(ones, device, ones.length),
        offsets,
        Tensors.of(wanted, device, foreground.size(), 4));
  }

  private static Tensor index(List<Long> rows, Device device) {
    long[] array = rows.stream().mapToLong(Long::longValue).toArray();
    return Tensors.of(array, device, array.length);
  }

  /**
   * The proposals of each picture, best first, {@code [P, 4]}; no gradient leads back.
   *
   * @param sizes width and height of each picture within the batch
   */
  List<float[]> proposals(Answer answer, int[][] sizes, boolean training) {
    float[] logits = Tensors.floats(answer.logits());
    float[] offsets = Tensors.floats(answer.offsets());
    int all = Boxes.count(answer.anchors());
    List<float[]> proposals = new ArrayList<>();
    for (int image = 0; image < sizes.length; image++) {
      float[] own = Arrays.copyOfRange(logits, image * all, (image + 1) * all);
      proposals.add(proposals(answer, own, offsets, image * all, sizes[image], training));
    }
    return proposals;
  }

  private float[] proposals(
      Answer answer, float[] logits, float[] offsets, int first, int[] size, boolean training) {
    int before = training ? settings.before() : settings.beforeTest();
    int room = Arrays.stream(answer.counts()).map(count -> Math.min(count, before)).sum();
    float[] boxes = new float[4 * room];
    float[] scores = new float[room];
    int[] groups = new int[room];
    int n = 0;
    int from = 0;
    for (int level = 0; level < answer.counts().length; level++) {
      int to = from + answer.counts()[level];
      int[] order = Boxes.byScore(logits, from, to);
      for (int k = 0; k < Math.min(before, order.length); k++) {
        int i = order[k];
        CODER.decode(offsets, first + i, answer.anchors(), i, boxes, n);
        Boxes.clip(boxes, n, size[0], size[1]);
        if (Boxes.atLeast(boxes, n, settings.smallest())) {
          scores[n] = logits[i];
          groups[n++] = level;
        }
      }
      from = to;
    }
    int[] kept =
        Nms.keep(
            boxes,
            Arrays.copyOf(scores, n),
            groups,
            settings.nms(),
            training ? settings.after() : settings.afterTest());
    return Boxes.rows(boxes, kept);
  }
}
