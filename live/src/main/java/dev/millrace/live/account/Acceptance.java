package dev.millrace.live.account;

import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** How a batch gets into the account: the one transaction on which everything rests. */
final class Acceptance {
  private final Sql sql;
  private final Totals totals;
  private final PictureRows pictures;
  private final Chunks chunks;

  Acceptance(Sql sql, Totals totals, PictureRows pictures, Chunks chunks) {
    this.sql = sql;
    this.totals = totals;
    this.pictures = pictures;
    this.chunks = chunks;
  }

  /**
   * Accepts a batch, all or nothing; it is on disk when this returns.
   *
   * @param accepted what was offered, and what follows from it
   * @param now milliseconds since 1970
   */
  void accept(Accepted accepted, long now) throws IOException {
    totals.transaction(
        () -> {
          sql.run(
              "INSERT INTO source (name, place) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET place=?2",
              accepted.source(),
              accepted.place());
          long source = sql.number("SELECT id FROM source WHERE name=?", accepted.source());
          ChunkRecord open = chunks.open();
          Map<State, Long> more = new EnumMap<>(State.class);
          long pending = 0;
          for (Entry entry : accepted.entries()) {
            more.merge(entry.state(), 1L, Long::sum);
            add(source, entry, open.number());
            pending += entry.state() == State.PENDING ? 1 : 0;
          }
          // Nothing of the batch asks for what this removes: that was asked before.
          long evicted =
              sql.run(
                  "DELETE FROM seen WHERE picture<=(SELECT MAX(id) FROM picture)-? AND picture NOT IN (SELECT picture FROM forgetting)",
                  accepted.horizon());
          totals.add(Account.EVICTED, evicted);
          for (long number : accepted.displaced()) {
            pictures.move(number, State.PENDING, State.SAMPLED_OUT);
            pending--;
          }
          Map<String, Boolean> stored = new HashMap<>();
          boolean whole =
              !accepted.continued()
                  || sql.number("SELECT whole FROM source WHERE id=?", source) > 0;
          for (Entry entry : accepted.entries()) {
            // What is accepted now is in the open chunk, unless another of the batch displaced it.
            boolean one =
                entry.state() == State.PENDING && accepted.displaced().isEmpty()
                    || isStored(source, entry);
            stored.merge(entry.key(), one, Boolean::logicalAnd);
            whole &= one;
          }
          sql.run("UPDATE source SET whole=? WHERE id=?", whole ? 1 : 0, source);
          // A name may be free again and taken anew in one batch.
          for (String key : accepted.released()) {
            sql.run("DELETE FROM taken WHERE source=? AND key=?", source, key);
          }
          for (Map.Entry<String, String> one : accepted.stamps().entrySet()) {
            sql.run(
                "INSERT OR REPLACE INTO taken VALUES (?, ?, ?, ?)",
                source,
                one.getKey(),
                one.getValue(),
                stored.getOrDefault(one.getKey(), whole) ? 1 : 0);
          }
          for (Gap gap : accepted.gaps()) {
            sql.run(
                "INSERT INTO gap VALUES (?, ?, ?, ?)",
                gap.source(),
                gap.part(),
                gap.from(),
                gap.to());
          }
          for (Map.Entry<State, Long> one : more.entrySet()) {
            totals.add(one.getKey().word(), one.getValue());
          }
          totals.add(Account.NEAR, accepted.near());
          if (pending != 0) {
            sql.run(
                "UPDATE chunk SET began=CASE began WHEN 0 THEN ? ELSE began END, pictures=pictures+? WHERE number=?",
                now,
                pending,
                open.number());
          }
          totals.set(Account.SPOOLED, accepted.spooled());
        });
  }

  /** Whether the bytes of an entry, whose row is there if it has one, are in a chunk now. */
  private boolean isStored(long source, Entry entry) throws IOException {
    if (entry.state() != State.PENDING && entry.state() != State.DUPLICATE) {
      return false;
    }
    byte[] sha = HexFormat.of().parseHex(entry.sha256());
    return sql.number(
                "SELECT COUNT(*) FROM seen JOIN picture ON id=seen.picture WHERE seen.sha=? AND (state<=? OR state=?)",
                sha,
                State.LEARNED.ordinal(),
                State.SET_ASIDE.ordinal())
            > 0
        || sql.number(
                "SELECT COUNT(*) FROM picture WHERE key=? AND source=? AND sha=? AND (state<=? OR state=?)",
                entry.key(),
                source,
                sha,
                State.LEARNED.ordinal(),
                State.SET_ASIDE.ordinal())
            > 0;
  }

  private void add(long source, Entry entry, int chunk) throws IOException {
    boolean pending = entry.state() == State.PENDING;
    if (!pending && entry.state() != State.QUARANTINED) {
      return;
    }
    if (pending
        && sql.number("SELECT COUNT(*) FROM picture WHERE key=? AND source=?", entry.key(), source)
            > 0) {
      totals.add(Account.VERSIONS, 1);
    }
    byte[] sha = HexFormat.of().parseHex(entry.sha256());
    long number =
        sql.number(
            "INSERT INTO picture (source, key, sha, state, chunk, at, length, label, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            source,
            entry.key(),
            sha,
            entry.state().ordinal(),
            pending ? chunk : 0,
            pending ? entry.place().at() : null,
            pending ? entry.place().length() : null,
            entry.label(),
            entry.reason());
    sql.run("INSERT OR IGNORE INTO seen VALUES (?, ?)", sha, number);
  }
}
