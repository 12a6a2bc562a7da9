package dev.millrace.live;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Closing;
import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.live.account.Account;
import dev.millrace.live.learn.Learner;
import dev.millrace.live.learn.LearnerProcess;
import dev.millrace.live.learn.RunSnapshot;
import dev.millrace.live.source.Backoff;
import dev.millrace.live.source.Source;
import dev.millrace.live.source.Sources;
import dev.millrace.live.spool.FileSpool;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  private final LiveFolder folder;
  private final LiveBuilder given;
  private final List<Source> sources;
  private final Account account;
  private final FileSpool spool;
  private final FileChannel lock;
  private final Ingest ingest;
  private final Learner learner;
  private final Turns turns;
  private final Thread ingesting;
  private final Thread learning;
  private final CountDownLatch ended = new CountDownLatch(2);

  private volatile boolean stop;
  private volatile int closed;
  private volatile Throwable failure;

  /** A live run in a folder, which is made where it is missing. */
  public static LiveBuilder in(Path run) {
    return new LiveBuilder(LiveFolder.of(run));
  }

  /** Takes the run; {@link LiveBuilder#start} calls it. */
  Live(LiveBuilder given, LiveSettings settings) throws IOException {
    this.given = given;
    folder = given.folder();
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
      } else if (given.taker().reverts()) {
        throw UsageException.ofWord(
            "who takes candidates may go back, and nothing is kept to go back to; give the same settings to the run as well: gate(settings.asMap())");
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
      turns = new Turns(given, account, ingest, settings.retention());
      turns.begin();
      closed = account.counts().chunksClosed();
      learner = given.learner() == null ? new LearnerProcess(folder) : given.learner();
    } catch (IOException | RuntimeException e) {
      Closing.after(e, opened);
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
      if (!names.add(SourceNames.plain(source.name()))) {
        throw UsageException.of(
            "--source", "gives %s twice; leave one out".formatted(source.name()));
      }
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
    Backoff backoff = new Backoff();
    while (!stop) {
      try {
        takeIn(backoff);
      } catch (IOException e) {
        if (!FullDisk.is(e, folder.root())) {
          throw e;
        }
        long wait = backoff.failed();
        String words = Reason.whole(e);
        given.listener().on(new LiveEvent.NoSpace(words, wait));
        for (long left = wait * 1000; left > 0 && !stop; left -= IDLE_MILLIS) {
          ingest.noSpace(words);
          makeRoom();
          TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        }
      }
    }
  }

  /** What may go from a full disk goes meanwhile, and learning does not wait for it in vain. */
  private void makeRoom() throws IOException {
    try {
      ingest.takeBack(); // what was not accepted may be all the room that the account needs
      turns.note();
      turns.forget();
    } catch (IOException e) {
      if (!FullDisk.is(e, folder.root())) {
        throw e;
      }
    }
  }

  /** Steps until the end, or a failure. */
  private void takeIn(Backoff backoff) throws IOException, InterruptedException {
    while (!stop) {
      boolean any = ingest.step();
      backoff.succeeded();
      turns.note();
      boolean learns = turns.forget();
      if (given.untilIdle()
          && !any
          && !learns
          && !turns.forgets()
          && ingest.drained()
          && turns.handed() == closed) {
        turns.end();
        stop = true;
      } else if (!any && !ingest.forgetsNow()) {
        TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
      }
    }
  }

  private void learn() throws IOException, InterruptedException {
    Backoff backoff = new Backoff();
    while (!stop) {
      int next = turns.handed() + 1;
      if (next > closed || turns.forgets()) {
        TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        continue;
      }
      try {
        if (!turns.take(next, learner)) {
          return;
        }
        backoff.succeeded();
      } catch (IOException | RuntimeException e) { // a judge's too: pictures go on arriving
        if (stop) {
          return;
        }
        long wait = backoff.failed();
        given.listener().on(new LiveEvent.LearningFailed(next, Reason.whole(e), wait));
        for (long left = wait * 1000; left > 0 && !stop; left -= IDLE_MILLIS) {
          TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        }
      }
    }
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
      throw new IOException(Reason.whole(io), io);
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

  /**
   * Stops at a checkpoint, and gives the run back. An interrupt of the calling thread, whose flag
   * stays set, shortens nothing: account, spool and lock are held until no thread uses them.
   */
  @Override
  public void close() throws IOException {
    stop = true;
    List<AutoCloseable> all = new ArrayList<>();
    all.add(learner);
    all.add(() -> Closing.await(nanos -> ended.await(nanos, TimeUnit.NANOSECONDS)));
    all.addAll(sources);
    all.addAll(List.of(spool, account, lock));
    Closing.all(all);
  }

  /** The clock of this process. */
  static InstantSource systemClock() {
    return InstantSource.system();
  }
}
