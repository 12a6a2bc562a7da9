package dev.millrace.learn.remedy;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Memory Aware Synapses: Aljundi et al., "Memory Aware Synapses: Learning what (not) to forget",
 * ECCV 2018. A {@link QuadraticPenalty} whose Ωᵢ is how much ‖f(x)‖² of the encoder's features,
 * before any normalisation, moves with weight i; it needs no labels.
 */
public final class Mas implements Remedy {
  /**
   * The remedy's knobs.
   *
   * @param strength {@code --mas}, at least 0; 1 is a useful strength
   * @param decay share of the old Ω when a new chunk's is added, in [0, 1]
   * @param images pictures of a chunk that Ω is estimated on, at least 1
   */
  public record Settings(double strength, double decay, int images) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
        throw UsageException.of("--mas", strength + " is not a number of at least 0");
      }
      if (!(decay >= 0 && decay <= 1)) {
        throw new IllegalArgumentException("MAS's decay is " + decay + "; expected 0 to 1");
      }
      if (images < 1) {
        throw new IllegalArgumentException("MAS needs at least 1 picture a chunk; found " + images);
      }
    }

    /** The given strength, Ω averaged half and half, estimated on up to 2048 pictures. */
    public static Settings of(double strength) {
      return new Settings(strength, 0.5, 2048);
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
          Tensor f = end.network().encoder().forward(views.view(0), false); // [N, D]
          return f.square()
              .sum(new long[] {1}, false, new org.bytedeco.pytorch.ScalarTypeOptional())
              .mean();
        },
        (total, gradient) -> total.add_(gradient.abs()));
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
