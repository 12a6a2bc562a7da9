package dev.millrace.probe;

import static org.bytedeco.pytorch.global.torch.from_blob;
import static org.bytedeco.pytorch.global.torch.linear;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.learn.objective.CrossEntropy;
import dev.millrace.learn.optim.CosineSchedule;
import dev.millrace.learn.optim.Sgd;
import dev.millrace.refusal.Require;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoded;
import dev.millrace.vision.decode.PixelCache;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.view.Augmentation;
import dev.millrace.vision.view.Normalisation;
import dev.millrace.vision.view.Place;
import dev.millrace.vision.view.ViewMaker;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Full fine-tuning: a copy of the encoder and a linear head trained end to end on labelled pictures
 * (Kornblith, Shlens and Le, "Do Better ImageNet Models Transfer Better?", CVPR 2019, §4.3): SGD
 * with momentum 0.9, random crops and flips, a cosine schedule. The head starts at zero, as in
 * Kolesnikov et al., "Big Transfer", ECCV 2020, so that nothing random is pushed into the encoder.
 * The same seed and threads give the same bits. Not thread-safe; close it to free the copy.
 */
public final class FineTuning implements AutoCloseable {
  private static final String ENCODER = "encoder.";
  private static final long CACHE_BYTES = 256L << 20;

  /**
   * How to train.
   *
   * @param epochs passes over the training pictures, at least 1
   * @param batch pictures per step, at least 2; no more than there are is taken
   * @param lr peak learning rate, above 0
   * @param weightDecay on every weight, at least 0
   * @param cropMin smallest area share of a crop, in (0, 1]
   * @param seed of order, crops and flips
   */
  public record Settings(
      int epochs, int batch, double lr, double weightDecay, double cropMin, long seed) {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.flag(epochs >= 1, "--epochs", epochs + " is below 1");
      Require.flag(batch >= 2, "--batch", batch + " is below 2 pictures");
      Require.flag(lr > 0 && lr < Double.POSITIVE_INFINITY, "--lr", lr + " is not above 0");
      Require.flag(
          weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY,
          "--weight-decay",
          weightDecay + " is not a number of at least 0");
      Require.flag(cropMin > 0 && cropMin <= 1, "--crop-min", cropMin + " is not in (0, 1]");
    }

