package dev.millrace.learn.remedy;

import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.Sampler;
import dev.millrace.stream.memory.ReplayMemory;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Replay: pictures of chunks before stand beside the new ones, as in Hu et al., ICLR 2022, section
 * 3. The memory keeps its own files, so it has no tensors to save.
 */
public final class Replay implements Remedy {
  /** Which pictures stay. */
  public enum Policy {
    /** A share where one is given, else a reservoir. */
    AUTO,
    /** The newest. */
    FIFO,
    /** Each picture seen so far alike likely. */
    RESERVOIR,
    /** An equal share of each chunk. */
    SHARE,
    /** Those that are least alike: {@link MinRed}. */
    MINRED
  }

  /**
   * What is kept of past chunks, and how it is drawn.
   *
   * @param share of each past chunk that is kept, in [0, 1]; 0 for none
   * @param memoryImages instead of a share: pictures that a reservoir keeps; 0 for none
   * @param draw how batches mix new and remembered pictures
   * @param memory which pictures stay
   * @param memoryBytes bytes of encoded pictures that stay at most; 0 for any number
   */
  public record Settings(
      @Knob(value = "share of each past chunk that replay keeps, 0 to 1", name = "*") double share,
      @Knob("instead of a share: pictures that a reservoir keeps") int memoryImages,
      @Knob(
              value =
                  "uniform over images, balanced over chunks, or the part of every batch that past chunks share: half, quarter, eighth",
              name = "*-draw")
          Sampler.Mix draw,
      @Knob(
              value =
                  "which pictures replay keeps: fifo (the newest), reservoir (each alike likely), share (of each chunk, by --replay), minred (the least alike by their features), or auto: share with --replay, else reservoir",
              neutral = "auto")
          Policy memory,
      @Knob(value = "bytes of pictures that replay keeps at most (0: any number)", neutral = "0")
          long memoryBytes)
      implements RemedySettings {
    /** By share where there is one, else a reservoir; of any number of bytes. */
    public Settings(double share, int memoryImages, Sampler.Mix draw) {
      this(share, memoryImages, draw, Policy.AUTO, 0);
    }

    /** Refuses values outside their ranges. */
    public Settings {
      Require.component(share >= 0 && share <= 1, "share", share + " is not a share in 0 … 1");
      Require.component(memoryImages >= 0, "memoryImages", memoryImages + " is below 0");
      Require.component(
          share == 0 || memoryImages == 0,
          "share",
          share + " and {memory-images} " + memoryImages + " exclude each other; give one");
      Require.component(memoryBytes >= 0, "memoryBytes", memoryBytes + " is below 0");
      boolean byShare = memory == Policy.SHARE || memory == Policy.AUTO;
      Require.component(
          share == 0 || byShare,
          "memory",
          word(memory) + " keeps a number, and {replay} a share of each chunk; give one of them");
      Require.component(
          memory != Policy.MINRED || memoryImages <= MinRed.MOST,
          "memory",
          "minred compares all its pictures with each other; give {memory-images} of at most "
              + MinRed.MOST);
    }

    private static String word(Policy policy) {
      return policy.name().toLowerCase(Locale.ROOT);
    }

    /** Chunks drawn alike, and so much of each kept. */
    public static Settings of(double share) {
      return new Settings(share, 0, Sampler.Mix.BALANCED);
    }

    @Override
    public boolean on() {
      return share > 0 || memoryImages > 0 || memoryBytes > 0;
    }

    /** With another share of each past chunk. */
    public Settings share(double share) {
      return new Settings(share, memoryImages, draw, memory, memoryBytes);
    }

    /** With a reservoir of this many pictures. */
    public Settings memoryImages(int memoryImages) {
      return new Settings(share, memoryImages, draw, memory, memoryBytes);
    }

    /** With another choice of what stays. */
    public Settings memory(Policy memory) {
      return new Settings(share, memoryImages, draw, memory, memoryBytes);
    }

    /** With this many bytes of pictures at most. */
    public Settings memoryBytes(long memoryBytes) {
      return new Settings(share, memoryImages, draw, memory, memoryBytes);
    }

    /** With another way to draw. */
    public Settings draw(Sampler.Mix draw) {
      return new Settings(share, memoryImages, draw, memory, memoryBytes);
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
  public void letGo(int chunk) throws IOException {
    memory.letGo(chunk);
  }

  @Override
  public long rememberedBytes(int chunk) throws IOException {
    return memory.memberBytes(chunk, (of, id) -> true);
  }

  @Override
  public void close() throws IOException {
    memory.close();
  }
}
