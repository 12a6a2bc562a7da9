package dev.millrace.learn.remedy;

import dev.millrace.draw.Draw;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Views;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * LUMP: Madaan et al., "Representational Continuity for Unsupervised Continual Learning", ICLR
 * 2022, section 4.2. The method learns from λx + (1 − λ)b in place of each picture's view x, b
 * being the same view of a remembered picture, by one λ ~ Beta(α, α) per batch (mixup). The paper's
 * reservoir grows with every step and replays the second view as it was stored; here it is what
 * replay keeps of whole chunks, and both views are fresh. No pass more than without it; one more
 * view is made per view. The remedy has no state.
 */
public final class Lump implements Remedy {
  /** Below it a weight is 0 or 1 but for one in a hundred; no run begins with less. */
  public static final double LEAST = 0.01;

  /** Below it no weight can be drawn. */
  private static final double DRAWN = 1e-300;

  /** Which picture a mixed view counts as, where a queue leaves out keys of a query's own. */
  public enum Picture {
    /** That of which it has more: near λ = 0 a view is all but the remembered picture's. */
    NEARER,
    /** The batch's, whatever λ is: as it was in runs from before this was a setting. */
    BATCH
  }

  /**
   * The remedy's knobs.
   *
   * @param alpha α of λ's distribution, 0 for none, or in [0.01, 2]; the paper's is 0.4
   * @param picture which picture a mixed view counts as
   */
  public record Settings(
      @Knob(
              value =
                  "alpha of LUMP's Beta(alpha, alpha), by which views are mixed with those of remembered pictures: 0 (off), or 0.01 to 2",
              name = "*",
              neutral = "0.0")
          double alpha,
      @Knob(
              value =
                  "which picture a view that LUMP mixed counts as, where a queue leaves out keys of a query's own (moco-v2, nnclr): nearer (that of which it has more) or batch",
              name = "*-picture",
              neutral = "batch")
          Picture picture)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          alpha == 0 || (alpha >= DRAWN && alpha <= 2),
          "alpha",
          alpha + " is neither 0, which mixes nothing, nor in " + LEAST + " … 2");
    }

    @Override
    public boolean on() {
      return alpha > 0;
    }

    /** With another α. */
    public Settings alpha(double alpha) {
      return new Settings(alpha, picture);
    }

    /** With another picture that a mixed view counts as. */
    public Settings picture(Picture picture) {
      return new Settings(alpha, picture);
    }

    /** The given α. */
    public static Settings of(double alpha) {
      return new Settings(alpha, Picture.NEARER);
    }
  }

  private final Settings settings;
  private final long seed;

  /**
   * @param seed of λ
   */
  public Lump(Settings settings, long seed) {
    this.settings = settings;
    this.seed = seed;
  }

  @Override
  public String name() {
    return "lump";
  }

  /**
   * Labels stay those of the batch. A view that is nearly the remembered picture's would otherwise
   * leave its key in a queue under another name, as a negative of that picture's later queries;
   * where both have a share, the lesser one still does.
   */
  @Override
  public Views mix(Views now, Optional<Views> remembered, Moment at) {
    if (remembered.isEmpty()) {
      return now;
    }
    double lambda = beta(Draw.of(seed, "lump", at.chunk(), at.step()), settings.alpha());
    Views old = remembered.get();
    return new Views(
        IntStream.range(0, now.views().size())
            .<Tensor>mapToObj(v -> old.view(v).lerp(now.view(v), new Scalar(lambda)))
            .toList(),
        now.labels(),
        pictures(now, old, lambda),
        now.ranks());
  }

  private Tensor pictures(Views now, Views old, double lambda) {
    boolean nearer = settings.picture() == Picture.NEARER && lambda < 0.5;
    return nearer && now.pictures() != null ? old.pictures() : now.pictures();
  }

  /** Beta(α, α) by Jöhnk's method, in logarithms so that a small α loses nothing. */
  static double beta(Draw draw, double alpha) {
    for (long round = 0; ; round++) {
      Draw at = draw.at(round);
      double x = StrictMath.log(1 - at.at(0).uniform()) / alpha;
      double y = StrictMath.log(1 - at.at(1).uniform()) / alpha;
      double top = Math.max(x, y);
      double sum = top + StrictMath.log(StrictMath.exp(x - top) + StrictMath.exp(y - top));
      if (sum <= 0) {
        return StrictMath.exp(x - sum);
      }
    }
  }
}
