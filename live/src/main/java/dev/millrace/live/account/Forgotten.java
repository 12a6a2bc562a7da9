package dev.millrace.live.account;

import dev.millrace.live.account.ChunkRecord.Phase;
import java.io.IOException;
import java.util.List;

/**
 * The pictures of an account that are to be forgotten, and those that were: the audit. Not
 * thread-safe.
 */
public final class Forgotten {
  private static final long UNKNOWN = -1;

  private final Sql sql;
  private final Totals totals;
  private final PictureRows pictures;

  /** What others had written when {@link #waits} was found out. */
  private long asked = UNKNOWN;

  private boolean waits;

  Forgotten(Sql sql, Totals totals, PictureRows pictures) {
    this.sql = sql;
    this.totals = totals;
    this.pictures = pictures;
  }

  static void tables(Sql sql) throws IOException {
    sql.script(
        "CREATE TABLE IF NOT EXISTS forgetting (picture INTEGER PRIMARY KEY, asked INTEGER, done INTEGER)");
    sql.script(
        "CREATE INDEX IF NOT EXISTS forgetting_open ON forgetting (picture) WHERE done IS NULL");
  }

  /**
   * Notes that pictures are to be forgotten, so that it is done after any end of any process. The
   * only change that others than the live run's own process may make.
   *
   * @param numbers of pictures; those that are noted already stay so
   * @param now milliseconds since 1970
   */
  public void ask(List<Long> numbers, long now) throws IOException {
    sql.transaction(
        () -> {
          for (long number : numbers) {
            sql.run("INSERT OR IGNORE INTO forgetting VALUES (?, ?, NULL)", number, now);
          }
        });
    asked = UNKNOWN;
  }

  /** The pictures that are to be forgotten and are not yet. */
  public List<Kept> waiting() throws IOException {
    return pictures.all("p.id IN (SELECT picture FROM forgetting WHERE done IS NULL)");
  }

  /** Whether there are such pictures. */
  public boolean waits() throws IOException {
    // It is asked at every step, and changes with what another process writes: SQLite counts that.
    long now = sql.number("PRAGMA data_version");
    if (now != asked) {
      waits = sql.number("SELECT EXISTS (SELECT 1 FROM forgetting WHERE done IS NULL)") > 0;
      asked = now;
    }
    return waits;
  }

  /** When a picture was forgotten, milliseconds since 1970; 0 if it was not. */
  public long at(long number) throws IOException {
    return sql.number("SELECT done FROM forgetting WHERE picture=?", number);
  }

  /**
   * Pictures that were to be forgotten are gone. Their rows stay: id, checksum and time, so that
   * the same bytes are not taken in again.
   *
   * @param gone of {@link #waiting}
   * @param now milliseconds since 1970
   */
  public void done(List<Kept> gone, long now) throws IOException {
    asked = UNKNOWN;
    totals.transaction(
        () -> {
          for (Kept one : gone) {
            done(one, now);
            pictures.move(one.number(), one.state(), State.FORGOTTEN);
          }
        });
  }

  /** What the account keeps of a picture besides its id, checksum and times goes. */
  private void done(Kept picture, long now) throws IOException {
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
