package dev.millrace.live.source;

import dev.millrace.live.account.State;
import java.util.ArrayList;
import java.util.List;

/**
 * A source that a program feeds: for tests of live runs, without broker, folder or clock. It keeps
 * all that it was fed, as a log does, so it can be handed to one live run after another. {@link
 * #feed} and {@link #end} may be called by any thread.
 */
public final class FedSource implements Source {
  private final String name;
  private final List<Arrival> fed = new ArrayList<>();
  private int at;
  private boolean more;

  /** A source of that name that has nothing yet. */
  public FedSource(String name) {
    this.name = name;
  }

  /** A source that is drained only when {@link #end} says that no more comes, and all is taken. */
  public static FedSource untilEnd(String name) {
    FedSource source = new FedSource(name);
    source.more = true;
    return source;
  }

  /** No more is fed. */
  public synchronized void end() {
    more = false;
  }

  /** Feeds one more picture. */
  public synchronized void feed(Arrival arrival) {
    fed.add(arrival);
  }

  /** How many pictures it was fed. */
  public synchronized int size() {
    return fed.size();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void open(Memory memory) throws java.io.IOException {
    String place = memory.place();
    at = place == null ? 0 : Integer.parseInt(place);
  }

  @Override
  public synchronized Batch poll(int most) {
    if (at == fed.size()) {
      return Batch.none();
    }
    int to = Math.min(fed.size(), at + most);
    List<Arrival> arrivals = List.copyOf(fed.subList(at, to));
    at = to;
    return Batch.of(arrivals, Integer.toString(to));
  }

  @Override
  public void committed(Batch batch, List<State> states) {
    // The account knows the place.
  }

  @Override
  public synchronized boolean drained() {
    return !more && at == fed.size();
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
