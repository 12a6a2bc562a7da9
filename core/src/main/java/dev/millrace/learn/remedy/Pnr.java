package dev.millrace.learn.remedy;

import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;

/**
 * PNR, as settings name it among the remedies: Cha, Cho, Moon, "Regularizing with Pseudo-Negatives
 * for Continual Self-Supervised Learning", ICML 2024. It changes the negatives of a given method's
 * loss, which no hook reaches, and so is a method around that method; as a remedy it does nothing.
 */
public final class Pnr implements Remedy {
  /**
   * The remedy's knobs.
   *
   * @param weight of the predictions' part of the loss, at least 0; 1 in the paper
   * @param hidden width of the predictor's hidden layer, at least 1
   */
  public record Settings(
      @Knob(
              value =
                  "weight of PNR beside MoCo v2's loss, from the second chunk on with the negatives of both models; a step takes one more forward pass per query",
              name = "*",
              neutral = "0.0")
          double weight,
      @Knob(
              value = "width of the hidden layer of PNR's predictor",
              name = "*-hidden",
              neutral = "2048")
          int hidden)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(
          weight >= 0 && weight < Double.POSITIVE_INFINITY,
          "weight",
          weight + " is not a number of at least 0");
      Require.component(hidden >= 1, "hidden", hidden + " is below 1");
    }

    @Override
    public boolean on() {
      return weight > 0;
    }

    /** With another weight. */
    public Settings weight(double weight) {
      return new Settings(weight, hidden);
    }

    /** With another width of the predictor's hidden layer. */
    public Settings hidden(int hidden) {
      return new Settings(weight, hidden);
    }

    /** The paper's predictor with the given weight. */
    public static Settings of(double weight) {
      return new Settings(weight, 2048);
    }
  }

  @Override
  public String name() {
    return "pnr";
  }

  /** Those of the frozen network: one per query, of which there are predictions where it acts. */
  @Override
  public long passes(Views views, Outputs made) {
    return views.view(0).size(0) * made.predictions().size();
  }
}
