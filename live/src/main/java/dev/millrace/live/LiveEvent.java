package dev.millrace.live;

import dev.millrace.live.account.State;
import java.util.Map;

/** What happens in a live run, for those who show it. Immutable. */
public sealed interface LiveEvent {
  /** Hears of events, one after another; it must not take long. */
  @FunctionalInterface
  interface Listener {
    /** Hears of an event. */
    void on(LiveEvent event);
  }

  /** A batch is on disk: what became of its pictures. */
  record Accepted(String source, Map<State, Integer> states) implements LiveEvent {}

  /** A chunk closed, by a rule such as {@code count=500}. */
  record ChunkClosed(int chunk, String rule, int pictures) implements LiveEvent {}

  /** A chunk is learned, and its encoder handed on. */
  record ChunkLearned(int chunk) implements LiveEvent {}

  /** What was learned from a chunk was taken back, since its encoder is worse. */
  record ChunkSetAside(int chunk) implements LiveEvent {}

  /** So many pictures were forgotten, as a person asked. */
  record Forgotten(int pictures) implements LiveEvent {}

  /** The file of a learned chunk was deleted, as {@link Retention} says. */
  record ChunkLetGo(int chunk) implements LiveEvent {}

  /** Learning failed; it is tried again after so many seconds. Ingest goes on. */
  record LearningFailed(int chunk, String words, long seconds) implements LiveEvent {}

  /** A source cannot be read now; it is tried again after so many seconds. */
  record SourceFailed(String source, String words, long seconds) implements LiveEvent {}

  /** Some of a source, such as one file, cannot be read; said once, and tried again. */
  record PartFailed(String source, String words) implements LiveEvent {}

  /** The disk is full: nothing is taken in until it is not; tried again after so many seconds. */
  record NoSpace(String words, long seconds) implements LiveEvent {}

  /** A rule by which chunks close fails; said once, and the others go on. */
  record RuleFailed(String words) implements LiveEvent {}

  /** A source can never be read again; the others go on. */
  record SourceStopped(String source, String words) implements LiveEvent {}
}
