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
    if (sampling && sample == null) {
      sample = new Sample(settings.seed());
      for (Kept one : account.pending()) {
        sample.add(one.number(), one.sha256(), spool.size(one.place().length()));
      }
    }
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
      List<Long> out = List.of();
      if (sampling) {
        long before = pending;
        out =
            sample.displacedBy(
                sha,
                (fewer, bytes) ->
                    before - fewer >= settings.spoolPictures()
                        || closedBytes + bytes >= settings.spoolBytes());
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

  private static Entry entry(Arrival arrival, String sha, State state, Place place, String reason) {
    return new Entry(arrival.key(), sha, state, place, arrival.label(), reason);
  }
}
