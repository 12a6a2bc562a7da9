package dev.millrace.learn.run;

import dev.millrace.learn.optim.Optimiser;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Everything that a run needs to go on exactly, and when it is saved. Not thread-safe. */
final class FullState {
  private final Pretraining.Parts parts;
  private final Checkpoints checkpoints;
  private final RunEvent.Listener listener;
  private long savedAt = System.nanoTime();

  FullState(Pretraining.Parts parts, Checkpoints checkpoints, RunEvent.Listener listener) {
    this.parts = parts;
    this.checkpoints = checkpoints;
    this.listener = listener;
  }

  /** By the names that checkpoints have; live tensors. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.putAll(parts.learner().state());
    state.putAll(parts.remedies().state());
    Optimiser optimiser = parts.optimiser();
    optimiser.state().forEach((name, tensor) -> state.put(optimiser.name() + "." + name, tensor));
    if (parts.mean() != null) {
      state.putAll(parts.mean().state());
    }
    return state;
  }

  /** An update can spoil weights that gave a finite loss; such weights are never saved. */
  void requireFinite(Position position) {
    try (PointerScope scope = new PointerScope()) {
      tensors()
          .forEach(
              (name, tensor) -> {
                if (!tensor.isfinite().all().item_bool()) {
                  throw new DivergedException(name, position);
                }
              });
    }
  }

  boolean due(Position position, Plan plan) {
    return position.total() % plan.checkpointSteps() == 0
        || (System.nanoTime() - savedAt) * 1e-9 > plan.checkpointSeconds();
  }

  /** Saves it, the first rank for all. */
  void save(Position position) throws IOException {
    parts
        .ranks()
        .first(
            () -> {
              requireFinite(position);
              checkpoints.save(position, tensors());
              listener.on(new RunEvent.Saved(position));
            });
    savedAt = System.nanoTime();
  }
}
