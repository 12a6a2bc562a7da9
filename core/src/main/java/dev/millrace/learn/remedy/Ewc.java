package dev.millrace.learn.remedy;

import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Elastic weight consolidation: Kirkpatrick et al., "Overcoming catastrophic forgetting in neural
 * networks", PNAS 2017, with one running Ω as in Schwarz et al., "Progress and Compress", ICML
 * 2018. A {@link QuadraticPenalty} whose Ωᵢ is the diagonal of the Fisher matrix: the square of the
 * gradient of the method's own loss. It is the square of a batch's gradient, as in public code, and
 * not of each picture's: a contrastive loss is a batch's.
 */
public final class Ewc implements Remedy {
  /**
   * The remedy's knobs.
   *
   * @param strength {@code --ewc}, at least 0; 1 is a useful strength
   * @param decay γ, the share of the old Ω when a new chunk's is added, in [0, 1]
   * @param images pictures of a chunk that Ω is estimated on, at least 1
   */
  public record Settings(double strength, double decay, int images) {
    /** Refuses values outside their ranges. */
    public Settings {
      if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
        throw UsageException.of("--ewc", strength + " is not a number of at least 0");
      }
      if (!(decay >= 0 && decay <= 1)) {
        throw new IllegalArgumentException("EWC's decay is " + decay + "; expected 0 to 1");
      }
      if (images < 1) {
        throw new IllegalArgumentException("EWC needs at least 1 picture a chunk; found " + images);
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
  public Ewc(Settings settings, Tensor encoder) {
    this.settings = settings;
    penalty = new QuadraticPenalty(settings.strength(), settings.decay(), encoder);
  }

  @Override
  public String name() {
    return "ewc";
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
        end.views(),
        end::loss,
        (total, gradient) -> total.addcmul_(gradient, gradient));
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
