package dev.millrace.recipe;

import dev.millrace.insight.Collapse;
import dev.millrace.learn.run.Position;
import dev.millrace.learn.run.RunEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Watches whether the loss of a method with prototypes stays where one who guesses is: then all
 * pictures are assigned to all prototypes alike, which neither features nor embeddings show. What
 * remedies add to the loss does not count. Whole epochs count, beyond the first chunk's warm-up and
 * the epochs in which its prototypes are frozen or its teacher's temperature rises; those of
 * earlier calls of the run, too. Not thread-safe.
 */
final class AtGuess implements RunEvent.Listener {
  private final Settings settings;
  private final HealthCheck.Past past;

  /** Means of whole epochs, the last ones. */
  private final List<Double> epochs = new ArrayList<>();

  private boolean recalled;
  private double guess = Double.NaN;
  private int stepsPerEpoch;

  /** The epoch that is counted now, its steps so far and the sum of their losses. */
  private int chunk = -1;

  private int epoch = -1;

  /** The first that was learned: those before it were skipped. */
  private int first = Integer.MAX_VALUE;

  private int steps;
  private double sum;

  /**
   * @param past asked once, as the first chunk opens
   */
  AtGuess(Settings settings, HealthCheck.Past past) {
    this.settings = settings;
    this.past = past;
  }

  @Override
  public void on(RunEvent event) {
    if (settings.method().prototypes() == 0) {
      return;
    }
    if (event instanceof RunEvent.ChunkOpened opened) {
      Double known = Methods.of(settings).guess(settings, opened.chunk().index(), opened.good());
      guess = known == null ? Double.NaN : known;
      stepsPerEpoch = opened.stepsPerEpoch();
      recall(opened.chunk().index());
    } else if (event instanceof RunEvent.Stepped step && step.part() != Position.Part.REST) {
      count(step.chunk(), step.epoch(), step.ofMethod());
      endWhole();
    }
  }

  /** Counts what earlier calls learned, up to a place within a chunk. */
  private void recall(int opened) {
    if (recalled) {
      return;
    }
    recalled = true;
    try {
      past.losses(this::count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (chunk < opened) {
      end();
    }
    endWhole();
  }

  /** Another epoch begins where the one before is whole, be its chunk of another length. */
  private void count(int ofChunk, int ofEpoch, double loss) {
    if (ofChunk != chunk || ofEpoch != epoch) {
      end();
      chunk = ofChunk;
      epoch = ofEpoch;
    }
    first = Math.min(first, ofChunk);
    sum += loss;
    steps++;
  }

  private void endWhole() {
    if (steps == stepsPerEpoch) {
      end();
    }
  }

  private void end() {
    if (steps > 0 && (chunk > first || epoch >= settling())) {
      epochs.add(sum / steps);
      if (epochs.size() > Collapse.GUESSING_EPOCHS) {
        epochs.remove(0);
      }
    }
    steps = 0;
    sum = 0;
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
