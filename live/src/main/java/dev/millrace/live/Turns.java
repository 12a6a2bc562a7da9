package dev.millrace.live;

import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.Counts;
import dev.millrace.live.learn.ChunkLearning;
import dev.millrace.live.learn.Learner;
import dev.millrace.live.learn.RunSnapshot;
import dev.millrace.live.source.Wait;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Chunks have their turn one after another: each is learned, judged, and perhaps taken back, while
 * what is to be forgotten waits for the time between. One thread takes turns; another writes down
 * who had one, and forgets.
 */
final class Turns {
  private static final long LOOK_SECONDS = 10;

  private final LiveFolder folder;
  private final Account account;
  private final Ingest ingest;
  private final Retention retention;
  private final InstantSource clock;
  private final LiveEvent.Listener listener;
  private final Candidate.Taker taker;

  private volatile int handed;

  /** Of {@link #handed}, what the account has noted; the ingesting thread's. */
  private int noted;

  /** Who holds it decides, or knows, whether a chunk is being learned. */
  private final Object turn = new Object();

  /** The chunk that is being learned or judged; 0 for none. */
  private int busy;

  private volatile boolean forgets;
  private Wait rest = Wait.NONE;

  /** Chunks that were taken back and whose line in the account is still to be written. */
  private final Set<Integer> back = ConcurrentHashMap.newKeySet();

  private final Set<Integer> passed = ConcurrentHashMap.newKeySet();

  Turns(LiveBuilder given, Account account, Ingest ingest, Retention retention) {
    this.folder = given.folder();
    this.account = account;
    this.ingest = ingest;
    this.retention = retention;
    clock = given.clock();
    listener = given.listener();
    taker = given.taker();
  }

  /** Ends what a run that was ended left half done. */
  void begin() throws IOException {
    for (RunSnapshot before : RunSnapshot.all(folder)) {
      goBackNow(before);
    }
    RunSnapshot.sweepIfFree(folder);
    setAside();
    forget();
    Counts counts = account.counts();
    handed = handed(counts);
    noted = counts.chunksDone();
  }

  /** The last chunk that has had its turn. */
  int handed() {
    return handed;
  }

  /** Whether pictures are forgotten before the next chunk is learned. */
  boolean forgets() {
    return forgets;
  }

  /**
   * Gives a chunk its turn, unless pictures are being forgotten, which goes first: then the chunk
   * is not handed, and to be given again. Any thread, one at a time.
   *
   * @return false if it was stopped
   */
  boolean take(int chunk, Learner learner) throws IOException {
    Beginning beginning = begins(chunk);
    if (beginning == Beginning.LATER) {
      return true;
    }
    boolean any = beginning == Beginning.NOW;
    if (any && !learned(chunk, learner)) {
      return false;
    }
    handed = chunk;
    if (any && !RunSnapshot.setAside(folder).contains(chunk)) {
      listener.on(new LiveEvent.ChunkLearned(chunk));
    }
    return true;
  }

  /** Writes down which chunks have had their turn, if one more has. */
  void note() throws IOException {
    int done = handed;
    if (done > noted) {
      note(done);
      noted = done;
    }
  }

  /** Writes down that all have had it. */
  void end() throws IOException {
    note(handed);
    forget();
  }

  private void note(int chunks) throws IOException {
    setAside();
    account.chunks().learned(chunks);
    rest = Wait.NONE;
  }

  private void setAside() throws IOException {
    for (int chunk : new TreeSet<>(back)) {
      account.chunks().learned(chunk - 1); // those before it have had their turn, and count first
      account.chunks().setAside(chunk);
      new RunSnapshot(folder, chunk).noted();
      back.remove(chunk);
      listener.on(new LiveEvent.ChunkSetAside(chunk));
    }
  }

  /** Takes back what was learned from a chunk, if that was asked for. */
  private void goBack(RunSnapshot before) throws IOException {
    if (before.isAsked()) {
      before.restore();
      back.add(before.chunk());
    }
  }

  /** At the start: where somebody works in the run, the turn of its chunk takes it back. */
  private void goBackNow(RunSnapshot before) throws IOException {
    try {
      goBack(before);
    } catch (IOException e) {
      if (!before.waits()) {
        throw e;
      }
    }
  }

  /** The last chunk that has had its turn, whatever the account knows of it. */
  private int handed(Counts counts) throws IOException {
    for (RunSnapshot before : RunSnapshot.all(folder)) {
      if (before.waits()) {
        return before.chunk() - 1;
      }
    }
    // A kill may have come before the account's line: the encoder is of the last learned chunk.
    int last = Math.max(counts.chunksDone(), ChunkLearning.learned(folder) - 1);
    return RunSnapshot.setAside(folder).stream().reduce(last, Math::max);
  }

  /** Forgets and lets go of what can go now; answers whether a chunk is being learned. */
  boolean forget() throws IOException {
    synchronized (turn) { // no chunk is begun meanwhile
      boolean later = false;
      try {
        later = ingest.forget(busy);
        passed.addAll(ingest.passed());
      } finally {
        // Where it fails midway, a chunk may lack some of what is to go, and has no turn.
        forgets = later || ingest.forgetsOn();
        forgets |= letGo(); // also on a full disk, where it makes room for the other
      }
      return busy > 0;
    }
  }

  /** Lets go of what is due, from time to time; answers whether some waits for a chunk's end. */
  private boolean letGo() throws IOException {
    Instant now = clock.instant();
    if (!rest.isOver(now)) {
      return false;
    }
    boolean kept = ingest.letGo(retention, busy);
    rest = kept ? rest : Wait.ofSeconds(now, LOOK_SECONDS);
    return kept;
  }

  /** Whether a chunk's turn begins. */
  private enum Beginning {
    NOW,
    /** Nothing is left to learn in it. */
    PASSED,
    /** Some of its pictures, or of others', are being forgotten. */
    LATER
  }

  /** Takes a chunk's turn, if it may have it. */
  private Beginning begins(int chunk) throws IOException {
    synchronized (turn) {
      if (forgets) { // what the caller saw may be over
        return Beginning.LATER;
      }
      if (passed.contains(chunk)
          && ChunkLearning.learned(folder) < chunk
          && !new RunSnapshot(folder, chunk).isAsked()) {
        return Beginning.PASSED;
      }
      busy = chunk;
      return Beginning.NOW;
    }
  }

  /** Learns a chunk, unless it is, and hands its encoder on; false if it was stopped. */
  private boolean learned(int chunk, Learner learner) throws IOException {
    try {
      RunSnapshot before = new RunSnapshot(folder, chunk);
      if (!before.isAsked()) { // else it was learned and judged, and only the way back is left
        if (RunSnapshot.setAside(folder).contains(chunk)) {
          return true;
        }
        if (ChunkLearning.learned(folder) < chunk && !learner.learn(chunk)) {
          return false;
        }
        hand(chunk);
      }
      goBack(before);
      before.discard();
      return true;
    } finally {
      synchronized (turn) {
        busy = 0;
      }
    }
  }

  private void hand(int chunk) throws IOException {
    RunFolder run = folder.run();
    taker.take(new Candidate(folder, run, chunk, run.encoder(), Sha256.of(run.encoder())));
  }
}
