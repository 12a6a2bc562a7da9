package dev.millrace.live;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.Counts;
import dev.millrace.live.learn.ChunkLearning;
import dev.millrace.live.learn.Learner;
import dev.millrace.live.learn.LearnerProcess;
import dev.millrace.live.learn.RunSnapshot;
import dev.millrace.live.source.Source;
import dev.millrace.live.source.Sources;
import dev.millrace.live.spool.FileSpool;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A live run at work: pictures arrive from its sources, chunks close, each is learned in a process
 * of its own, and its encoder is handed to whoever judges it. Everything is in the run's folder, so
 * a run that ended in any way goes on when it is started again:
 *
 * <pre>{@code
 * try (Live live = Live.in(Path.of("runs/cam")).source("folder:incoming/").start()) {
 *   live.await();
 * }
 * }</pre>
 *
 * <p>One thread takes pictures in, one per source fetches them, and another waits for learning.
 * {@link #close} may come from any thread.
 */
public final class Live implements AutoCloseable {
  private static final long IDLE_MILLIS = 100;
  private static final long LOOK_SECONDS = 10;
  private static final long LONGEST_WAIT_SECONDS = 60;

  private final LiveFolder folder;
  private final LiveBuilder given;
  private final List<Source> sources;
  private final Account account;
  private final FileSpool spool;
  private final FileChannel lock;
  private final Ingest ingest;
  private final Learner learner;
  private final Thread ingesting;
  private final Thread learning;
  private final CountDownLatch ended = new CountDownLatch(2);

  private volatile boolean stop;
  private volatile int closed;
  private volatile int handed;

  /** Of {@link #handed}, what the account was told; the ingesting thread's. */
  private int noted;

  /** Who holds it decides, or knows, whether a chunk is being learned. */
  private final Object turn = new Object();

  /** The chunk that is being learned or judged; 0 for none. */
  private int busy;

  /** Whether pictures are forgotten before the next chunk is learned. */
  private volatile boolean forgets;

  private final Retention retention;
  private Instant nextLook = Instant.MIN;

  /** Chunks that were taken back and whose line in the account is still to be written. */
  private final Set<Integer> back = ConcurrentHashMap.newKeySet();

  private final Set<Integer> passed = ConcurrentHashMap.newKeySet();
  private volatile Throwable failure;

  /** A live run in a folder, which is made where it is missing. */
  public static LiveBuilder in(Path run) {
    return new LiveBuilder(LiveFolder.of(run));
  }

  /** Takes the run; {@link LiveBuilder#start} calls it. */
  Live(LiveBuilder given, LiveSettings settings) throws IOException {
    this.given = given;
    folder = given.folder();
    retention = settings.retention();
    AtomicFiles.folders(folder.root());
    lock = LockFile.take(folder.lock());
    if (lock == null) {
      throw UsageException.ofWord(
          folder.root()
              + " is run by another process already; `millrace live status "
              + folder.root()
              + "` works beside it");
    }
    List<AutoCloseable> opened = new ArrayList<>(List.of(lock));
    try {
      // What cannot be started is refused before it is kept.
      List<CloseRule> rules = CloseRule.parse(settings.close(), given.closeRules());
      sources = new ArrayList<>();
      for (Source source : given.sources()) {
        opened.add(onItsOwn(source));
      }
      for (String words : settings.sources()) {
        opened.add(onItsOwn(Sources.of(words, given.clock(), given.recordGaps())));
      }
      requireNames();
      if (settings.reverts()) {
        RunSnapshot.require(folder);
      }
      settings.write(folder);
      account = Account.open(folder.account());
      opened.add(account);
      spool = new FileSpool(folder);
      opened.add(spool);
      ingest =
          new Ingest(
              account,
              spool,
              new FolderRun(folder, given.clock()),
              sources,
              rules,
              settings.ingest(),
              new DecodingLook(settings.ingest().near().action() != NearDuplicates.Action.OFF),
              given.clock(),
              this::heard);
      ingest.begin();
      for (RunSnapshot before : RunSnapshot.all(folder)) {
        goBackNow(before);
      }
      RunSnapshot.sweepIfFree(folder);
      setAside();
      forget();
      Counts counts = account.counts();
      closed = counts.chunksClosed();
      handed = handed(counts);
      noted = counts.chunksDone();
      learner = given.learner() == null ? new LearnerProcess(folder) : given.learner();
    } catch (IOException | RuntimeException e) {
      for (AutoCloseable one : opened) {
        closeQuietly(one, e);
      }
      throw e;
    }
    ingesting = new Thread(() -> work(this::ingest), "live-ingest");
    learning = new Thread(() -> work(this::learn), "live-learning");
    ingesting.start();
    learning.start();
  }

  /** One that hangs delays no other. */
  private Source onItsOwn(Source source) {
    Source own = new SourceThread(source);
    sources.add(own);
    return own;
  }

  /** How far a source is read is kept under its name. */
  private void requireNames() {
    Set<String> names = new HashSet<>();
    for (Source source : sources) {
      if (!names.add(source.name())) {
        throw UsageException.of(
            "--source", "gives %s twice; leave one out".formatted(source.name()));
      }
    }
  }

  private static void closeQuietly(AutoCloseable one, Exception because) {
    try {
      one.close();
    } catch (Exception e) {
      because.addSuppressed(e);
    }
  }

  /** What either thread does. */
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void work(Work work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | Error e) {
      failure = failure == null ? e : failure;
      stop = true;
    } finally {
      ended.countDown();
    }
  }

  private void heard(LiveEvent event) {
    if (event instanceof LiveEvent.ChunkClosed chunk) {
      closed = chunk.chunk();
    }
    given.listener().on(event);
  }

  private void ingest() throws IOException, InterruptedException {
    long wait = 0;
    while (!stop) {
      try {
        takeIn();
        wait = 0;
      } catch (IOException e) {
        if (!FullDisk.is(e)) {
          throw e;
        }
        wait = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, 2 * wait));
        String words = dev.millrace.file.Reason.whole(e);
        given.listener().on(new LiveEvent.NoSpace(words, wait));
        for (long left = wait * 1000; left > 0 && !stop; left -= IDLE_MILLIS) {
          ingest.noSpace(words);
          TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        }
      }
    }
  }

  /** Steps until the end, or a failure. */
  private void takeIn() throws IOException, InterruptedException {
    while (!stop) {
      boolean any = ingest.step();
      if (handed > noted) {
        int done = handed;
        note(done);
        noted = done;
      }
      boolean learns = forget();
      if (given.untilIdle() && !any && !learns && ingest.drained() && handed == closed) {
        note(handed);
        forget();
        stop = true;
      } else if (!any) {
        TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
      }
    }
  }

  /** Writes down which chunks have had their turn. */
  private void note(int chunks) throws IOException {
    setAside();
    account.chunks().learned(chunks);
    nextLook = Instant.MIN;
  }

  private void setAside() throws IOException {
    for (int chunk : new TreeSet<>(back)) {
      account.chunks().learned(chunk - 1); // those before it have had their turn, and count first
      account.chunks().setAside(chunk);
      new RunSnapshot(folder, chunk).noted();
      back.remove(chunk);
      given.listener().on(new LiveEvent.ChunkSetAside(chunk));
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
  private boolean forget() throws IOException {
    synchronized (turn) { // no chunk is begun meanwhile
      boolean later = ingest.forget(busy);
      passed.addAll(ingest.passed());
      Instant now = given.clock().instant();
      if (!now.isBefore(nextLook)) {
        boolean kept = ingest.letGo(retention, busy);
        nextLook = kept ? nextLook : now.plusSeconds(LOOK_SECONDS);
        later |= kept;
      }
      forgets = later;
      return busy > 0;
    }
  }

  /** Takes a chunk's turn; false if there is nothing to learn in it. */
  private boolean begins(int chunk) throws IOException {
    synchronized (turn) {
      if (passed.contains(chunk)
          && ChunkLearning.learned(folder) < chunk
          && !new RunSnapshot(folder, chunk).isAsked()) {
        return false;
      }
      busy = chunk;
      return true;
    }
  }

  /** Learns a chunk, unless it is, and hands its encoder on; false if it was stopped. */
  private boolean learned(int chunk) throws IOException {
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

  private void learn() throws IOException, InterruptedException {
    long wait = 0;
    while (!stop) {
      int next = handed + 1;
      if (next > closed || forgets) {
        TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        continue;
      }
      try {
        if (!begins(next)) {
          handed = next;
          continue;
        }
        if (!learned(next)) {
          return;
        }
        handed = next;
        wait = 0;
        if (!RunSnapshot.setAside(folder).contains(next)) {
          given.listener().on(new LiveEvent.ChunkLearned(next));
        }
      } catch (IOException | RuntimeException e) { // a judge's too: pictures go on arriving
        if (stop) {
          return;
        }
        wait = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, 2 * wait));
        given
            .listener()
            .on(new LiveEvent.LearningFailed(next, dev.millrace.file.Reason.whole(e), wait));
        for (long left = wait * 1000; left > 0 && !stop; left -= IDLE_MILLIS) {
          TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        }
      }
    }
  }

  private void hand(int chunk) throws IOException {
    RunFolder run = folder.run();
    given.taker().take(new Candidate(folder, run, chunk, run.encoder(), Sha256.of(run.encoder())));
  }

  /**
   * Waits for the end: of {@link LiveBuilder#untilIdle}, by {@link #close}, or by a failure.
   *
   * @throws IOException if the account or the spool could not be written; started again, the run
   *     goes on
   */
  public void await() throws IOException, InterruptedException {
    while (!ended.await(IDLE_MILLIS, TimeUnit.MILLISECONDS)) {
      if (stop) {
        learner.close();
      }
    }
    if (failure instanceof IOException io) {
      throw new IOException(dev.millrace.file.Reason.whole(io), io);
    }
    if (failure != null) {
      throw new IllegalStateException("the live run failed: " + failure, failure);
    }
  }

  /** Whether it has ended by itself; {@link #await} then says how. */
  public boolean ended() {
    return ended.getCount() == 0;
  }

  /** Asks for the end; {@link #await} returns soon after. */
  public void stop() {
    stop = true;
  }

  /** The folder of the run. */
  public LiveFolder folder() {
    return folder;
  }

  /** Stops at a checkpoint, and gives the run back. */
  @Override
  public void close() throws IOException {
    stop = true;
    learner.close();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<AutoCloseable> all = new ArrayList<>(sources);
    all.addAll(List.of(spool::close, account::close, lock::close));
    closeEach(all);
  }

  /** Closes all of them, whichever fail; throws the first failure, with the others on it. */
  static void closeEach(List<? extends AutoCloseable> all) throws IOException {
    Exception failure = null;
    for (AutoCloseable one : all) {
      try {
        one.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure instanceof IOException io) {
      throw io;
    } else if (failure instanceof RuntimeException runtime) {
      throw runtime;
    } else if (failure != null) {
      throw new IOException(failure);
    }
  }

  /** The clock of this process. */
  static InstantSource systemClock() {
    return InstantSource.system();
  }
}
