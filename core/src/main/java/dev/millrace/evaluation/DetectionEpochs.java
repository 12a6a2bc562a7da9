package dev.millrace.evaluation;

import dev.millrace.probe.detection.FineTuning;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the mean losses of each epoch of a detector's training, and ends it when asked to. */
final class DetectionEpochs implements FineTuning.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(DetectionEpochs.class);

  private final String set;
  private final int epochs;
  private final BooleanSupplier stop;
  private final long began = System.nanoTime();
  private final double[] sums = new double[5];
  private int steps;

  DetectionEpochs(String set, int epochs, BooleanSupplier stop) {
    this.stop = stop;
    this.set = set;
    this.epochs = epochs;
  }

  @Override
  public void on(FineTuning.Step step) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped while a detector was fine-tuned");
    }
    double[] losses = {
      step.loss(), step.proposalClasses(), step.proposalBoxes(), step.classes(), step.boxes()
    };
    for (int i = 0; i < losses.length; i++) {
      sums[i] += losses[i];
    }
    steps++;
    int perEpoch = step.steps() / epochs;
    if ((step.step() + 1) % perEpoch == 0) {
      double seconds = (System.nanoTime() - began) * 1e-9;
      LOG.info(
          String.format(
              Locale.ROOT,
              "detection on %s: epoch %d of %d, loss %.3f (proposals %.3f + %.3f, detections %.3f + %.3f), %.0f s left",
              set,
              (step.step() + 1) / perEpoch,
              epochs,
              sums[0] / steps,
              sums[1] / steps,
              sums[2] / steps,
              sums[3] / steps,
              sums[4] / steps,
              seconds * (step.steps() - step.step() - 1) / (step.step() + 1)));
      Arrays.fill(sums, 0);
      steps = 0;
    }
  }
}
