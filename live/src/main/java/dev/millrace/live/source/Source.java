package dev.millrace.live.source;

import dev.millrace.live.account.State;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Where pictures come from; a program can write its own (a camera, a queue). All methods are called
 * by one thread, one after another: {@link #open} once, then {@link #poll} again and again, each
 * time followed by {@link #committed} when its batch is on disk. After a crash, what was offered
 * and not committed is offered again: the source begins at the place of its last committed batch.
 */
public interface Source extends AutoCloseable {
  /** What is remembered for a source from one process to the next. */
  interface Memory {
    /** The place of the last committed batch; null before the first. */
    String place() throws IOException;

    /** The stamp of the last committed picture of that key; null for none. */
    String stamp(String key) throws IOException;

    /**
     * Whether all that was committed with that stamp is in a chunk, so that the source may delete
     * it. False for what was left out or is in quarantine, for duplicates of such pictures, and
     * where it is not known.
     */
    default boolean stored(String key) throws IOException {
      return false;
    }
  }

  /** The name, the same in every process; a part of the id of each of its pictures. */
  String name();

  /**
   * Begins to read behind what is committed.
   *
   * @throws IOException if it cannot now; it is tried again
   * @throws SourceGoneException if it never can
   */
  void open(Memory memory) throws IOException;

  /**
   * The next pictures, without waiting for them.
   *
   * @param most how many there may be
   * @throws IOException if it cannot now; it is tried again
   * @throws SourceGoneException if it never can
   */
  Batch poll(int most) throws IOException;

  /**
   * The batch that was polled last is on disk.
   *
   * @param states what became of each arrival, in their order
   */
  void committed(Batch batch, List<State> states) throws IOException;

  /**
   * Called instead of {@link #poll} while the spool is full and nothing may be sampled out, so that
   * whoever waits at the source can be answered. A batch that was polled and not committed is kept,
   * and committed when there is room.
   */
  default void full() throws IOException {}

  /**
   * Called again and again while the disk takes nothing, so that whoever waits at the source can
   * learn why. A batch that was polled and not committed is kept, and committed when there is room.
   *
   * @param why in words
   */
  default void noSpace(String why) throws IOException {
    full();
  }

  /** Whether nothing is left to poll now; more may arrive later. */
  boolean drained();

  /**
   * What could not be read since this was last asked, such as a file that may not be: each said
   * once, by name. It is tried again while the others go on. Asked after each {@link #poll}.
   */
  default List<String> faults() {
    return List.of();
  }

  /** What the source saw and did not offer, such as unfinished files, by kind. */
  default Map<String, Long> ignored() {
    return Map.of();
  }

  @Override
  void close() throws IOException;
}
