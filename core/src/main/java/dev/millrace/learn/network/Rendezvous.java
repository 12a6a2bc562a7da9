package dev.millrace.learn.network;

import java.io.IOException;
import java.nio.file.Path;

/** How a call comes by the processes that share its steps out among them. */
public interface Rendezvous {
  /** How many processes there will be. */
  int count();

  /**
   * The processes, once all of them are there; the same from call to call, until {@link #again}.
   * libtorch is loaded.
   *
   * @param run the run's folder, whose settings are written
   * @throws IOException if one of them does not begin
   */
  Ranks meet(Path run) throws IOException;

  /**
   * Asked when a process was lost: whether to go on from the last checkpoint, with all of them
   * anew.
   *
   * @param lost why
   * @throws LostRankException that says which process was lost, and why, if not
   */
  default void again(LostRankException lost) {
    throw lost;
  }

  /**
   * Whether the others can read what this program alone holds; those that are started as commands
   * cannot.
   */
  default boolean sharesProgram() {
    return true;
  }

  /** This process, by itself. */
  static Rendezvous alone() {
    return of(new Alone());
  }

  /** Processes that have met already. */
  static Rendezvous of(Ranks met) {
    return new Rendezvous() {
      @Override
      public int count() {
        return met.count();
      }

      @Override
      public Ranks meet(Path run) {
        return met;
      }
    };
  }
}
