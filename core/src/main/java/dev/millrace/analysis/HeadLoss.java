package dev.millrace.analysis;

import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.insight.LossSurface;
import dev.millrace.insight.MeanLoss;
import dev.millrace.probe.FeatureMatrix;
import dev.millrace.probe.LinearModel;
import dev.millrace.probe.LinearProbe;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.view.FixedViews;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The loss of a logistic head on an encoder's features, as a function of the encoder's weights: one
 * functional for encoders that were trained by different losses. The head is fitted to the features
 * of the same pictures at the weights as they are and stays as it is; its regulariser is the one
 * with the least loss on a fifth that was held out, so that it says no more than the features do.
 * In single precision, normalisations by the statistics of the same fixed batches wherever the
 * weights are moved. Not thread-safe; close it to free the copy of the encoder.
 */
final class HeadLoss implements AutoCloseable {
  /** Pictures that are normalised together. */
  private static final int BATCH = 64;

  private static final String ENCODER = "encoder.";

  /**
   * Half decades: features are brought to unit variance, so that the same values suit all encoders.
   */
  private static final LinearProbe.Settings FIT =
      new LinearProbe.Settings(13, -5, 1, 1e-4, 500, 10, 0.2, false, 0);

  private final Parameters weights;
  private final Parameters statistics;
  private final EncoderNet net;
  private final List<Tensor> kept = new ArrayList<>();
  private final int images;
  private final double guessing;
  private final double lambda;
  private final List<Supplier<Tensor>> losses = new ArrayList<>();

  /**
   * Fits a head.
   *
   * @param encoder stays the caller's, unchanged
   * @param views of the pictures; copied
   * @param labels of the views, 0 … C − 1, at least two pictures of some class and C at least 2
   */
  HeadLoss(EncoderNet encoder, FixedViews views, int[] labels, Device device) {
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    encoder.spec().layout(layout, ENCODER);
    weights = new Parameters(layout.build(), device, true);
    Parameters.Layout.Builder statisticsLayout = Parameters.Layout.builder();
    encoder.spec().statisticsLayout(statisticsLayout, ENCODER);
    statistics = new Parameters(statisticsLayout.build(), device, false);
    net = encoder.spec().over(weights, ENCODER, statistics, ENCODER);
    images = labels.length;
    guessing = guessing(labels);
    try (PointerScope scope = new PointerScope()) {
      net.load(encoder.state());
      List<Tensor> pictures = batches(views.view(0));
      List<Tensor> own = batches(numbers(labels, device));
      LinearModel head = fit(features(pictures), labels);
      lambda = head.lambda();
      Tensor w = keep(floats(head.weights(), device, head.bias().length, head.d()).t());
      Tensor b = keep(floats(head.bias(), device, head.bias().length));
      for (int i = 0; i < pictures.size(); i++) {
        Tensor x = keep(pictures.get(i));
        Tensor y = keep(own.get(i));
        // Batches differ by a picture at most where they do not divide: weighted all the same.
        double share = (double) x.size(0) * pictures.size() / images;
        losses.add(
            () ->
                torch
                    .nll_loss(torch.log_softmax(torch.addmm(b, net.differentiable(x), w), 1), y)
                    .mul(new Scalar(share)));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Tensor keep(Tensor tensor) {
    Tensor own = tensor.contiguous();
    own.retainReference();
    kept.add(own);
    return own;
  }

  /** Equal parts of {@value #BATCH} rows about, none of a single one. */
  private static List<Tensor> batches(Tensor all) {
    long n = all.size(0);
    long count = Math.max(1, Math.round(n / (double) BATCH));
    List<Tensor> parts = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long from = i * n / count;
      parts.add(all.narrow(0, from, (i + 1) * n / count - from));
    }
    return parts;
  }

  private Tensor features(List<Tensor> pictures) {
    try (NoGradGuard guard = new NoGradGuard()) {
      TensorVector parts = new TensorVector();
      for (Tensor x : pictures) {
        try (PointerScope layers = new PointerScope()) { // what is between pixels and features
          Tensor features = net.differentiable(x);
          features.retainReference();
          parts.push_back(features);
          features.releaseReference(); // the vector holds it
        }
      }
      return torch.cat(parts, 0);
    }
  }

  /** The head on raw features, fitted at their unit variance. */
  private static LinearModel fit(Tensor features, int[] labels) {
    double spread = features.sub(features.mean(0)).square().mean().sqrt().item_double();
    double scale = Math.max(spread, 1e-12);
    Tensor unit = features.div(new Scalar(scale));
    FeatureMatrix rows = FeatureMatrix.of(unit, labels);
    LinearProbe.Parts parts = LinearProbe.parts(rows, FIT);
    LinearModel best = null;
    double least = Double.POSITIVE_INFINITY;
    for (LinearModel model : LinearProbe.sweep(parts.train(), FIT.lambdas(), FIT)) {
      double loss = loss(model, parts.validation());
      if (loss <= least) {
        least = loss;
        best = model;
      }
    }
    double lambda = best == null ? 1 : best.lambda();
    LinearModel head = LinearProbe.sweep(rows, new double[] {lambda}, FIT)[0];
    float[] raw = head.weights().clone();
    for (int i = 0; i < raw.length; i++) {
      raw[i] /= (float) scale;
    }
    return new LinearModel(
        raw, head.bias(), head.d(), lambda, head.loss(), head.residual(), head.iterations());
  }

  private static double loss(LinearModel model, FeatureMatrix rows) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Device cpu = new Device("cpu");
      Tensor w = floats(model.weights(), cpu, model.bias().length, model.d()).t();
      Tensor b = floats(model.bias(), cpu, model.bias().length);
      Tensor x = floats(rows.values(), cpu, rows.n(), rows.d());
      return torch
          .nll_loss(torch.log_softmax(torch.addmm(b, x, w), 1), numbers(rows.labels(), cpu))
          .item_double();
    }
  }

