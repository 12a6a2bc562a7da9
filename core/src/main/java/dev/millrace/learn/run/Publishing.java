package dev.millrace.learn.run;

import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.remedy.EndOfChunk;
import dev.millrace.learn.remedy.Passes;
import dev.millrace.learn.remedy.Remedies;
import dev.millrace.stream.Chunk;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a chunk leaves as it ends: its encoder with the full state beside it, what remedies take in,
 * and the trunk that a later chunk goes on from. The first rank writes for all. Not thread-safe.
 */
final class Publishing {
  private final Pretraining.Parts parts;
  private final Path run;
  private final FullState state;
  private final Trunk trunk;
  private final Pretraining.EncoderWriter encoderWriter;
  private final RunEvent.Listener listener;

  Publishing(
      Pretraining.Parts parts,
      Path run,
      FullState state,
      Trunk trunk,
      Pretraining.EncoderWriter encoderWriter,
      RunEvent.Listener listener) {
    this.parts = parts;
    this.run = run;
    this.state = state;
    this.trunk = trunk;
    this.encoderWriter = encoderWriter;
    this.listener = listener;
  }

  /**
   * Writes a chunk's encoder, and the full state beside it.
   *
   * @param at where the run stands
   * @param after where it goes on from that state
   */
  void publish(Chunk chunk, Position at, Position after) throws IOException {
    ranks()
        .first(
            () -> {
              state.requireFinite(at);
              encoderWriter.write(parts.encoder(), RunFolder.of(run).encoder(chunk.index()));
              Checkpoints.ofChunk(run, chunk.index()).save(after, state.tensors());
            });
  }

  /** Lets remedies take in a chunk: the first rank finds what all then have. */
  void takeIn(EndOfChunk end) throws IOException {
    ranks().first(() -> taken(end));
    parts.remedies().state().values().forEach(ranks()::spread);
  }

  private void taken(EndOfChunk end) throws IOException {
    Remedies remedies = parts.remedies();
    remedies.endChunk(end);
    if (!remedies.isEmpty()) {
      Passes passes = end instanceof LearnedChunk one ? one.passes() : Passes.NONE;
      long pictures = remedies.rememberedBytes(end.chunk().index() + 1);
      listener.on(new RunEvent.TakenIn(end.chunk(), passes, pictures, remedies.stateBytes()));
    }
  }

  /** Keeps the trunk after a chunk's last step, and none of before. */
  void keepTrunk(Position after) throws IOException {
    ranks()
        .first(
            () -> {
              trunk.keep(after.chunk() - 1, after);
              trunk.drop(after.chunk() - 2);
            });
  }

  private Ranks ranks() {
    return parts.ranks();
  }
}
