package dev.millrace.serve;

import java.util.Optional;

/**
 * A thing that many use while others take its place: each user keeps the one it began with, and one
 * that was replaced is closed when its last user has ended. Thread-safe.
 *
 * @param <T> the thing
 * @param <E> what closing it may throw
 */
final class Handover<T, E extends Exception> {
  /** Closes a thing that nobody uses any more. */
  @FunctionalInterface
  interface Closing<T, E extends Exception> {
    void close(T thing) throws E;
  }

  /** A thing, counted by those who use it; guarded by the handover. */
  private static final class Held<T> {
    private final T thing;
    private int users = 1; // the handover itself

    Held(T thing) {
      this.thing = thing;
    }
  }

  /** The thing for one user, who ends it once. */
  final class Use {
    private final Held<T> held;

    private Use(Held<T> held) {
      this.held = held;
    }

    T thing() {
      return held.thing;
    }

    void end() throws E {
      release(held);
    }
  }

  private final Closing<T, E> closing;
  private Held<T> current;

  Handover(Closing<T, E> closing) {
    this.closing = closing;
  }

  /** The thing of now, to be looked at by who replaces it; null for none. */
  synchronized T now() {
    return current == null ? null : current.thing;
  }

  /** The thing of now, to be used. */
  synchronized Optional<Use> use() {
    if (current == null) {
      return Optional.empty();
    }
    current.users++;
    return Optional.of(new Use(current));
  }

  /**
   * Puts another in its place.
   *
   * @param next null for none
   */
  void replace(T next) throws E {
    Held<T> last;
    synchronized (this) {
      last = current;
      current = next == null ? null : new Held<>(next);
    }
    if (last != null) {
      release(last);
    }
  }

  private void release(Held<T> held) throws E {
    boolean last;
    synchronized (this) {
      last = --held.users == 0;
    }
    if (last) {
      closing.close(held.thing);
    }
  }
}
