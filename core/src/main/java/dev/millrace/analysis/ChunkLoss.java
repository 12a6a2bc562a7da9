package dev.millrace.analysis;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Parameters;
import dev.millrace.engine.Precision;
import dev.millrace.insight.LossSurface;
import dev.millrace.insight.MeanLoss;
import dev.millrace.learn.method.FixedLoss;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.network.Views;
import dev.millrace.learn.run.Checkpoints;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.RunChunks;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.Wiring;
import dev.millrace.stream.Chunk;
import dev.millrace.stream.ChunkWords;
import dev.millrace.stream.ImageSet;
import dev.millrace.vision.view.FixedViews;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The pre-training loss as it stood at a chunk's end: on fixed views of drawn pictures of the
 * chunk, with the queue and the key encoder saved there, in single precision, normalisations by the
 * statistics of the same fixed batches wherever the weights are moved. Not thread-safe; close it to
 * free the nets.
 */
final class ChunkLoss implements AutoCloseable {
  private final Learner learner;
  private final List<FixedLoss> losses = new ArrayList<>();
  private final int images;
  private final MeanLoss surface;

  /**
   * @param pictures of the chunk at most
   */
  ChunkLoss(
      Path run,
      Settings settings,
      RunChunks chunks,
      int chunk,
      int pictures,
      InsightRequest request)
      throws IOException {
    Device device = new Device(request.device());
    learner = Wiring.learner(settings, chunks, device, Precision.FP32);
    try {
      restore(run, chunk, learner.state());
      images = fix(settings, chunks.classes(), chunks.open(chunk), pictures, request, device);
      surface = new MeanLoss(learner.network().weights(), List.copyOf(losses));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * The weights at a chunk's end, encoder and head.
   *
   * @return {@code [P] float32}; the caller's scope owns it
   */
  static Tensor weights(Path run, int chunk, Tensor like) throws IOException {
    Tensor weights = like.clone();
    restore(run, chunk, Map.of("method.weights", weights));
    return weights;
  }

  private static void restore(Path run, int chunk, Map<String, Tensor> state) throws IOException {
    if (Checkpoints.ofChunk(run, chunk).restorePart(state).isEmpty()) {
      throw new IllegalArgumentException(
          "%s holds no state of the end of %s, which its loss needs; leave sharpness and landscape out of --parts, or train the run again"
              .formatted(run, ChunkWords.of(chunk)));
    }
  }

  /** Draws the pictures, makes their views and fixes the loss on each batch. */
  private int fix(
      Settings settings,
      List<String> classes,
      Chunk chunk,
      int most,
      InsightRequest request,
      Device device)
      throws IOException {
    ImageSet set = chunk.images();
    try (FixedViews views =
            FixedViews.random(
                set,
                most,
                learner.method().views(),
                PartSettings.views(settings).full().maker(),
                Draw.of(request.seed(), "loss pictures", chunk.index()),
                request.seed(),
                chunk.index(),
                device);
        PointerScope scope = new PointerScope()) {
      int batch = Math.min(settings.training().batch(), views.count());
      Tensor labels = null;
      Tensor pictures = views.pictures(chunk.index(), device);
      if (learner.method().labels()) {
        Map<String, Integer> places = new HashMap<>();
        classes.forEach(name -> places.putIfAbsent(name, places.size()));
        int[] numbers =
            set.classes().stream().mapToInt(name -> places.getOrDefault(name, -1)).toArray();
        labels = views.labels(numbers, device);
      }
      int batches = views.count() / batch;
      for (int b = 0; b < batches; b++) {
        List<Tensor> pair = new ArrayList<>();
        for (int v = 0; v < learner.method().views(); v++) {
          pair.add(views.view(v).narrow(0, (long) b * batch, batch));
        }
        losses.add(
            FixedLoss.of(
                learner.method(),
                new Views(
                    pair,
                    labels == null ? null : labels.narrow(0, (long) b * batch, batch),
                    pictures.narrow(0, (long) b * batch, batch))));
      }
      return batches * batch;
    }
  }

  LossSurface surface() {
    return surface;
  }

  /**
   * The loss on the first pictures, whole batches of them.
   *
   * @param least this many pictures, or all that there are
   */
  LossSurface surface(int least) {
    int batch = images / losses.size();
    int some = Math.min(losses.size(), (least + batch - 1) / batch);
    return new MeanLoss(learner.network().weights(), List.copyOf(losses.subList(0, some)));
  }

  Parameters.Layout layout() {
    return learner.network().weights().layout();
  }

  /** Numbers of the encoder among the weights, which come first. */
  long encoderSize() {
    return learner.network().encoderSize();
  }

  /** Pictures that the loss is the mean over. */
  int images() {
    return images;
  }

  @Override
  public void close() {
    losses.forEach(FixedLoss::close);
    learner.close();
  }
}
