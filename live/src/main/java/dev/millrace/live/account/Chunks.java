package dev.millrace.live.account;

import dev.millrace.live.account.ChunkRecord.Phase;
import java.io.IOException;
import java.util.List;

/**
 * The chunks of an account: one is open, those before it are closed, in order, and have had their
 * turn from the first on. Not thread-safe.
 */
public final class Chunks {
  private final Sql sql;
  private final Totals totals;

  Chunks(Sql sql, Totals totals) {
    this.sql = sql;
    this.totals = totals;
  }

  /** Bytes of closed chunks that wait for being learned. */
  public long waitingBytes() throws IOException {
    return sql.number("SELECT SUM(bytes) FROM chunk WHERE phase=?", Phase.CLOSED.ordinal());
  }

  /** The open chunk, which may be about to close. */
  public ChunkRecord open() throws IOException {
    return chunks("WHERE phase<=?", Phase.CLOSING.ordinal()).get(0);
  }

  /** Every chunk that is closed, in order. */
  public List<ChunkRecord> closed() throws IOException {
    return chunks("WHERE phase>=?", Phase.CLOSED.ordinal());
  }

  /** The last chunks, in order: so many closed ones, and the open one. */
  public List<ChunkRecord> recent(int closed) throws IOException {
    return chunks("WHERE number>=(SELECT MAX(number) FROM chunk)-?", closed);
  }

  /** The chunks that are closed, and have lost so many pictures that they are not learned. */
  public List<Integer> passedOver() throws IOException {
    return chunks("WHERE phase=? AND pictures<?", Phase.CLOSED.ordinal(), ChunkRecord.LEAST)
        .stream()
        .map(ChunkRecord::number)
        .toList();
  }

  private List<ChunkRecord> chunks(String where, Object... values) throws IOException {
    return sql.rows(
        "SELECT number, phase, first, rule, began, closed, pictures, bytes FROM chunk "
            + where
            + " ORDER BY number",
        r ->
            new ChunkRecord(
                r.getInt(1),
                Phase.values()[r.getInt(2)],
                r.getLong(3),
                r.getString(4),
                r.getLong(5),
                r.getLong(6),
                r.getLong(7),
                r.getLong(8)),
        values);
  }

  /** A rule by which the open chunk closes as soon as another one has room; null takes it back. */
  public void due(String rule) throws IOException {
    sql.run(
        "UPDATE chunk SET rule=? WHERE number=? AND phase=?",
        rule,
        open().number(),
        Phase.OPEN.ordinal());
  }

  /** Decides that the open chunk closes, and by which rule; from then on nothing may be added. */
  public void closing(String rule, long now) throws IOException {
    sql.run(
        "UPDATE chunk SET phase=?, rule=?, closed=? WHERE number=?",
        Phase.CLOSING.ordinal(),
        rule,
        now,
        open().number());
  }

  /**
   * The file of the chunk is there: the next one is open, and empty.
   *
   * @param bytes of its pictures
   */
  public void closed(int chunk, long bytes) throws IOException {
    totals.transaction(
        () -> {
          sql.run(
              "UPDATE chunk SET phase=?, bytes=? WHERE number=?",
              Phase.CLOSED.ordinal(),
              bytes,
              chunk);
          sql.run(
              "INSERT INTO chunk VALUES (?, ?, ?, NULL, 0, 0, 0, 0)",
              chunk + 1,
              Phase.OPEN.ordinal(),
              sql.number("SELECT MAX(id) FROM picture") + 1);
          totals.set(Account.SPOOLED, 0);
        });
  }

  /** The first so many chunks are learned. */
  public void learned(int chunks) throws IOException {
    // Read first: a transaction that begins by reading fails where another process writes
    // meanwhile.
    List<ChunkRecord> closed =
        chunks("WHERE phase=? AND number<=?", Phase.CLOSED.ordinal(), chunks);
    totals.transaction(
        () -> {
          for (ChunkRecord chunk : closed) {
            end(chunk, State.LEARNED, Phase.LEARNED);
          }
        });
  }

  /** What was learned from a chunk was taken back; one that is not closed stays as it is. */
  public void setAside(int number) throws IOException {
    List<ChunkRecord> closed = chunks("WHERE phase=? AND number=?", Phase.CLOSED.ordinal(), number);
    totals.transaction(
        () -> {
          for (ChunkRecord chunk : closed) {
            end(chunk, State.SET_ASIDE, Phase.SET_ASIDE);
          }
        });
  }

  private void end(ChunkRecord chunk, State state, Phase phase) throws IOException {
    int moved =
        sql.run(
            "UPDATE picture SET state=? WHERE id>=? AND id<(SELECT first FROM chunk WHERE number=?) AND chunk=? AND state=?",
            state.ordinal(),
            chunk.first(),
            chunk.number() + 1,
            chunk.number(),
            State.PENDING.ordinal());
    totals.add(State.PENDING.word(), -moved);
    totals.add(state.word(), moved);
    sql.run("UPDATE chunk SET phase=? WHERE number=?", phase.ordinal(), chunk.number());
  }

  /** The file of a chunk that has had its turn goes; its pictures stay in their state. */
  public void letGo(int chunk) throws IOException {
    sql.run("UPDATE chunk SET bytes=0 WHERE number=? AND phase>=?", chunk, Phase.LEARNED.ordinal());
  }
}
