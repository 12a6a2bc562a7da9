package dev.millrace.exchange.embed;

import dev.millrace.exchange.Pictures;
import dev.millrace.inference.Encoder;
import dev.millrace.probe.BadPicture;
import dev.millrace.probe.FeatureStream;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Frames for a journal from a place on, in the pictures' order: kept vectors where there are some,
 * computed ones for the others. Not thread-safe; close it to stop the computing.
 */
final class Filling implements Closeable {
  /** Kept vectors of a frame at most. */
  private static final int KEPT = 256;

  private final Pictures pictures;
  private final KeptVectors kept;
  private final int dim;
  private final int[] missing;
  private final FeatureStream stream;
  private FeatureStream.Batch batch;
  private float[] features;

  /** Of the present batch: pictures, rows and bad pictures that are in frames. */
  private int at;

  private int row;
  private int bad;
  private int place;
  private int computed;

  /**
   * @param kept vectors that need not be computed; null for none
   * @param from the first picture that the journal does not have
   */
  Filling(Pictures pictures, Encoder encoder, KeptVectors kept, int from) {
    this.pictures = pictures;
    this.kept = kept;
    dim = encoder.dim();
    place = from;
    missing =
        kept == null
            ? null
            : IntStream.range(from, pictures.size())
                .filter(at -> !kept.has(pictures.key(at)))
                .toArray();
    stream =
        kept == null
            ? encoder.stream(pictures, from)
            : missing.length == 0
                ? null
                : encoder.stream(pictures.subset(pictures.name(), missing), 0);
  }

  /** Pictures that were computed. */
  int computed() {
    return computed;
  }

  /** The next frame; null after the last picture. */
  Frame next() throws IOException {
    if (place == pictures.size()) {
      return null;
    }
    Frame frame = kept == null ? whole() : mixed();
    place = frame.end();
    return frame;
  }

  private Frame whole() {
    FeatureStream.Batch next = stream.take();
    computed += next.count();
    return new Frame(next.from(), next.count(), next.bad(), features(next));
  }

  /** Vectors of a batch; none where all of it is bad. */
  static float[] features(FeatureStream.Batch batch) {
    return batch.bad().size() == batch.count() ? new float[0] : batch.features();
  }

  /** Where among the missing the next one is. */
  private int taken() {
    return batch == null ? 0 : batch.from() + at;
  }

  private Frame mixed() throws IOException {
    int until = taken() == missing.length ? pictures.size() : missing[taken()];
    if (until == place) {
      return missing();
    }
    int end = Math.min(until, place + KEPT);
    float[] vectors = new float[(end - place) * dim];
    for (int i = place; i < end; i++) {
      kept.copy(pictures.key(i), vectors, (i - place) * dim);
    }
    return new Frame(place, end - place, List.of(), vectors);
  }

  /** As many of the present batch as lie next to each other in the set. */
  private Frame missing() {
    if (batch == null || at == batch.count()) {
      batch = stream.take();
      features = features(batch);
      computed += batch.count();
      at = 0;
      row = 0;
      bad = 0;
    }
    int count = 0;
    int from = row;
    List<BadPicture> spoiled = new ArrayList<>();
    while (at < batch.count() && missing[batch.from() + at] == place + count) {
      if (bad < batch.bad().size() && batch.bad().get(bad).place() == batch.from() + at) {
        BadPicture one = batch.bad().get(bad++);
        spoiled.add(new BadPicture(place + count, one.id(), one.reason()));
      } else {
        row++;
      }
      at++;
      count++;
    }
    return new Frame(place, count, spoiled, Arrays.copyOfRange(features, from * dim, row * dim));
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.close();
    }
  }
}
