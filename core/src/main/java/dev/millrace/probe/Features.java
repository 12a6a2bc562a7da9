package dev.millrace.probe;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.refusal.Some;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.encoder.EncoderNet;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.view.ViewMaker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frozen features: what an encoder in evaluation mode makes of pictures, shorter side to a size and
 * centre crop. The encoder is not changed.
 *
 * <p>A picture that cannot be decoded has no row: it is skipped, and reported once per set; more
 * than 1 % of them in a set are refused. The views of the next batch are made while the present one
 * is computed. Not thread-safe.
 */
public final class Features {
  private static final Logger LOG = LoggerFactory.getLogger(Features.class);

  /** Share of a set's pictures that may be bad: as in pre-training, when nothing else is said. */
  public static final double MAX_BAD = 0.01;

  /** Of fewer pictures than these none may be bad. */
  private static final int FEW = 10;

  private static final int NAMED = 5;

  /** Of a refused set; a folder of thousands that are no pictures needs no longer list. */
  private static final int LISTED = 100;

  private final int size;
  private final ViewMaker views;
  private final int threads;
  private final BooleanSupplier stop;
  private final Set<ImageSet> told = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * An extractor for one probing.
   *
   * @param size side S of what the encoder sees, pixels, at least 1
   * @param views makes them
   * @param threads that decode and make views; changes no value
   * @throws IllegalArgumentException if size or threads is below 1
   */
  public Features(int size, ViewMaker views, int threads) {
    this(size, views, threads, () -> false);
  }

  /**
   * An extractor that can be stopped.
   *
   * @param stop asked before every batch; true ends the call by a {@link CancellationException}
   */
  public Features(int size, ViewMaker views, int threads, BooleanSupplier stop) {
    if (size < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "found size %d and %d threads, expected at least 1 of each: give the run's size and a core"
              .formatted(size, threads));
    }
    this.size = size;
    this.views = views;
    this.threads = threads;
    this.stop = stop;
  }

  /**
   * The encoder's output, {@code [N, D] float32}, N the pictures that decode, in the set's order;
   * labels are those of the set.
   *
   * @param encoder in evaluation mode whatever it did before; not written to
   * @param device where the encoder's weights are
   * @throws IllegalArgumentException if the set has no pictures, or too many bad ones
   */
  public FeatureMatrix of(EncoderNet encoder, ImageSet set, Device device, Precision precision) {
    try (FrozenEncoder frozen = encoder.freeze(precision)) {
      return each(set, FeatureStream.of(frozen, device));
    }
  }

  /**
   * The pixels themselves, normalised and flattened, {@code [N, 3·S·S] float32}, N the pictures
   * that decode.
   *
   * @throws IllegalArgumentException if the set has no pictures, or too many bad ones
   */
  public FeatureMatrix pixels(ImageSet set) {
    return each(set, batch -> batch.reshape(batch.size(0), -1).contiguous());
  }

  /**
   * Whether so many bad pictures are more than are left out, {@link #MAX_BAD} of a part of a set;
   * one of ten and more always is, since a run leaves it out of a set of which the part is a fifth.
   */
  public static boolean tooMany(int bad, int of) {
    return bad > Math.max(of < FEW ? 0 : 1, MAX_BAD * of);
  }

  private FeatureMatrix each(ImageSet set, FeatureStream.Extractor extractor) {
    int n = set.size();
    if (n == 0) {
      throw new IllegalArgumentException(
          set.name() + " has no pictures to take features of; give a set that has some");
    }
    int[] labels = new int[n];
    float[] values = null;
    int dim = 0;
    int rows = 0;
    List<BadPicture> bad = new ArrayList<>();
    try (FeatureStream stream = new FeatureStream(extractor, set, 0, size, views, threads)) {
      for (FeatureStream.Batch b = stream.take(); b != null; b = stream.take()) {
        Stop.check(stop);
        bad.addAll(b.bad());
        if (tooMany(bad.size(), n) || b.bad().size() == b.count()) {
          continue; // refused for certain, or nothing to compute
        }
        float[] found = b.features();
        if (values == null) {
          dim = found.length / (b.count() - b.bad().size());
          values = room(set, n, dim);
        }
        System.arraycopy(found, 0, values, rows * dim, found.length);
        int skipped = 0;
        for (int i = b.from(); i < b.from() + b.count(); i++) {
          if (skipped < b.bad().size() && b.bad().get(skipped).place() == i) {
            skipped++;
          } else {
            labels[rows++] = set.image(i).label();
          }
        }
      }
    }
    tell(set, bad);
    return rows == n
        ? new FeatureMatrix(values, n, dim, labels)
        : new FeatureMatrix(
            Arrays.copyOf(values, rows * dim), rows, dim, Arrays.copyOf(labels, rows));
  }

  private static float[] room(ImageSet set, int n, int dim) {
    if ((long) n * dim > FeatureMatrix.MOST) {
      throw UsageException.of(
          "--images",
          ": %d features of each of the %d pictures of %s are more than an array holds; use at most %d pictures"
              .formatted(dim, n, set.name(), FeatureMatrix.MOST / dim));
    }
    return new float[n * dim];
  }

  private void tell(ImageSet set, List<BadPicture> bad) {
    if (bad.isEmpty()) {
      return;
    }
    if (tooMany(bad.size(), set.size())) {
      throw new IllegalArgumentException(
          "%d of the %d pictures of %s cannot be decoded, more than the 1 %% that a probe leaves out: %s; mend them or take them out of the set"
              .formatted(bad.size(), set.size(), set.name(), list(bad, LISTED)));
    }
    if (told.add(set)) {
      LOG.warn(
          "{}: left out {} of {} pictures, which cannot be decoded: {}",
          set.name(),
          bad.size(),
          set.size(),
          list(bad, NAMED));
    }
  }

  private static String list(List<BadPicture> bad, int most) {
    return Some.of(bad.stream().map(b -> b.id() + " (" + b.reason() + ")").toList(), most);
  }
}
