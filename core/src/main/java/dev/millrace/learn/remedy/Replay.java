package dev.millrace.learn.remedy;

import dev.millrace.stream.ImageSet;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.List;

/**
 * Replay: pictures of chunks before stand beside the new ones, as in Hu et al., ICLR 2022, section
 * 3. The memory keeps its own files, so it has no tensors to save.
 */
public final class Replay implements Remedy {
  private final ReplayMemory memory;

  /**
   * @param memory closed with the remedy
   */
  public Replay(ReplayMemory memory) {
    this.memory = memory;
  }

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public List<ImageSet> replayed(int chunk) throws IOException {
    return memory.before(chunk);
  }

  @Override
  public void endChunk(EndOfChunk end) throws IOException {
    memory.absorb(end.chunk());
  }

  @Override
  public void close() throws IOException {
    memory.close();
  }
}
