package dev.millrace.recipe;

import dev.millrace.insight.Collapse;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Watches whether the loss of a method with prototypes stays where one who guesses is: then all
 * pictures are assigned to all prototypes alike, which neither features nor embeddings show. Whole
 * epochs of this call count, beyond the first chunk's warm-up and the epochs in which its
 * prototypes are frozen or its teacher's temperature rises; a call that resumes so counts anew. Not
 * thread-safe.
 */
final class AtGuess implements RunEvent.Listener {
  private final Settings settings;

  /** Means of whole epochs, the last ones. */
  private final List<Double> epochs = new ArrayList<>();

  private double guess = Double.NaN;
  private int stepsPerEpoch;
  private int epoch = -1;
  private int steps;
  private double sum;

  AtGuess(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void on(RunEvent event) {
    if (settings.method().prototypes() == 0) {
      return;
    }
    if (event instanceof RunEvent.ChunkOpened opened) {
      Double known = Methods.of(settings).guess(settings, opened.good());
      guess = known == null ? Double.NaN : known;
      stepsPerEpoch = opened.stepsPerEpoch();
      epoch = -1;
    } else if (event instanceof RunEvent.Stepped step && step.part() != Position.Part.REST) {
      count(step);
    }
  }

  private void count(RunEvent.Stepped step) {
    if (step.epoch() != epoch) {
      epoch = step.epoch();
      steps = 0;
      sum = 0;
    }
    sum += step.loss();
    steps++;
    if (steps == stepsPerEpoch && (step.chunk() > 0 || epoch >= settling())) {
      epochs.add(sum / steps);
      if (epochs.size() > Collapse.GUESSING_EPOCHS) {
        epochs.remove(0);
      }
    }
  }

  /** Epochs of the first chunk in which a loss at the guess is no sign. */
  private double settling() {
    return Math.max(settings.training().warmup(), settings.method().settling());
  }

  /** Whether it guesses now. */
  Optional<Collapse> collapse() {
    return Collapse.ofLoss(epochs, guess);
  }
}
