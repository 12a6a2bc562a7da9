package dev.millrace.live;

import dev.millrace.draw.Draw;
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
import java.util.TreeMap;

/**
 * Decides what becomes of each picture of a batch, and accepts the batch. A full spool that samples
 * keeps, of all pictures of the open chunk, those with the smallest draws by number: a uniform
 * sample, whenever it is looked at (Vitter, "Random Sampling with a Reservoir", 1985, by
 * priorities). Not thread-safe.
 */
final class Intake {
  private final Account account;
  private final Spool spool;
  private final IngestSettings settings;
  private final Look.Out looks;
  private final NearDuplicates near;

  /** Pictures of the open chunk by their draws; made only when the spool is full. */
  private TreeMap<Long, Long> byDraw;

  Intake(Account account, Spool spool, IngestSettings settings, Look.Out looks) {
    this.account = account;
    this.spool = spool;
    this.settings = settings;
    this.looks = looks;
    near = new NearDuplicates(settings.near(), settings.seed());
  }

  /** A chunk begins. */
  void begin() {
    byDraw = null;
  }

  /** Whether as much waits as may wait. */
  boolean full() throws IOException {
    return account.count(State.PENDING) >= settings.spoolPictures()
        || account.waitingBytes() >= settings.spoolBytes();
  }

  /** Accepts a batch, all or nothing; answers what became of each arrival. */
  List<State> accept(String source, Batch batch, long now) throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<Long> displaced = new ArrayList<>();
    Set<String> fresh = new HashSet<>();
    long pending = account.count(State.PENDING);
    long number = account.last();
    long offered = account.counts().offered();
    long nearCount = 0;
    boolean appended = false;
    boolean sampling = settings.overflow() == IngestSettings.Overflow.SAMPLE;
    long closedBytes = account.waitingBytes() - account.spooled();
    for (Arrival arrival : batch.arrivals()) {
      offered++;
      String sha =
          arrival.fault() == null
              ? Sha256.of(arrival.bytes())
              : Sha256.of(arrival.key() + "\n" + arrival.fault());
      if (!fresh.add(sha) || account.known(source, arrival.key(), sha)) {
        entries.add(entry(arrival, sha, State.DUPLICATE, null, null));
        continue;
      }
      Look look =
          arrival.fault() == null ? looks.at(arrival.bytes()) : new Look(arrival.fault(), 0);
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
      boolean over =
          pending >= settings.spoolPictures()
              || closedBytes + spool.length() >= settings.spoolBytes();
      if (sampling && over && !displaces(number + 1, entries, displaced)) {
        entries.add(entry(arrival, sha, State.SAMPLED_OUT, null, null));
        continue;
      }
      number++;
      if (byDraw != null) {
        byDraw.put(draw(number), number);
      }
      pending += sampling && over ? 0 : 1;
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

  private static Entry entry(Arrival arrival, String sha, State state, Place place, String reason) {
    return new Entry(arrival.key(), sha, state, place, arrival.label(), reason);
  }

  private long draw(long number) {
    return Draw.of(settings.seed(), "sample-out", number).bits();
  }

  /** Whether a picture's draw is below the largest in the open chunk, which then gives way. */
  private boolean displaces(long candidate, List<Entry> entries, List<Long> displaced)
      throws IOException {
    if (byDraw == null) {
      byDraw = new TreeMap<>();
      for (Kept one : account.pending()) {
        byDraw.put(draw(one.number()), one.number());
      }
      // Those of this very batch have no rows yet.
      long next = account.last();
      for (Entry entry : entries) {
        if (entry.state() == State.PENDING || entry.state() == State.QUARANTINED) {
          next++;
        }
        if (entry.state() == State.PENDING) {
          byDraw.put(draw(next), next);
        }
      }
    }
    if (byDraw.isEmpty() || draw(candidate) > byDraw.lastKey()) {
      return false;
    }
    displaced.add(byDraw.pollLastEntry().getValue());
    return true;
  }
}
