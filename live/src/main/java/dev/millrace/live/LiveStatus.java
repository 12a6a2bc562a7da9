package dev.millrace.live;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.Counts;
import dev.millrace.live.account.Gap;
import dev.millrace.live.account.Quarantined;
import dev.millrace.live.account.State;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.live.encoder.Serving;
import dev.millrace.live.learn.RunSnapshot;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The account of a live run as it is now, whether a process runs it or not. Immutable.
 *
 * @param counts of pictures and chunks
 * @param gaps pictures that sources no longer had
 * @param serving which encoder is served
 */
public record LiveStatus(Counts counts, List<Gap> gaps, Serving serving) {
  /**
   * Reads the account.
   *
   * @throws IllegalArgumentException if there is no live run
   */
  public static LiveStatus of(LiveFolder folder) throws IOException {
    try (Account account = Account.read(folder.require().account())) {
      return new LiveStatus(
          counts(folder, account),
          account.gaps(),
          KeptEncoders.of(folder, Live.systemClock()).serving());
    }
  }

  /**
   * What happened last in a live run. Immutable.
   *
   * @param chunks the last ones, in order, the open one last
   * @param quarantined the last ones, the newest first
   */
  public record Recent(List<ChunkRecord> chunks, List<Quarantined> quarantined) {}

  /**
   * What happened last, however long the run is.
   *
   * @param chunks how many closed ones
   * @param quarantined how many pictures
   * @throws IllegalArgumentException if there is no live run
   */
  public static Recent recent(LiveFolder folder, int chunks, int quarantined) throws IOException {
    try (Account account = Account.read(folder.require().account())) {
      return new Recent(
          marked(folder, account.chunks().recent(chunks)), account.quarantined(quarantined));
    }
  }

  /**
   * Every closed chunk of a live run, in order. Apart from the rest, which a page asks for every
   * second.
   *
   * @throws IllegalArgumentException if there is no live run
   */
  public static List<ChunkRecord> chunks(LiveFolder folder) throws IOException {
    try (Account account = Account.read(folder.require().account())) {
      return marked(folder, account.chunks().closed());
    }
  }

  /** The account's line of a chunk that was taken back comes later than that it is. */
  private static List<ChunkRecord> marked(LiveFolder folder, List<ChunkRecord> chunks)
      throws IOException {
    Set<Integer> aside = RunSnapshot.setAside(folder);
    return chunks.stream()
        .map(
            chunk ->
                chunk.phase() == ChunkRecord.Phase.CLOSED && aside.contains(chunk.number())
                    ? chunk.in(ChunkRecord.Phase.SET_ASIDE)
                    : chunk)
        .toList();
  }

  private static Counts counts(LiveFolder folder, Account account) throws IOException {
    Counts counts = account.counts();
    Set<Integer> aside = RunSnapshot.setAside(folder);
    if (aside.size() > counts.chunksSetAside()) {
      for (ChunkRecord chunk : account.chunks().closed()) {
        if (chunk.phase() == ChunkRecord.Phase.CLOSED && aside.contains(chunk.number())) {
          counts = counts.setAside(chunk.pictures());
        }
      }
    }
    return counts;
  }

  /** The counts by name, as {@code live status --json} prints them; the states sum to offered. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("offered", counts.offered());
    for (State state :
        List.of(
            State.LEARNED,
            State.PENDING,
            State.DUPLICATE,
            State.NEAR_DUPLICATE,
            State.QUARANTINED,
            State.SAMPLED_OUT,
            State.FORGOTTEN,
            State.SET_ASIDE)) {
      json.put(state.word(), counts.of(state));
    }
    json.put("chunks_closed", counts.chunksClosed());
    json.put("chunks_learned", counts.chunksLearned());
    json.put("chunks_set_aside", counts.chunksSetAside());
    json.put("serving", serving.any() ? serving.version() : null);
    json.put("serving_sha256", serving.any() ? serving.sha256() : null);
    return json;
  }
}
