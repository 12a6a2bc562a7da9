package dev.millrace.live.account;

import java.util.EnumMap;
import java.util.Map;

/**
 * How many pictures are in each state, and what else is counted. Immutable.
 *
 * @param states every state; their sum is what was offered
 * @param chunksClosed chunks whose file is there, learned ones too
 * @param chunksLearned of these, the learned ones
 * @param chunksSetAside of these, those whose learning was taken back
 * @param versions pictures that were accepted under an id that had other bytes before
 * @param evicted checksums that fell behind the horizon: equal bytes under another id are accepted
 *     again from then on
 * @param near pictures nearly equal to another one, accepted or not
 */
public record Counts(
    Map<State, Long> states,
    int chunksClosed,
    int chunksLearned,
    int chunksSetAside,
    long versions,
    long evicted,
    long near) {
  /** Copies what is given. */
  public Counts {
    Map<State, Long> all = new EnumMap<>(State.class);
    for (State state : State.values()) {
      all.put(state, states.getOrDefault(state, 0L));
    }
    states = java.util.Collections.unmodifiableMap(all);
  }

  /** How many of the closed chunks have had their turn: the first ones. */
  public int chunksDone() {
    return chunksLearned + chunksSetAside;
  }

  /** The same where one more chunk, with so many pictures, is set aside. */
  public Counts setAside(long pictures) {
    Map<State, Long> moved = new EnumMap<>(states);
    moved.merge(State.PENDING, -pictures, Long::sum);
    moved.merge(State.SET_ASIDE, pictures, Long::sum);
    return new Counts(
        moved, chunksClosed, chunksLearned, chunksSetAside + 1, versions, evicted, near);
  }

  /** How many are in a state. */
  public long of(State state) {
    return states.get(state);
  }

  /** How many pictures were offered: the sum of all states. */
  public long offered() {
    return states.values().stream().mapToLong(Long::longValue).sum();
  }
}