  private static Tensor floats(float[] values, Device device, long... shape) {
    return torch
        .from_blob(new FloatPointer(values), shape)
        .to(device.torch(), ScalarType.Float)
        .clone();
  }

  private static Tensor numbers(int[] values, Device device) {
    long[] wide = Arrays.stream(values).asLongStream().toArray();
    return torch
        .from_blob(
            new LongPointer(wide), new long[] {wide.length}, new TensorOptions(ScalarType.Long))
        .clone()
        .to(device.torch(), ScalarType.Long);
  }

  /** The loss of a guess by the classes' shares only: their entropy, at most log C. */
  static double guessing(int[] labels) {
    int[] counts = new int[Arrays.stream(labels).max().orElse(0) + 1];
    for (int label : labels) {
      counts[label]++;
    }
    return Arrays.stream(counts)
        .filter(count -> count > 0)
        .mapToDouble(
            count -> -count / (double) labels.length * Math.log(count / (double) labels.length))
        .sum();
  }

  LossSurface surface() {
    return new MeanLoss(weights, losses);
  }

  /**
   * The loss on the first pictures, whole batches of them.
   *
   * @param least this many pictures, or all that there are
   */
  LossSurface surface(int least) {
    int some = Math.min(losses.size(), (least + BATCH - 1) / BATCH);
    return new MeanLoss(weights, losses.subList(0, some));
  }

  Parameters.Layout layout() {
    return weights.layout();
  }

  /** Pictures that the loss is the mean over. */
  int images() {
    return images;
  }

  /** The loss of guessing by the classes' shares. */
  double guessing() {
    return guessing;
  }

  /** The head's regulariser, at features of unit variance. */
  double lambda() {
    return lambda;
  }

  @Override
  public void close() {
    kept.forEach(Tensor::releaseReference);
    kept.clear();
    net.close();
    weights.close();
    statistics.close();
  }
}
