package dev.millrace.learn.run;

/**
 * Where a run stands: the next step it would make.
 *
 * @param chunk chunk being learned; the number of chunks when all are done
 * @param epoch epoch within the chunk
 * @param step step within the epoch
 * @param total steps made since the run began
 * @param passes pictures drawn since the run began
 */
public record Position(int chunk, int epoch, int step, long total, long passes) {
  /** The beginning of a run. */
  public static Position start() {
    return new Position(0, 0, 0, 0, 0);
  }

  Position after(int pictures, int stepsPerEpoch) {
    boolean turn = step + 1 == stepsPerEpoch;
    return new Position(
        chunk, turn ? epoch + 1 : epoch, turn ? 0 : step + 1, total + 1, passes + pictures);
  }

  Position nextChunk() {
    return new Position(chunk + 1, 0, 0, total, passes);
  }
}
