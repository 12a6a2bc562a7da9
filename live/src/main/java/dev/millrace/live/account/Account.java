package dev.millrace.live.account;

import dev.millrace.live.account.ChunkRecord.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The account of a live run. A batch is accepted by {@link #accept}, one transaction with all its
 * pictures, the source's offset and the length of the open chunk; what the open chunk has beyond
 * that length was never accepted. Pictures that are only counted (duplicates, left out) have no row
 * of their own, so the file does not grow with what is offered again and again. Not thread-safe;
 * other processes may read the file meanwhile.
 */
public final class Account implements AutoCloseable {
  private static final int VERSION = 3;
  private static final String SPOOLED = "spooled";
  private static final String EVICTED = "evicted";
  private static final String VERSIONS = "versions";
  private static final String NEAR = "near";

  private static final long UNKNOWN = -1;

  private final Sql sql;

  /** What others had written when {@link #toForget} was found out. */
  private long asked = UNKNOWN;

  private boolean toForget;

  /** What is counted, as in its table, which nobody else changes. */
  private final Map<String, Long> values = new HashMap<>();

  private Account(Sql sql) throws IOException {
    this.sql = sql;
    sql.transaction(this::prepare);
    load();
  }

  /** Opens an account, or begins one. */
  public static Account open(Path file) throws IOException {
    return new Account(Sql.open(file));
  }

  /** An account that ends with the program: for tests and simulations. */
  public static Account inMemory() throws IOException {
    return new Account(Sql.inMemory());
  }

  private void prepare() throws IOException {
    long version = sql.number("PRAGMA user_version");
    if (version > VERSION) {
      throw new IOException(
          "the account is of version %d, and this Millrace reads %d; take the Millrace that wrote it, or a newer one"
              .formatted(version, VERSION));
    }
    if (version < 1) {
      tables();
    }
    if (version < 2) {
      // What was taken before is not known to be stored, so it is not deleted.
      sql.script("ALTER TABLE taken ADD COLUMN stored INTEGER NOT NULL DEFAULT 0");
      sql.script("ALTER TABLE source ADD COLUMN whole INTEGER NOT NULL DEFAULT 0");
    }
    if (version < 3) {
      Forgotten.tables(sql);
    }
    if (version < VERSION) {
      sql.script("PRAGMA user_version=" + VERSION);
    }
  }

  /** The tables of version 1. */
  private void tables() throws IOException {
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

  /** The length of the open chunk that is accepted, in bytes. */
  public long spooled() throws IOException {
    return count(SPOOLED);
  }

  /** Bytes of closed chunks that wait for being learned. */
  public long closedBytes() throws IOException {
    return sql.number("SELECT SUM(bytes) FROM chunk WHERE phase=?", Phase.CLOSED.ordinal());
  }

  /** How many pictures are in a state. */
  public long count(State state) throws IOException {
    return count(state.word());
  }

  /** How far a source was read, in its own words; null before its first batch. */
  public String place(String source) throws IOException {
    return sql.first(null, "SELECT place FROM source WHERE name=?", r -> r.getString(1), source);
  }

  /** What a source wanted remembered of a key; null for nothing. */
  public String stamp(String source, String key) throws IOException {
    return sql.first(
        null,
        "SELECT stamp FROM taken WHERE source=(SELECT id FROM source WHERE name=?) AND key=?",
        r -> r.getString(1),
        source,
        key);
  }

  /**
   * Whether all that was taken under a key, when its stamp was noted, was in a chunk then. What was
   * left out or is in quarantine is not, nor is a duplicate of such a picture.
   */
  public boolean stored(String source, String key) throws IOException {
    return sql.number(
            "SELECT stored FROM taken WHERE source=(SELECT id FROM source WHERE name=?) AND key=?",
            source,
            key)
        > 0;
  }

  /** Whether these very bytes were offered before, under this id or within the horizon. */
  public boolean known(String source, String key, String sha256) throws IOException {
    byte[] sha = HexFormat.of().parseHex(sha256);
    return sql.number("SELECT COUNT(*) FROM seen WHERE sha=?", sha) > 0
        || sql.number(
                "SELECT COUNT(*) FROM picture WHERE key=? AND sha=? AND source=(SELECT id FROM source WHERE name=?)",
                key,
                sha,
                source)
            > 0;
  }

  /** The highest number that a picture has; 0 before the first. */
  public long last() throws IOException {
    return sql.number("SELECT MAX(id) FROM picture");
  }

  /**
   * Accepts a batch, all or nothing; it is on disk when this returns.
   *
   * @param accepted what was offered, and what follows from it
   * @param now milliseconds since 1970
   */
  public void accept(Accepted accepted, long now) throws IOException {
    transaction(
        () -> {
          sql.run(
              "INSERT INTO source (name, place) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET place=?2",
              accepted.source(),
              accepted.place());
          long source = sql.number("SELECT id FROM source WHERE name=?", accepted.source());
          ChunkRecord open = open();
          Map<State, Long> more = new EnumMap<>(State.class);
          long pending = 0;
          for (Entry entry : accepted.entries()) {
            more.merge(entry.state(), 1L, Long::sum);
            add(source, entry, open.number(), accepted.horizon());
            pending += entry.state() == State.PENDING ? 1 : 0;
          }
          for (long number : accepted.displaced()) {
            move(number, State.PENDING, State.SAMPLED_OUT);
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
            add(one.getKey().word(), one.getValue());
          }
          add(NEAR, accepted.near());
          if (pending != 0) {
            sql.run(
                "UPDATE chunk SET began=CASE began WHEN 0 THEN ? ELSE began END, pictures=pictures+? WHERE number=?",
                now,
                pending,
                open.number());
          }
          set(SPOOLED, accepted.spooled());
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

  private void add(long source, Entry entry, int chunk, long horizon) throws IOException {
    boolean pending = entry.state() == State.PENDING;
    if (!pending && entry.state() != State.QUARANTINED) {
      return;
    }
    if (pending
        && sql.number("SELECT COUNT(*) FROM picture WHERE key=? AND source=?", entry.key(), source)
            > 0) {
      add(VERSIONS, 1);
    }
    byte[] sha = HexFormat.of().parseHex(entry.sha256());
    sql.run(
        "INSERT INTO picture (source, key, sha, state, chunk, at, length, label, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        source,
        entry.key(),
        sha,
        entry.state().ordinal(),
        pending ? chunk : 0,
        pending ? entry.place().at() : null,
        pending ? entry.place().length() : null,
        entry.label(),
        entry.reason());
    long number = sql.number("SELECT last_insert_rowid()");
    sql.run("INSERT OR IGNORE INTO seen VALUES (?, ?)", sha, number);
    add(
        EVICTED,
        sql.run(
            "DELETE FROM seen WHERE picture<=? AND picture NOT IN (SELECT picture FROM forgetting)",
            number - horizon));
  }

  /** Puts a picture into another state, unless it has left the first. */
  private boolean move(long number, State from, State to) throws IOException {
    int moved =
        sql.run(
            "UPDATE picture SET state=? WHERE id=? AND state=?",
            to.ordinal(),
            number,
            from.ordinal());
    add(from.word(), -moved);
    add(to.word(), moved);
    return moved > 0;
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

  /** The last pictures in quarantine, the newest first. */
  public List<Quarantined> quarantined(int most) throws IOException {
    return sql.rows(
        "SELECT s.name, p.key, p.reason FROM picture p JOIN source s ON s.id=p.source WHERE p.state=? ORDER BY p.id DESC LIMIT ?",
        r -> new Quarantined(r.getString(1), r.getString(2), r.getString(3)),
        State.QUARANTINED.ordinal(),
        most);
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

  /** The pictures of the open chunk that will be in its file, in the order of arrival. */
  public List<Kept> pending() throws IOException {
    ChunkRecord open = open();
    return kept(
        "p.id>=? AND p.chunk=? AND p.state=?",
        open.first(),
        open.number(),
        State.PENDING.ordinal());
  }

  /** The number of the picture whose bytes begin there in the open chunk; 0 for none. */
  public long number(long at) throws IOException {
    ChunkRecord open = open();
    return sql.number(
        "SELECT id FROM picture WHERE id>=? AND chunk=? AND at=?", open.first(), open.number(), at);
  }

  /** All pictures of that name, whatever became of them. */
  public List<Kept> named(String source, String key) throws IOException {
    return kept("p.key=? AND s.name=?", key, source);
  }

  /** All pictures of that key, whichever sources they came from. */
  public List<Kept> named(String key) throws IOException {
    return kept("p.key=?", key);
  }

  private List<Kept> kept(String where, Object... values) throws IOException {
    return sql.rows(
        "SELECT p.id, s.name, p.key, p.state, p.chunk, p.at, p.length, p.label, p.sha FROM picture p JOIN source s ON s.id=p.source WHERE "
            + where
            + " ORDER BY p.id",
        Account::kept,
        values);
  }

  /**
   * Notes that pictures are to be forgotten, so that it is done after any end of any process. The
   * only change that others than the live run's own process may make.
   *
   * @param numbers of pictures; those that are noted already stay so
   * @param now milliseconds since 1970
   */
  public void forget(List<Long> numbers, long now) throws IOException {
    sql.transaction(() -> Forgotten.ask(sql, numbers, now));
    asked = UNKNOWN;
  }

  /** The pictures that are to be forgotten and are not yet. */
  public List<Kept> toForget() throws IOException {
    return kept("p.id IN (SELECT picture FROM forgetting WHERE done IS NULL)");
  }

  /** Whether there are such pictures. */
  public boolean isToForget() throws IOException {
    // It is asked at every step, and changes with what another process writes: SQLite counts that.
    long now = sql.number("PRAGMA data_version");
    if (now != asked) {
      toForget = sql.number("SELECT EXISTS (SELECT 1 FROM forgetting WHERE done IS NULL)") > 0;
      asked = now;
    }
    return toForget;
  }

  /** When a picture was forgotten, milliseconds since 1970; 0 if it was not. */
  public long forgotten(long number) throws IOException {
    return sql.number("SELECT done FROM forgetting WHERE picture=?", number);
  }

  /**
   * Pictures that were to be forgotten are gone. Their rows stay: id, checksum and time, so that
   * the same bytes are not taken in again.
   *
   * @param pictures of {@link #toForget}
   * @param now milliseconds since 1970
   */
  public void forgotten(List<Kept> pictures, long now) throws IOException {
    asked = UNKNOWN;
    transaction(
        () -> {
          for (Kept one : pictures) {
            Forgotten.done(sql, one, now);
            move(one.number(), one.state(), State.FORGOTTEN);
          }
        });
  }

  private static Kept kept(ResultSet r) throws SQLException {
    long at = r.getLong(6);
    Place place = r.wasNull() ? null : new Place(at, r.getInt(7));
    return new Kept(
        r.getLong(1),
        r.getString(2),
        r.getString(3),
        State.values()[r.getInt(4)],
        r.getInt(5),
        place,
        r.getString(8),
        HexFormat.of().formatHex(r.getBytes(9)));
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
    transaction(
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
              last() + 1);
          set(SPOOLED, 0);
        });
  }

  /** The first so many chunks are learned. */
  public void learned(int chunks) throws IOException {
    // Read first: a transaction that begins by reading fails where another process writes
    // meanwhile.
    List<ChunkRecord> closed =
        chunks("WHERE phase=? AND number<=?", Phase.CLOSED.ordinal(), chunks);
    transaction(
        () -> {
          for (ChunkRecord chunk : closed) {
            end(chunk, State.LEARNED, Phase.LEARNED);
          }
        });
  }

  /** What was learned from a chunk was taken back; one that is not closed stays as it is. */
  public void setAside(int number) throws IOException {
    List<ChunkRecord> closed = chunks("WHERE phase=? AND number=?", Phase.CLOSED.ordinal(), number);
    transaction(
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
    add(State.PENDING.word(), -moved);
    add(state.word(), moved);
    sql.run("UPDATE chunk SET phase=? WHERE number=?", phase.ordinal(), chunk.number());
  }

  /** The file of a chunk that has had its turn goes; its pictures stay in their state. */
  public void letGo(int chunk) throws IOException {
    sql.run("UPDATE chunk SET bytes=0 WHERE number=? AND phase>=?", chunk, Phase.LEARNED.ordinal());
  }

  /** Every gap that was met, in that order. */
  public List<Gap> gaps() throws IOException {
    return sql.rows(
        "SELECT source, part, begin, until FROM gap ORDER BY rowid",
        r -> new Gap(r.getString(1), r.getString(2), r.getLong(3), r.getLong(4)));
  }

  /** All counts, of one moment. */
  public Counts counts() throws IOException {
    Map<State, Long> states = new EnumMap<>(State.class);
    long[] other = new long[6];
    transaction(
        () -> {
          for (State state : State.values()) {
            states.put(state, count(state.word()));
          }
          other[0] = count(VERSIONS);
          other[1] = count(EVICTED);
          other[2] = count(NEAR);
          other[3] =
              sql.number("SELECT COUNT(*) FROM chunk WHERE phase>=?", Phase.CLOSED.ordinal());
          other[4] =
              sql.number("SELECT COUNT(*) FROM chunk WHERE phase=?", Phase.LEARNED.ordinal());
          other[5] =
              sql.number("SELECT COUNT(*) FROM chunk WHERE phase=?", Phase.SET_ASIDE.ordinal());
        });
    return new Counts(
        states, (int) other[3], (int) other[4], (int) other[5], other[0], other[1], other[2]);
  }

  /** How many rows are in a state: what {@link #counts} says of those that have rows. */
  public long rows(State state) throws IOException {
    return sql.number("SELECT COUNT(*) FROM picture WHERE state=?", state.ordinal());
  }

  /** The file grows to so many pages and no more: a full disk, for tests. */
  void bound(long pages) throws IOException {
    sql.script("PRAGMA max_page_count=" + pages);
  }

  long pages() throws IOException {
    return sql.number("PRAGMA page_count");
  }

  private long count(String name) {
    return values.getOrDefault(name, 0L);
  }

  /** All or nothing; what is counted in memory follows. */
  private void transaction(Sql.Work work) throws IOException {
    boolean done = false;
    try {
      sql.transaction(work);
      done = true;
    } finally {
      if (!done) {
        load();
      }
    }
  }

  private void load() throws IOException {
    values.clear();
    sql.rows("SELECT name, value FROM count", r -> values.put(r.getString(1), r.getLong(2)));
  }

  private void add(String name, long more) throws IOException {
    if (more != 0) {
      sql.run(
          "INSERT INTO count VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value=value+?2",
          name,
          more);
      values.merge(name, more, Long::sum);
    }
  }

  private void set(String name, long value) throws IOException {
    sql.run("INSERT OR REPLACE INTO count VALUES (?, ?)", name, value);
    values.put(name, value);
  }

  @Override
  public void close() throws IOException {
    sql.close();
  }
}
