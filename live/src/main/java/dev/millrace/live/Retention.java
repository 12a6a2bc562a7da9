package dev.millrace.live;

import dev.millrace.live.account.ChunkRecord;
import dev.millrace.refusal.Require;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the files of learned chunks are kept. The last learned chunk always is: an endless run
 * may have steps to make on it. Chunks of which nothing is learned go first. Immutable.
 *
 * @param bytes of the pictures of learned chunks together, beyond which the oldest go; 0 for no
 *     bound
 * @param age after which they go, as {@code 30d}, counted from when the chunk closed; empty for no
 *     bound
 */
public record Retention(long bytes, String age) {
  /** Keeps all. */
  public static final Retention ALL = new Retention(0, "");

  /** Refuses what is no bound. */
  public Retention {
    Require.flag(bytes >= 0, "--keep-bytes", bytes + " is below 0; 0 keeps all");
    if (!age.isEmpty()) {
      Duration time = CloseRule.duration("--keep-for", age);
      Require.flag(!time.isZero(), "--keep-for", age + " is no time; give 12h or 30d");
    }
  }

  /**
   * The chunks whose files go: those of which nothing is learned, then the others, each the oldest
   * first.
   *
   * @param closed every closed chunk, in order
   */
  List<ChunkRecord> due(List<ChunkRecord> closed, Instant now) {
    List<ChunkRecord> there =
        closed.stream()
            .filter(
                chunk ->
                    chunk.phase().compareTo(ChunkRecord.Phase.LEARNED) >= 0 && chunk.bytes() > 0)
            .toList();
    // Of those that were set aside or passed over nothing is learned, so they go first.
    List<ChunkRecord> first = new ArrayList<>(there.stream().filter(Retention::isUnused).toList());
    List<ChunkRecord> learned = there.stream().filter(chunk -> !isUnused(chunk)).toList();
    first.addAll(learned.subList(0, Math.max(0, learned.size() - 1)));
    long sum = there.stream().mapToLong(ChunkRecord::bytes).sum();
    Instant oldest = age.isEmpty() ? Instant.MIN : now.minus(CloseRule.duration("--keep-for", age));
    List<ChunkRecord> due = new ArrayList<>();
    for (ChunkRecord chunk : first) {
      boolean old = Instant.ofEpochMilli(chunk.closed()).isBefore(oldest);
      if (old || bytes > 0 && sum > bytes) {
        due.add(chunk);
        sum -= chunk.bytes();
      }
    }
    return due;
  }

  private static boolean isUnused(ChunkRecord chunk) {
    return chunk.phase() == ChunkRecord.Phase.SET_ASIDE || chunk.isPassedOver();
  }
}
