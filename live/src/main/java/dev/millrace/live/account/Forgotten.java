package dev.millrace.live.account;

import dev.millrace.live.account.ChunkRecord.Phase;
import java.io.IOException;
import java.util.List;

/** The table of pictures that are to be forgotten, and of those that were: the audit. */
final class Forgotten {
  private Forgotten() {}

  static void tables(Sql sql) throws IOException {
    sql.script(
        "CREATE TABLE IF NOT EXISTS forgetting (picture INTEGER PRIMARY KEY, asked INTEGER, done INTEGER)");
    sql.script(
        "CREATE INDEX IF NOT EXISTS forgetting_open ON forgetting (picture) WHERE done IS NULL");
  }

  /** Notes those that are not noted yet. */
  static void ask(Sql sql, List<Long> numbers, long now) throws IOException {
    for (long number : numbers) {
      sql.run("INSERT OR IGNORE INTO forgetting VALUES (?, ?, NULL)", number, now);
    }
  }

  /** What the account keeps of a picture besides its id, checksum and times goes. */
  static void done(Sql sql, Kept picture, long now) throws IOException {
    sql.run("UPDATE forgetting SET done=? WHERE picture=?", now, picture.number());
    sql.run(
        "UPDATE picture SET at=NULL, length=NULL, label=NULL, reason=NULL WHERE id=?",
        picture.number());
    if (picture.place() == null || !picture.state().isInChunk()) {
      return; // in no chunk
    }
    sql.run(
        "UPDATE chunk SET bytes=MAX(0, bytes-?) WHERE number=?",
        picture.place().length(),
        picture.chunk());
    // A learned chunk has had its pictures, so their number stays.
    sql.run(
        "UPDATE chunk SET pictures=pictures-1, began=CASE pictures WHEN 1 THEN 0 ELSE began END WHERE number=? AND phase<?",
        picture.chunk(),
        Phase.LEARNED.ordinal());
  }
}
