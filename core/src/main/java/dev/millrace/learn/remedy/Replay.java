package dev.millrace.learn.remedy;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sampler;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.List;

/**
 * Replay: pictures of chunks before stand beside the new ones, as in Hu et al., ICLR 2022, section
 * 3. The memory keeps its own files, so it has no tensors to save.
 */
public final class Replay implements Remedy {
  /**
   * What is kept of past chunks, and how it is drawn.
   *
   * @param share of each past chunk that is kept, in [0, 1]; 0 for none
   * @param memoryImages instead of a share: pictures that a reservoir keeps; 0 for none
   * @param draw how batches mix new and remembered pictures
   */
  public record Settings(
      @Knob(value = "share of each past chunk that replay keeps, 0 to 1", name = "*") double share,
      @Knob("instead of a share: pictures that a reservoir keeps") int memoryImages,
      @Knob(
              value =
                  "uniform over images, balanced over chunks, or half: half of every batch is new, past chunks share the rest",
              name = "*-draw")
          Sampler.Mix draw)
      implements RemedySettings {
    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(share >= 0 && share <= 1, "share", share + " is not a share in 0 … 1");
      Require.component(memoryImages >= 0, "memoryImages", memoryImages + " is below 0");
      Require.component(
          share == 0 || memoryImages == 0,
          "share",
          share + " and {memory-images} " + memoryImages + " exclude each other; give one");
    }

    /** Chunks drawn alike, and so much of each kept. */
    public static Settings of(double share) {
      return new Settings(share, 0, Sampler.Mix.BALANCED);
    }

    @Override
    public boolean on() {
      return share > 0 || memoryImages > 0;
    }

    /** With another share of each past chunk. */
    public Settings share(double share) {
      return new Settings(share, memoryImages, draw);
    }

    /** With a reservoir of so many pictures. */
    public Settings memoryImages(int memoryImages) {
      return new Settings(share, memoryImages, draw);
    }

    /** With another way to draw. */
    public Settings draw(Sampler.Mix draw) {
      return new Settings(share, memoryImages, draw);
    }
  }

  private final ReplayMemory memory;
  private final boolean drawn;

  /**
   * @param memory closed with the remedy
   * @param drawn whether its pictures are drawn into batches; else they are shown beside them, for
   *     a remedy that mixes both
   */
  public Replay(ReplayMemory memory, boolean drawn) {
    this.memory = memory;
    this.drawn = drawn;
  }

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public List<ImageSet> replayed(int chunk) throws IOException {
    return drawn ? memory.before(chunk) : List.of();
  }

  @Override
  public List<ImageSet> remembered(int chunk) throws IOException {
    return drawn ? List.of() : memory.before(chunk);
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
