package dev.millrace.live;

import dev.millrace.file.LockFile;
import dev.millrace.file.Reason;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.Kept;
import dev.millrace.live.account.State;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.learn.ChunkLearning;
import dev.millrace.live.learn.RunSnapshot;
import dev.millrace.live.spool.FileSpool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has pictures of a live run forgotten, whether a process runs it or not. That they are to go is
 * noted first, on disk: what a kill interrupts, the next call of any kind completes, and so does
 * the next start of the run.
 */
public final class Forget {
  private static final Logger LOG = LoggerFactory.getLogger(Forget.class);
  private static final long LOOK_MILLIS = 50;

  /**
   * What became of the pictures that were named.
   *
   * @param forgotten those that are gone
   * @param waiting those that go when the chunk that they are in is learned
   * @param unknown ids, as given, that no row of the account has, or several sources
   * @param versions encoders that have learned from some of them, ascending, and those that cannot
   *     be read, if any has
   */
  public record Outcome(
      List<Kept> forgotten, List<Kept> waiting, List<String> unknown, List<Integer> versions) {}

  private Forget() {}

  /**
   * Forgets pictures. One that is forgotten already counts as gone.
   *
   * @param ids of pictures, each {@code SOURCE<TAB>KEY}, or its key alone where only one source has
   *     it; every version that was taken in under an id goes
   * @param patience how long to wait for a process that runs the live run
   * @throws IllegalArgumentException if there is no live run
   */
  public static Outcome of(
      LiveFolder folder, List<String> ids, InstantSource clock, Duration patience)
      throws IOException {
    Map<Long, Kept> named = new LinkedHashMap<>();
    List<String> unknown = new ArrayList<>();
    try (Account account = Account.open(folder.require().account())) {
      for (String id : ids) {
        List<Kept> found = found(account, id);
        if (found.isEmpty()) {
          unknown.add(id);
        }
        found.forEach(one -> named.put(one.number(), one));
      }
      account
          .forgotten()
          .ask(
              named.values().stream()
                  .filter(one -> one.state() != State.FORGOTTEN)
                  .map(Kept::number)
                  .toList(),
              clock.instant().toEpochMilli());
      Set<Long> left = carriedOut(folder, account, named.keySet(), clock, patience);
      return new Outcome(
          named.values().stream().filter(one -> !left.contains(one.number())).toList(),
          named.values().stream().filter(one -> left.contains(one.number())).toList(),
          List.copyOf(unknown),
          versions(folder, named.values(), clock));
    }
  }

  private static List<Kept> found(Account account, String id) throws IOException {
    int tab = id.indexOf('\t');
    if (tab >= 0) {
      String source = id.substring(0, tab);
      String key = id.substring(tab + 1);
      List<Kept> found = account.named(source, key);
      found = found.isEmpty() ? account.named(SourceNames.other(source), key) : found;
      if (!found.isEmpty()) {
        return found;
      } // else a key may have a tab in it
    }
    List<Kept> found = account.named(id);
    return found.stream().map(Kept::source).distinct().count() > 1 ? List.of() : found;
  }

  /** Has it done here or by the process that runs the live run; answers what is left to be done. */
  private static Set<Long> carriedOut(
      LiveFolder folder, Account account, Set<Long> numbers, InstantSource clock, Duration patience)
      throws IOException {
    long looks = Math.max(1, patience.toMillis() / LOOK_MILLIS);
    Set<String> said = new HashSet<>();
    FolderRun run = new FolderRun(folder, clock); // one, so that it says a thing once
    for (long look = 0;
        look < looks && account.forgotten().waits() && !here(folder, run, clock, said);
        look++) {
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    Set<Long> left =
        account.forgotten().waiting().stream().map(Kept::number).collect(Collectors.toSet());
    left.retainAll(numbers);
    return left;
  }

  /**
   * Does it here, unless another process runs the live run.
   *
   * @param said what kept it from that before, each logged once
   */
  private static boolean here(
      LiveFolder folder, FolderRun run, InstantSource clock, Set<String> said) throws IOException {
    try (FileChannel lock = LockFile.take(folder.lock())) {
      if (lock == null) {
        return false;
      }
      for (RunSnapshot before : RunSnapshot.all(folder)) {
        try {
          before.restore(); // the account's line comes with the next start
        } catch (IOException e) {
          if (said.add(Reason.of(e))) {
            LOG.warn("pictures wait until the run has gone back: {}", Reason.of(e));
          }
        }
      }
      // Opened under the lock: nobody else changes what is counted.
      try (Account account = Account.open(folder.account());
          FileSpool spool = new FileSpool(folder)) {
        IngestSettings settings = LiveSettings.read(folder).ingest();
        Ingest ingest =
            new Ingest(
                account,
                spool,
                run,
                List.of(),
                List.of(),
                settings,
                new DecodingLook(false),
                clock,
                event -> {});
        ingest.begin();
        boolean more = true;
        while (more) {
          more = ingest.forget(0);
        }
      }
      return true;
    }
  }

  /**
   * Every version that stands after a chunk with one of the pictures, or after a later one; what
   * cannot be read may be one.
   */
  private static List<Integer> versions(
      LiveFolder folder, Iterable<Kept> pictures, InstantSource clock) throws IOException {
    Set<Integer> begun = ChunkLearning.chunks(folder); // without those that were passed over
    Set<Integer> learned = new HashSet<>();
    Set<Integer> taken = RunSnapshot.setAside(folder); // also where the account has no line yet
    Set<Integer> aside = new HashSet<>();
    for (Kept one : pictures) {
      if (one.state().isInChunk() && taken.contains(one.chunk())) {
        aside.add(one.chunk()); // no later encoder has learned from it
      } else if (one.state().ordinal() <= State.LEARNED.ordinal() && begun.contains(one.chunk())) {
        learned.add(one.chunk());
      }
    }
    KeptEncoders encoders = KeptEncoders.of(folder, clock);
    List<Integer> versions = new ArrayList<>();
    for (int number : encoders.numbers()) {
      boolean has =
          encoders
              .find(number)
              .map(EncoderVersion::chunk)
              .map(
                  after ->
                      aside.contains(after) || learned.stream().anyMatch(chunk -> after >= chunk))
              .orElse(!learned.isEmpty() || !aside.isEmpty());
      if (has) {
        versions.add(number);
      }
    }
    return versions;
  }
}
