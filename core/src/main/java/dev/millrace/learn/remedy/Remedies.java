package dev.millrace.learn.remedy;

import dev.millrace.engine.Parameters;
import dev.millrace.file.Closing;
import dev.millrace.learn.network.Moment;
import dev.millrace.learn.network.Outputs;
import dev.millrace.learn.network.Views;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The remedies of a run, which act in their order; none is plain sequential training, the ST of Hu
 * et al., ICLR 2022. Not thread-safe; closes them.
 */
public final class Remedies implements AutoCloseable {
  private final List<Remedy> remedies;

  /**
   * @param remedies each kind once
   */
  public Remedies(List<Remedy> remedies) {
    this.remedies = List.copyOf(remedies);
    if (remedies.stream().map(Remedy::name).distinct().count() < remedies.size()) {
      throw new IllegalArgumentException(
          "a remedy is given twice: " + remedies.stream().map(Remedy::name).toList());
    }
  }

  /** See {@link Remedy#beginChunk}. */
  public void beginChunk(int chunk) {
    remedies.forEach(remedy -> remedy.beginChunk(chunk));
  }

  /** See {@link Remedy#replayed}. */
  public List<ImageSet> replayed(int chunk) throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (Remedy remedy : remedies) {
      sets.addAll(remedy.replayed(chunk));
    }
    return sets;
  }

  /** See {@link Remedy#remembered}. */
  public List<ImageSet> remembered(int chunk) throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (Remedy remedy : remedies) {
      sets.addAll(remedy.remembered(chunk));
    }
    return sets;
  }

  /** See {@link Remedy#mix}; each mixes what the one before it made. */
  public Views mix(Views now, Optional<Views> remembered, Moment at) {
    Views mixed = now;
    for (Remedy remedy : remedies) {
      mixed = remedy.mix(mixed, remembered, at);
    }
    return mixed;
  }

  /**
   * The loss with every remedy's penalty.
   *
   * @param loss a scalar float32
   * @return the caller's scope owns it
   */
  public Tensor add(Tensor loss, Views views, Outputs made) {
    Tensor sum = loss;
    for (Remedy remedy : remedies) {
      Optional<Tensor> penalty = remedy.penalty(views, made);
      sum = penalty.isPresent() ? sum.add(penalty.get()) : sum;
    }
    return sum;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return remedies.isEmpty();
  }

  /** See {@link Remedy#passes}; of all together. */
  public Passes passes(Views views, Outputs made) {
    return remedies.stream()
        .map(remedy -> remedy.passes(views, made))
        .reduce(Passes.NONE, Passes::plus);
  }

  /** See {@link Remedy#beforeUpdate}. */
  public void beforeUpdate(Parameters weights) {
    remedies.forEach(remedy -> remedy.beforeUpdate(weights));
  }

  /** See {@link Remedy#afterUpdate}. */
  public void afterUpdate(Tensor encoder, double unitStep) {
    remedies.forEach(remedy -> remedy.afterUpdate(encoder, unitStep));
  }

  /** See {@link Remedy#endChunk}. */
  public void endChunk(EndOfChunk end) throws IOException {
    for (Remedy remedy : remedies) {
      remedy.endChunk(end);
    }
  }

  /** See {@link Remedy#letGo}. */
  public void letGo(int chunk) throws IOException {
    for (Remedy remedy : remedies) {
      remedy.letGo(chunk);
    }
  }

  /** See {@link Remedy#rememberedBytes}; of all together. */
  public long rememberedBytes(int chunk) throws IOException {
    long sum = 0;
    for (Remedy remedy : remedies) {
      sum += remedy.rememberedBytes(chunk);
    }
    return sum;
  }

  /** Bytes of the state of all: importances, frozen and averaged networks, stored vectors. */
  public long stateBytes() {
    return state().values().stream().mapToLong(Tensor::nbytes).sum();
  }

  /** The state of all, each name after {@code retention.} and its remedy's name. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Remedy remedy : remedies) {
      remedy
          .state()
          .forEach((name, tensor) -> state.put("retention." + remedy.name() + "." + name, tensor));
    }
    return state;
  }

  @Override
  public void close() throws IOException {
    Closing.all(remedies);
  }
}
