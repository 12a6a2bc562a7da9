package dev.millrace.live;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.Kept;
import dev.millrace.live.spool.ChunkNames;
import dev.millrace.live.spool.Spool;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Carries out what the account was asked to forget. Bytes go first and the account's lines last, so
 * that after a kill between any two steps the rest is done again, and does no harm. A chunk that is
 * being learned, or half learned, stays as it is until it is learned: its steps are drawn from the
 * pictures that it had when it began. Not thread-safe.
 */
final class Forgetting {
  private final Account account;
  private final Spool spool;
  private final LearnedRun run;
  private final InstantSource clock;

  /** Numbers of pictures that are gone from their chunks' files, while others are not yet. */
  private final Set<Long> dropped = new HashSet<>();

  private boolean more;

  Forgetting(Account account, Spool spool, LearnedRun run, InstantSource clock) {
    this.account = account;
    this.spool = spool;
    this.run = run;
    this.clock = clock;
  }

  /** Forgets those of the open chunk, and those that are in no chunk; answers how many. */
  int open() throws IOException {
    if (!account.forgotten().waits()) {
      return 0;
    }
    ChunkRecord open = account.chunks().open();
    List<Kept> gone =
        account.forgotten().waiting().stream()
            .filter(one -> one.chunk() == open.number() || !inClosed(one))
            .toList();
    for (Kept one : gone) {
      if (one.chunk() == open.number() && one.place() != null) {
        spool.erase(one.place().at(), one.place().length());
      }
    }
    // A kill may have come after the file of a chunk that closes, and before the account's line.
    spool.drop(open.number(), numbers(gone));
    done(gone);
    return gone.size();
  }

  private static boolean inClosed(Kept one) {
    return one.state().isInChunk() && one.chunk() > 0;
  }

  /**
   * Forgets those of closed chunks, as far as it can now: a call writes one chunk anew, so that
   * pictures are taken in between two of them, and the last one does the rest.
   *
   * @param busy the chunk that this process has learned now; 0 for none
   * @return how many were forgotten
   */
  int closed(int busy) throws IOException {
    more = false;
    if (!account.forgotten().waits()) {
      return 0;
    }
    int open = account.chunks().open().number();
    List<Kept> asked =
        account.forgotten().waiting().stream()
            .filter(one -> inClosed(one) && one.chunk() != open)
            .toList();
    if (asked.isEmpty()) {
      return 0;
    }
    if (busy > 0) {
      List<Kept> later = asked.stream().filter(one -> one.chunk() > busy).toList();
      if (dropsMore(later)) {
        return 0;
      }
      done(later);
      return later.size();
    }
    try (LearnedRun.Held held = run.hold()) {
      if (held == null) {
        return 0;
      }
      List<Kept> gone = asked.stream().filter(one -> mayGo(one, held)).toList();
      if (dropsMore(gone)) {
        return 0;
      }
      Set<Long> learned =
          numbers(gone.stream().filter(one -> one.chunk() <= held.learned()).toList());
      if (!learned.isEmpty()) {
        held.drop(name -> learned.contains(ChunkNames.number(name)));
      }
      done(gone);
      return gone.size();
    }
  }

  private static boolean mayGo(Kept one, LearnedRun.Held held) {
    boolean half = held.begun() > held.learned();
    return one.chunk() > held.begun()
        || !half && one.chunk() <= held.learned() && !held.needs(one.chunk());
  }

  /** Takes them from the file of one chunk; answers whether there are others to take some from. */
  private boolean dropsMore(List<Kept> pictures) throws IOException {
    TreeMap<Integer, List<Kept>> chunks =
        pictures.stream()
            .filter(one -> !dropped.contains(one.number()))
            .collect(Collectors.groupingBy(Kept::chunk, TreeMap::new, Collectors.toList()));
    Map.Entry<Integer, List<Kept>> first = chunks.pollFirstEntry();
    if (first != null) {
      spool.drop(first.getKey(), numbers(first.getValue()));
      dropped.addAll(numbers(first.getValue()));
    }
    more = !chunks.isEmpty();
    return more;
  }

  private static Set<Long> numbers(List<Kept> pictures) {
    return pictures.stream().map(Kept::number).collect(Collectors.toSet());
  }

  private void done(List<Kept> pictures) throws IOException {
    if (!pictures.isEmpty()) {
      run.dropVectors();
      account.forgotten().done(pictures, clock.instant().toEpochMilli());
      dropped.removeAll(numbers(pictures));
    }
  }

  /** Whether the next call of {@link #closed} can forget more at once. */
  boolean hasMore() {
    return more;
  }

  /** Whether some are gone from their chunks' files and not from all else, as after a failure. */
  boolean isHalfDone() {
    return !dropped.isEmpty();
  }

  /** Whether some wait for the end of a chunk's learning. */
  boolean waits() throws IOException {
    return account.forgotten().waits();
  }

  /** The chunks that have too few pictures left to be learned, and wait to be passed over. */
  List<Integer> passed() throws IOException {
    return account.chunks().passedOver();
  }
}
