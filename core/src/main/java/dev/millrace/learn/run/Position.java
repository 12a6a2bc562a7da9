package dev.millrace.learn.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Where a run stands: the next step it would make.
 *
 * @param chunk chunk being learned; the number of chunks when all are done
 * @param epoch epoch within the chunk
 * @param step step within the epoch
 * @param total steps made since the run began
 * @param passes pictures drawn since the run began
 * @param part of the chunk's learning that the step belongs to
 */
public record Position(
    int chunk,
    int epoch,
    int step,
    long total,
    long passes,
    @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Position.Usual.class)
        Part part) {
  /** What a step is for. */
  public enum Part {
    /** What goes on to the next chunk; all steps of a run without branches. */
    TRUNK,
    /** A chunk's last steps on a copy of the trunk that is published. */
    BRANCH,
    /** The same steps on the trunk itself, made when the stream goes on. */
    REST
  }

  /** Leaves the usual part out of checkpoints, which older versions wrote without any. */
  static final class Usual {
    @Override
    public boolean equals(Object part) {
      return part == null || part == Part.TRUNK;
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }

  /** A checkpoint of an older version names no part. */
  public Position {
    part = part == null ? Part.TRUNK : part;
  }

  /** On the trunk. */
  public Position(int chunk, int epoch, int step, long total, long passes) {
    this(chunk, epoch, step, total, passes, Part.TRUNK);
  }

  /** The beginning of a run. */
  public static Position start() {
    return new Position(0, 0, 0, 0, 0);
  }

  /** How many chunks have an encoder: all before this one, and it, if only its rest is left. */
  @JsonIgnore
  public int learned() {
    return part == Part.REST ? chunk + 1 : chunk;
  }

  /** Whether everything is learned that was begun, except for the rest of a trunk. */
  @JsonIgnore
  public boolean isBetweenChunks() {
    return part == Part.REST || part == Part.TRUNK && epoch == 0 && step == 0;
  }

  Position after(int pictures, int stepsPerEpoch) {
    boolean turn = step + 1 == stepsPerEpoch;
    return new Position(
        chunk, turn ? epoch + 1 : epoch, turn ? 0 : step + 1, total + 1, passes + pictures, part);
  }

  Position nextChunk() {
    return new Position(chunk + 1, 0, 0, total, passes);
  }

  /** This position on another part. */
  Position on(Part other) {
    return new Position(chunk, epoch, step, total, passes, other);
  }

  /** Another step of the same chunk, with nothing more made. */
  Position at(int stepOfChunk, int stepsPerEpoch) {
    return new Position(
        chunk, stepOfChunk / stepsPerEpoch, stepOfChunk % stepsPerEpoch, total, passes, part);
  }

  /** In the words that checkpoints' checksums are over, which older versions wrote. */
  @Override
  public String toString() {
    return "Position[chunk="
        + chunk
        + ", epoch="
        + epoch
        + ", step="
        + step
        + ", total="
        + total
        + ", passes="
        + passes
        + (part == Part.TRUNK ? "]" : ", part=" + part + "]");
  }
}
