package dev.millrace.stream.memory;

/**
 * A share of every chunk, drawn uniformly: the replay of Hu et al. (ICLR 2022), who keep a tenth.
 *
 * @param share in (0, 1]; of n pictures {@code round(share · n)} stay, at least 1
 */
public record UniformShare(double share) implements Keep {
  /** Checks the range. */
  public UniformShare {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "the replay share is " + share + "; expected more than 0 and at most 1, such as 0.1");
    }
  }

  @Override
  public int ofChunk(int size) {
    return Math.min(size, (int) Math.max(1, Math.round(share * size)));
  }

  @Override
  public int overall() {
    return Integer.MAX_VALUE;
  }
}
