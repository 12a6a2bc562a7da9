package dev.millrace.learn.run;

import dev.millrace.file.ShellWords;
import dev.millrace.file.Trees;
import dev.millrace.learn.method.Learner;
import dev.millrace.learn.network.Network;
import dev.millrace.stream.ChunkWords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What an endless run goes on from, beside what its chunks publish: the full state after a chunk's
 * last step or, of a chunk that publishes a branch, where that left it. It lies in the chunk's
 * folder, so a kill in the branch loses nothing of it, and a run that was published goes on from it
 * whenever its stream does. Not thread-safe.
 */
final class Trunk {
  /** What is done while the published network stands in the place of the trunk's. */
  @FunctionalInterface
  interface Aside {
    void run() throws IOException;
  }

  /** The same, with an answer. */
  @FunctionalInterface
  interface Question {
    boolean ask() throws IOException;
  }

  private final Path run;
  private final Learner learner;
  private final Supplier<Map<String, Tensor>> state;

  /**
   * @param state the run's full state, as checkpoints hold it
   */
  Trunk(Path run, Learner learner, Supplier<Map<String, Tensor>> state) {
    this.run = run;
    this.learner = learner;
    this.state = state;
  }

  /** Keeps the state as it is, of a step of a chunk or of its end. */
  void keep(int chunk, Position position) throws IOException {
    Checkpoints.ofTrunk(run, chunk).save(position, state.get());
  }

  /** Goes back to what was kept of a chunk. */
  void back(int chunk) throws IOException {
    if (Checkpoints.ofTrunk(run, chunk).restore(state.get()).isEmpty()) {
      throw new IOException(
          "%s has the branch of %s, but not the trunk that it left: %s is gone; bring it back from a copy, or delete the newest checkpoints until %s begins before the branch"
              .formatted(
                  run,
                  ChunkWords.of(chunk),
                  RunFolder.of(run).trunk(chunk),
                  ShellWords.resume(run)));
    }
  }

  /** Where the newest trunk that was kept stands, and its state. */
  Optional<Position> newest(int chunks) throws IOException {
    Optional<Position> found = Optional.empty();
    for (int i = chunks - 1; i >= 0 && found.isEmpty(); i--) {
      found = Checkpoints.ofTrunk(run, i).restore(state.get());
    }
    return found;
  }

  /** Drops what was kept of a chunk and of all before it, when a later one is kept. */
  void drop(int chunk) throws IOException {
    for (int old = chunk; old >= 0; old--) { // a kill may have left any of them
      Trees.delete(RunFolder.of(run).trunk(old));
    }
  }

  /**
   * Does something that changes network and method, and takes that back.
   *
   * @return its answer
   */
  boolean aside(Question question) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> trunks = new LinkedHashMap<>();
      learner.state().forEach((name, tensor) -> trunks.put(name, tensor.detach().clone()));
      boolean answer = question.ask();
      learner.state().forEach((name, tensor) -> tensor.detach().copy_(trunks.get(name)));
      return answer;
    }
  }

  /** Does something with network and method as a chunk published them. */
  void asPublished(int chunk, Aside action) throws IOException {
    aside(
        () -> {
          published(chunk, learner.state());
          action.run();
          return true;
        });
  }

  /** Puts the network that a chunk published into a copy of this one. */
  void published(int chunk, Network into) throws IOException {
    Map<String, Tensor> state = new LinkedHashMap<>();
    into.state().forEach((name, tensor) -> state.put(Learner.NAME + name, tensor));
    published(chunk, state);
  }

  private void published(int chunk, Map<String, Tensor> state) throws IOException {
    if (Checkpoints.ofChunk(run, chunk).restorePart(state).isEmpty()) {
      throw new IOException(
          "the state that %s published is gone: %s has no checkpoint; bring it back from a copy"
              .formatted(ChunkWords.of(chunk), RunFolder.of(run).chunk(chunk)));
    }
  }
}
