package dev.millrace.learn.run;

import dev.millrace.engine.FreeCores;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.stream.Chunk;
import dev.millrace.vision.decode.PictureCheck;
import dev.millrace.vision.encoder.EncoderNet;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What a run tells its listeners, in order, on the training thread. */
public sealed interface RunEvent {
  /** The settings left the number of threads open, and this one is used. */
  record ThreadsChosen(FreeCores.Choice choice) implements RunEvent {}

  /** Is told of bad pictures of a chunk that a listener met by itself. */
  @FunctionalInterface
  interface Quarantine {
    /**
     * Takes in pictures that may be known already.
     *
     * @throws IllegalArgumentException if too many of the chunk's pictures are bad by now
     * @throws IOException if that cannot be kept
     */
    void met(List<PictureCheck.Bad> bad) throws IOException;
  }

  /**
   * A chunk was opened and checked; {@code epochs × stepsPerEpoch} steps lie before it, and {@code
   * bytes} is what its good pictures take, encoded.
   *
   * @param quarantine to be told of bad pictures, which a chunk has that is checked while it is
   *     learned
   */
  record ChunkOpened(
      Chunk chunk,
      int chunks,
      int good,
      long bytes,
      int epochs,
      int stepsPerEpoch,
      int replayed,
      Quarantine quarantine)
      implements RunEvent {
    /** Of a chunk whose bad pictures are known. */
    public ChunkOpened(
        Chunk chunk,
        int chunks,
        int good,
        long bytes,
        int epochs,
        int stepsPerEpoch,
        int replayed) {
      this(chunk, chunks, good, bytes, epochs, stepsPerEpoch, replayed, bad -> {});
    }
  }

  /**
   * Pictures of the set that extends the run were seen in chunks before, numbered from 0 as all
   * are; {@code leftOut} says whether they are learned again. Sent before anything is changed.
   */
  record SeenBefore(
      Chunk chunk, int pictures, int seen, int firstChunk, int lastChunk, boolean leftOut)
      implements RunEvent {}

  /**
   * Pictures that were drawn from the chunk, which is checked while it is learned, cannot be
   * decoded; others were drawn instead. Each is told once.
   */
  record BadMet(Chunk chunk, List<PictureCheck.Bad> bad) implements RunEvent {}

  /**
   * All pictures of the chunk that cannot be decoded and are left out.
   *
   * @param late whether they were looked for when the chunk was learned, so that those that steps
   *     met were told before
   */
  record Quarantined(Chunk chunk, List<PictureCheck.Bad> bad, boolean late) implements RunEvent {}

  /**
   * A chunk has fewer good pictures than batch normalisation needs and was not learned; replay
   * keeps nothing of it, and its encoder is that of the chunk before.
   */
  record ChunkSkipped(Position position, Chunk chunk, int good) implements RunEvent {}

  /**
   * A step was made. {@code position} is the place after it; seconds are wall time; {@code watched}
   * is what the method watches beside the loss, by name.
   *
   * @param part that the step belongs to; null in a run without a trunk
   * @param loss with what remedies add to it
   * @param beside pictures that remedies sent through an encoder, beyond those that the method sent
   * @param ofMethod the method's own loss, with nothing added
   */
  record Stepped(
      Position position,
      int chunk,
      int epoch,
      double loss,
      double lr,
      int pictures,
      double seconds,
      Map<String, Double> watched,
      Position.Part part,
      Passes beside,
      double ofMethod)
      implements RunEvent {
    /** Of a run without a trunk, and without remedies that look at more. */
    public Stepped(
        Position position,
        int chunk,
        int epoch,
        double loss,
        double lr,
        int pictures,
        double seconds,
        Map<String, Double> watched) {
      this(position, chunk, epoch, loss, lr, pictures, seconds, watched, null, Passes.NONE, loss);
    }
  }

  /**
   * An epoch of a chunk is learned, and others follow; the encoder is alive until the listener
   * returns. {@code position} is the place after it.
   */
  record EpochLearned(Position position, int chunk, int epoch, int epochs, EncoderNet encoder)
      implements RunEvent {}

  /**
   * Features of the chunk's pictures were looked at, without labels; {@code step} counts the steps
   * made since the run began, the rank is the effective one, the variance that of unit features.
   *
   * @param collapse to what the features have collapsed, in words; null where they are alive
   * @param advice what to change of the method's own settings against a collapse, to be read after
   *     "try"; empty for none
   */
  record HealthChecked(
      long step,
      int chunk,
      int epoch,
      double effectiveRank,
      double variance,
      String collapse,
      String advice)
      implements RunEvent {
    /** Whether the features tell pictures apart no more. */
    public boolean collapsed() {
      return collapse != null;
    }
  }

  /**
   * How well a kNN on the encoder's features tells a labelled set's pictures apart, in percent;
   * {@code step} counts the steps made since the run began.
   *
   * @param chance what guessing would reach
   * @param learned pictures that neighbours were looked for among
   * @param judged pictures that were judged by
   * @param trunk whether the encoder is a trunk's before its branch or mean, of which the chunk
   *     will publish a better one
   */
  record KnnMeasured(
      long step,
      int chunk,
      int epoch,
      String set,
      double accuracy,
      double chance,
      int learned,
      int judged,
      boolean trunk)
      implements RunEvent {}

  /**
   * A chunk is published, and the stream goes on: the trunk makes the chunk's last {@code steps}
   * itself, which the published encoder made on a branch.
   */
  record TrunkGoesOn(Position position, Chunk chunk, int steps) implements RunEvent {}

  /**
   * The mean of the trunk's last weights stands in their place and will be published. Sent again
   * where a kill came before the checkpoint at the chunk's end.
   *
   * @param passes pictures that the statistics of its normalisations were taken from, which went
   *     forwards alone
   */
  record Merged(Chunk chunk, Passes passes) implements RunEvent {}

  /**
   * Remedies took in a chunk. Sent before the checkpoint at its end, so again where a kill came
   * between; not sent where there are none.
   *
   * @param passes pictures of the chunk that they sent through an encoder for that
   * @param rememberedBytes of encoded pictures that they remember from now on
   * @param stateBytes of what they keep beside pictures: importances, networks, vectors
   */
  record TakenIn(Chunk chunk, Passes passes, long rememberedBytes, long stateBytes)
      implements RunEvent {}

  /** Remedies took in a chunk after its encoder was published. */
  record ChunkConsolidated(Position position, Chunk chunk) implements RunEvent {}

  /**
   * A chunk is learned; the encoder is what it publishes, alive until the listener returns. It is
   * consolidated too in a run without a trunk.
   */
  record ChunkLearned(Position position, Chunk chunk, EncoderNet encoder) implements RunEvent {}

  /** A checkpoint is complete on disk. */
  record Saved(Position position) implements RunEvent {}

  /** Receives events; what it throws stops the run. */
  @FunctionalInterface
  interface Listener {
    /** Called once an event. */
    void on(RunEvent event);
  }
}