    /** 20 epochs of batch 64, peak 0.03, weight decay 5e-4, crops from half the area; seed 0. */
    public static Settings defaults() {
      return new Settings(20, 64, 0.03, 5e-4, 0.5, 0);
    }
  }

  private final Settings settings;
  private final int classes;
  private final int size;
  private final Device device;
  private final Precision precision;
  private final Parameters weights;
  private final Parameters statistics;
  private final EncoderNet net;

  /**
   * A copy of an encoder under a head of zeros.
   *
   * @param encoder stays the caller's, unchanged
   * @param classes C, at least 2
   * @param size side of the views, pixels
   * @param device where to train; the copy is made there
   */
  public FineTuning(
      Settings settings,
      EncoderNet encoder,
      int classes,
      int size,
      Device device,
      Precision precision) {
    if (classes < 2) {
      throw new IllegalArgumentException(
          "found %d class, expected 2 or more: give a labelled set".formatted(classes));
    }
    this.settings = settings;
    this.classes = classes;
    this.size = size;
    this.device = device;
    this.precision = precision;
    Parameters.Layout.Builder layout = Parameters.Layout.builder();
    encoder.spec().layout(layout, ENCODER);
    layout.add("head.weight", classes, encoder.spec().dim()).add("head.bias", classes);
    weights = new Parameters(layout.build(), device, true);
    Parameters.Layout.Builder statisticsLayout = Parameters.Layout.builder();
    encoder.spec().statisticsLayout(statisticsLayout, ENCODER);
    statistics = new Parameters(statisticsLayout.build(), device, false);
    net = encoder.spec().over(weights, ENCODER, statistics, ENCODER);
    try (PointerScope scope = new PointerScope()) {
      net.load(encoder.state());
    }
  }

  /**
   * Trains from where it stands; a fresh schedule each call.
   *
   * @param train labelled pictures, all of which decode, at least 2
   * @param threads that make views; changes no value
   * @return the mean loss of the last epoch
   * @throws IllegalArgumentException if there are too few pictures
   * @throws IllegalStateException if the loss is no longer a number
   */
  public double train(ImageSet train, int threads) {
    return train(train, threads, () -> false);
  }

  /**
   * Like {@link #train(ImageSet, int)}, with a way to end it.
   *
   * @param stop asked before every step; true ends the call by a {@link CancellationException}
   */
  public double train(ImageSet train, int threads, BooleanSupplier stop) {
    int batch = Math.min(settings.batch(), train.size());
    if (batch < 2) {
      throw new IllegalArgumentException(
          "found %d picture of %s to train on, expected 2 or more: give more pictures"
              .formatted(train.size(), train.name()));
    }
    int steps = train.size() / batch;
    Draws draws = new Draws(train, steps * batch);
    CosineSchedule schedule = new CosineSchedule(settings.lr(), 0, steps * settings.epochs());
    double sum = 0;
    try (ViewQueue queue = new ViewQueue(draws, size, batch, threads);
        Sgd sgd = new Sgd(new Sgd.Settings(0.9, settings.weightDecay()), weights)) {
      for (int step = 0; step < schedule.steps(); step++) {
        Stop.check(stop);
        ViewQueue.Batch views = queue.take();
        if (!views.bad().isEmpty()) {
          throw new IllegalStateException(
              "%s decoded before and does not now: %s"
                  .formatted(views.bad().get(0).id(), views.bad().get(0).reason()));
        }
        double loss = step(views, draws.labels(views.from(), batch), sgd, schedule.at(step));
        if (!Double.isFinite(loss)) {
          throw new IllegalStateException(
              "fine-tuning on %s diverged at step %d of %d: lower --lr %s"
                  .formatted(train.name(), step, schedule.steps(), settings.lr()));
        }
        sum = step % steps == 0 ? loss : sum + loss;
      }
    }
    return sum / steps;
  }

  private double step(ViewQueue.Batch batch, long[] labels, Sgd sgd, double lr) {
    try (PointerScope scope = new PointerScope()) {
      Tensor pictures =
          from_blob(
              batch.views(),
              new long[] {labels.length, 3, size, size},
              new TensorOptions(ScalarType.Float));
      Tensor x = pictures.to(device.torch(), ScalarType.Float);
      Tensor y =
          from_blob(
                  new LongPointer(labels),
                  new long[] {labels.length},
                  new TensorOptions(ScalarType.Long))
              .to(device.torch(), ScalarType.Long);
      weights.zeroGradient();
      Tensor logits; // [B, C]
      try (Precision.Autocast cast = precision.autocast(device)) {
        logits =
            linear(
                net.forward(x, true),
                weights.get("head.weight"),
                new TensorOptional(weights.get("head.bias")));
      }
      Tensor loss = CrossEntropy.loss(logits.to(ScalarType.Float), y);
      loss.backward();
      sgd.step(lr);
      return loss.item_double();
    }
  }

  /** The trained copy of the encoder; owned by this. */
  public EncoderNet encoder() {
    return net;
  }

  /**
   * The head as it stands, over features of {@link #encoder()}; its λ, loss and residual are NaN.
   */
  public LinearModel head() {
    int dim = net.spec().dim();
    float[] w = new float[classes * dim];
    float[] b = new float[classes];
    try (PointerScope scope = new PointerScope()) {
      weights.get("head.weight").detach().cpu().contiguous().data_ptr_float().get(w);
      weights.get("head.bias").detach().cpu().contiguous().data_ptr_float().get(b);
    }
    return new LinearModel(w, b, dim, Double.NaN, Double.NaN, Double.NaN, 0);
  }

  /** Every epoch's pictures one after another, each epoch in an order of its own. */
  private final class Draws implements ViewQueue.Source {
    private final ImageSet set;
    private final PixelCache pixels;
    private final int[][] orders;
    private final int epoch;
    private final ViewMaker maker;

    Draws(ImageSet set, int epoch) {
      this.set = set;
      this.epoch = epoch;
      pixels =
          new PixelCache(set, size, Math.min(CACHE_BYTES, Runtime.getRuntime().maxMemory() / 4));
      orders = new int[settings.epochs()][];
      for (int e = 0; e < orders.length; e++) {
        orders[e] = Draw.of(settings.seed(), "fine-tuning", e).permutation(set.size());
      }
      maker =
          new ViewMaker(
              new Augmentation(size, settings.cropMin(), 1, 0, 0, 0, 0, 0, 0, 0, 0.1, 2, 0.5),
              Normalisation.imagenet());
    }

    @Override
    public int size() {
      return Math.multiplyExact(epoch, settings.epochs());
    }

    private int index(int place) {
      return orders[place / epoch][place % epoch];
    }

    @Override
    public void view(int place, FloatBuffer out) throws IOException, BadPictureException {
      Place at = new Place(settings.seed(), 0, place / epoch, place % epoch, 0);
      Decoded picture =
          pixels.get(index(place), (width, height) -> maker.reduction(width, height, at));
      maker.augment(picture, at, out, 0);
    }

    @Override
    public BadPicture bad(int place, String reason) {
      return new BadPicture(index(place), set.image(index(place)).id(), reason);
    }

    long[] labels(int from, int count) {
      long[] labels = new long[count];
      for (int i = 0; i < count; i++) {
        labels[i] = set.image(index(from + i)).label();
      }
      return labels;
    }
  }

  @Override
  public void close() {
    net.close();
    weights.close();
    statistics.close();
  }
}
