package dev.millrace.learn.remedy;

import dev.millrace.setting.Knob;
import dev.millrace.vision.encoder.EncoderNet;
import java.io.IOException;
import java.util.Map;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Memory Aware Synapses: Aljundi et al., "Memory Aware Synapses: Learning what (not) to forget",
 * ECCV 2018. A {@link QuadraticPenalty} whose Ωᵢ is how much ‖f(x)‖² of the encoder's features,
 * before they are made unit vectors, moves with weight i; it needs no labels.
 */
public final class Mas implements Remedy {
  /** What the encoder's normalisations go by where importance is taken. */
  public enum Statistics {
    /** Those of each batch, as in a step of learning. */
    BATCH,
    /**
     * The running ones: much of what a weight moves then is a scale that the next chunk's batches
     * take out again, so that early layers seem to matter most. What older runs go on with.
     */
    RUNNING
  }

  /**
   * The remedy's knobs.
   *
   * @param strength λ, at least 0; 1 stands for 0.01 of an importance of mean 1, 0 for none
   * @param decay share of the old Ω when a new chunk's is added, in [0, 1]
   * @param images pictures of a chunk that Ω is estimated on, at least 1
   * @param statistics of the normalisations meanwhile
   */
  public record Settings(
      @Knob(
              value =
                  "strength lambda of memory-aware synapses (MAS); 1 weighs squared distances by 0.01 times an importance of mean 1, under every --optimiser",
              name = "*")
          double strength,
      @Knob(
              value = "share of the old importance when a new chunk's is added (MAS)",
              name = "*-decay",
              neutral = "0.5")
          double decay,
      @Knob(
              value = "pictures of a chunk that importance is estimated on (MAS)",
              name = "*-images",
              neutral = "2048")
          int images,
      @Knob(
              value =
                  "statistics that normalisations go by while importance is estimated (MAS): those of the batch, as in a step of learning, or the running ones",
              name = "*-statistics",
              neutral = "running")
          Statistics statistics)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      QuadraticPenalty.require(strength, decay, images);
    }

    @Override
    public boolean on() {
      return strength > 0;
    }

    /** With another strength. */
    public Settings strength(double strength) {
      return new Settings(strength, decay, images, statistics);
    }

    /** With another share of the old Ω. */
    public Settings decay(double decay) {
      return new Settings(strength, decay, images, statistics);
    }

    /** With Ω estimated on this many pictures. */
    public Settings images(int images) {
      return new Settings(strength, decay, images, statistics);
    }

    /** With normalisations by these statistics meanwhile. */
    public Settings statistics(Statistics statistics) {
      return new Settings(strength, decay, images, statistics);
    }

    /**
     * The given strength, Ω averaged half and half, estimated on up to 2048 pictures by the
     * statistics of their batches.
     */
    public static Settings of(double strength) {
      return new Settings(strength, 0.5, 2048, Statistics.BATCH);
    }
  }

  private final Settings settings;
  private final QuadraticPenalty penalty;

  /**
   * A remedy that has seen nothing yet.
   *
   * @param encoder the encoder's weights, {@code [P] float32}; only their shape and device are read
   */
  public Mas(Settings settings, Tensor encoder) {
    this.settings = settings;
    penalty = new QuadraticPenalty(settings.strength(), settings.decay(), encoder);
  }

  @Override
  public String name() {
    return "mas";
  }

  @Override
  public void afterUpdate(Tensor encoder, double unitStep) {
    penalty.pull(encoder, unitStep);
  }

  @Override
  public void endChunk(EndOfChunk end) throws IOException {
    penalty.consolidate(
        end,
        settings.images(),
        1,
        views -> {
          end.passed(Passes.backwards(views.rows()));
          return features(end.network().encoder(), views.view(0)) // [N, D]
              .square()
              .sum(new long[] {1}, false, new ScalarTypeOptional())
              .mean();
        },
        (total, gradient) -> total.add_(gradient.abs()));
  }

  private Tensor features(EncoderNet encoder, Tensor view) {
    return settings.statistics() == Statistics.BATCH
        ? encoder.differentiable(view)
        : encoder.forward(view, false);
  }

  @Override
  public Map<String, Tensor> state() {
    return penalty.state();
  }

  @Override
  public void close() {
    penalty.close();
  }
}
