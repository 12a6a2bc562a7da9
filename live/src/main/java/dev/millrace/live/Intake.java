package dev.millrace.live;

import dev.millrace.file.Sha256;
import dev.millrace.live.account.Accepted;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.Entry;
import dev.millrace.live.account.Kept;
import dev.millrace.live.account.Place;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.Batch;
import dev.millrace.live.spool.Spool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Decides what becomes of each picture of a batch, and accepts the batch. While the spool is full
 * and samples, the open chunk is a {@link Sample} of what arrives. Not thread-safe.
 */
final class Intake {
  private final Account account;
  private final Spool spool;
  private final IngestSettings settings;
  private final Look.Out looks;
  private final NearDuplicates near;

  /** Pictures of the open chunk; null where nothing is sampled, and before the first batch. */
  private Sample sample;

  Intake(Account account, Spool spool, IngestSettings settings, Look.Out looks) {
    this.account = account;
    this.spool = spool;
    this.settings = settings;
    this.looks = looks;
    near = new NearDuplicates(settings.near(), settings.seed());
  }

  /** A chunk begins. */
  void begin() {
    sample = null;
  }

  /** The last batch was not accepted: the disk did not take it. It may come again. */
  void failed() {
    sample = null;
    near.takeBack();
  }

  /** Whether as much waits as may wait; never less than a chunk needs, which could not close. */
  boolean full() throws IOException {
    return account.count(State.PENDING) >= CloseRule.LEAST && waits(1);
  }

  /** Whether that part of what may wait does. */
  private boolean waits(int part) throws IOException {
    return account.count(State.PENDING) >= most(part)
        || account.chunks().waitingBytes() + openBytes() >= settings.spoolBytes() / part;
  }

  private long most(int part) {
    return Math.max(CloseRule.LEAST, settings.spoolPictures() / part);
  }

  /** Bytes of the open chunk; of a sample without those that gave way. */
  private long openBytes() throws IOException {
    return samples() ? sample().bytes() : account.spooled();
  }

  private Sample sample() throws IOException {
    if (sample == null) {
      sample = new Sample(settings.seed());
      for (Kept one : account.pending()) {
        sample.add(one.number(), one.sha256(), spool.size(one.place().length()));
      }
    }
    return sample;
  }

  /**
   * Whether the open chunk, which is all that waits, has to be closed for its size. Where a full
   * spool samples, half of it is kept for the sample that is taken while this chunk is learned.
   */
  boolean fills() throws IOException {
    return waits(samples() ? 2 : 1);
  }

  /** How many more pictures the open chunk, of so many, may take before it is asked for again. */
  long untilItFills(long pictures) throws IOException {
    boolean alone = pictures == account.count(State.PENDING);
    return alone ? Math.max(1, most(samples() ? 2 : 1) - pictures) : Long.MAX_VALUE;
  }

  /**
   * Whether the next chunk could become as large as the open one, so that it may close. Only where
   * a full spool samples: a chunk without room would be a sample of nothing.
   */
  boolean roomForAnother(long pictures) throws IOException {
    return !samples()
        || account.count(State.PENDING) + pictures <= settings.spoolPictures()
            && account.chunks().waitingBytes() + 2 * openBytes() <= settings.spoolBytes();
  }

  private boolean samples() {
    return settings.overflow() == IngestSettings.Overflow.SAMPLE;
  }

  /**
   * Accepts a batch, all or nothing; answers what became of each arrival.
   *
   * @param grown whether the open chunk may grow no more: what comes gives way, or takes a place
   */
  List<State> accept(String source, Batch batch, long now, boolean grown) throws IOException {
    near.mark();
    List<Entry> entries = new ArrayList<>();
    List<Long> displaced = new ArrayList<>();
    Set<String> fresh = new HashSet<>();
    long pending = account.count(State.PENDING);
    long number = account.last();
    long offered = account.counts().offered();
    long nearCount = 0;
    boolean appended = false;
    boolean sampling = samples();
    if (sampling) {
      sample(); // its pictures are those before this batch
    }
    long closedBytes = account.chunks().waitingBytes();
    List<Arrival> arrivals = batch.arrivals();
    String[] shas = onAllCores(arrivals.size(), i -> sha(arrivals.get(i))).toArray(String[]::new);
    boolean[] known = new boolean[arrivals.size()];
    for (int i = 0; i < known.length; i++) {
      known[i] = !fresh.add(shas[i]) || account.known(source, arrivals.get(i).key(), shas[i]);
    }
    Look[] seen =
        onAllCores(known.length, i -> known[i] ? null : look(arrivals.get(i))).toArray(Look[]::new);
    for (int i = 0; i < known.length; i++) {
      Arrival arrival = arrivals.get(i);
      String sha = shas[i];
      offered++;
      if (known[i]) {
        entries.add(entry(arrival, sha, State.DUPLICATE, null, null));
        continue;
      }
      Look look = seen[i];
      if (look.fault() != null) {
        number++;
        entries.add(entry(arrival, sha, State.QUARANTINED, null, look.fault()));
        continue;
      }
      if (near.near(look.print())) {
        nearCount++;
        if (near.leftOut(offered)) {
          entries.add(entry(arrival, sha, State.NEAR_DUPLICATE, null, null));
          continue;
        }
      }
      List<Long> out = List.of();
      if (sampling) {
        long before = pending;
        out =
            sample.displacedBy(
                sha,
                (fewer, bytes) ->
                    grown && fewer == 0
                        || before - fewer >= settings.spoolPictures()
                        || before - fewer >= CloseRule.LEAST
                            && closedBytes + bytes >= settings.spoolBytes());
        if (out == null) {
          entries.add(entry(arrival, sha, State.SAMPLED_OUT, null, null));
          continue;
        }
        displaced.addAll(out);
      }
      number++;
      pending += 1 - out.size();
      if (sampling) {
        sample.add(number, sha, spool.size(arrival.bytes().length));
      }
      near.keep(look.print());
      long at = spool.append(arrival.bytes());
      appended = true;
      entries.add(entry(arrival, sha, State.PENDING, new Place(at, arrival.bytes().length), null));
    }
    if (appended) {
      spool.sync();
    }
    account.accept(
        new Accepted(
            source,
            entries,
            batch.place(),
            batch.stamps(),
            batch.released(),
            batch.gaps(),
            batch.continued(),
            displaced,
            nearCount,
            spool.length(),
            settings.horizon()),
        now);
    return entries.stream().map(Entry::state).toList();
  }

  /** What costs most of taking a picture in, and depends on it alone. */
  private static <T> Stream<T> onAllCores(int count, IntFunction<T> work) {
    return IntStream.range(0, count).parallel().mapToObj(work);
  }

  private static String sha(Arrival arrival) {
    return arrival.fault() == null
        ? Sha256.of(arrival.bytes())
        : Sha256.of(arrival.key() + "\n" + arrival.fault());
  }

  private Look look(Arrival arrival) {
    return arrival.fault() == null ? looks.at(arrival.bytes()) : new Look(arrival.fault(), null);
  }

  private static Entry entry(Arrival arrival, String sha, State state, Place place, String reason) {
    return new Entry(arrival.key(), sha, state, place, arrival.label(), reason);
  }
}
