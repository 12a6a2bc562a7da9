package dev.millrace.learn.run;

import dev.millrace.learn.optim.Schedule;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Steps of a chunk one after another, with a save or a stop between any two. Not thread-safe. */
final class Steps {
  /**
   * How many were made.
   *
   * @param position where the run stands
   * @param all whether none is missing; false if a stop was asked for after the last
   */
  record Made(Position position, boolean all) {}

  private static final int SAVE = 1;
  private static final int STOP = 2;

  private final Pretraining.Parts parts;
  private final FullState state;
  private final OneStep oneStep;
  private final RunEvent.Listener listener;
  private final BooleanSupplier stop;

  Steps(
      Pretraining.Parts parts, FullState state, RunEvent.Listener listener, BooleanSupplier stop) {
    this.parts = parts;
    this.state = state;
    this.listener = listener;
    this.stop = stop;
    oneStep = new OneStep(parts, listener);
  }

  /**
   * Makes steps of a chunk from where the run stands.
   *
   * @param until the first that is not made
   */
  Made make(OpenChunk open, Position from, int until) throws IOException {
    Plan plan = open.plan();
    Position position = from;
    Position.Part part = from.part();
    Schedule schedule = plan.schedule(open.stepsPerEpoch(), open.isFirst(from), part);
    try (OpenChunk.Batches batches = open.batches(open.step(from), until)) {
      while (open.step(position) < until) {
        position = oneStep.make(open, batches, schedule, position);
        open.agree();
        boolean last = position.epoch() == plan.epochs();
        if (position.step() == 0 && !last && part != Position.Part.REST) {
          listener.on(
              new RunEvent.EpochLearned(
                  position,
                  position.chunk(),
                  position.epoch() - 1,
                  plan.epochs(),
                  parts.encoder()));
        }
        boolean due = !last && state.due(position, plan);
        int asked = parts.ranks().most(stop.getAsBoolean() ? STOP : due ? SAVE : 0);
        if (asked > 0) {
          state.save(position);
        }
        if (asked == STOP) {
          return new Made(position, false);
        }
      }
    }
    return new Made(position, true);
  }
}
