package dev.millrace.live.account;

import dev.millrace.live.account.ChunkRecord.Phase;
import java.io.IOException;

/** The tables of an account, and how those of an older version become those of this one. */
final class Tables {
  private static final int VERSION = 3;

  private Tables() {}

  /** Refuses tables that cannot be read as they are. */
  static void require(Sql sql) throws IOException {
    long version = version(sql);
    if (version < VERSION) {
      throw new IOException(
          "the account is of version %d, and may not be written here; run `millrace live status` once as who owns it"
              .formatted(version));
    }
  }

  private static long version(Sql sql) throws IOException {
    long version = sql.number("PRAGMA user_version");
    if (version > VERSION) {
      throw new IOException(
          "the account is of version %d, and this Millrace reads %d; take the Millrace that wrote it, or a newer one"
              .formatted(version, VERSION));
    }
    return version;
  }

  /** Makes what is missing; called within a transaction. */
  static void prepare(Sql sql) throws IOException {
    long version = version(sql);
    if (version < 1) {
      first(sql);
    }
    if (version < 2) {
      // What was taken before is not known to be stored, so it is not deleted.
      sql.script("ALTER TABLE taken ADD COLUMN stored INTEGER NOT NULL DEFAULT 0");
      sql.script("ALTER TABLE source ADD COLUMN whole INTEGER NOT NULL DEFAULT 0");
    }
    if (version < 3) {
      Forgotten.tables(sql);
    }
    // A page asks for the last of them every second, however many pictures there are.
    sql.script(
        "CREATE INDEX IF NOT EXISTS picture_quarantined ON picture (id) WHERE state="
            + State.QUARANTINED.ordinal());
    if (version < VERSION) {
      sql.script("PRAGMA user_version=" + VERSION);
    }
  }

  /** The tables of version 1. */
  private static void first(Sql sql) throws IOException {
    sql.script("CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT UNIQUE, place TEXT)");
    sql.script(
        "CREATE TABLE picture (id INTEGER PRIMARY KEY, source INTEGER, key TEXT, sha BLOB,"
            + " state INTEGER, chunk INTEGER, at INTEGER, length INTEGER, label TEXT, reason TEXT)");
    sql.script("CREATE INDEX picture_key ON picture (key, source)");
    sql.script("CREATE TABLE seen (sha BLOB PRIMARY KEY, picture INTEGER) WITHOUT ROWID");
    sql.script("CREATE INDEX seen_picture ON seen (picture)");
    sql.script(
        "CREATE TABLE taken (source INTEGER, key TEXT, stamp TEXT, PRIMARY KEY (source, key)) WITHOUT ROWID");
    sql.script(
        "CREATE TABLE chunk (number INTEGER PRIMARY KEY, phase INTEGER, first INTEGER, rule TEXT,"
            + " began INTEGER, closed INTEGER, pictures INTEGER, bytes INTEGER)");
    sql.script("CREATE TABLE count (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID");
    sql.script("CREATE TABLE gap (source TEXT, part TEXT, begin INTEGER, until INTEGER)");
    sql.run("INSERT INTO chunk VALUES (1, ?, 1, NULL, 0, 0, 0, 0)", Phase.OPEN.ordinal());
  }
}
