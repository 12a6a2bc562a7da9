package dev.millrace.live.account;

import dev.millrace.file.Closing;
import dev.millrace.live.account.ChunkRecord.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The account of a live run. A batch is accepted by {@link #accept}, one transaction with all its
 * pictures, the source's offset and the length of the open chunk; what the open chunk has beyond
 * that length was never accepted. Pictures that are only counted (duplicates, left out) have no row
 * of their own, so the file does not grow with what is offered again and again. Not thread-safe,
 * but for what a source remembers ({@link #place}, {@link #stamp}, {@link #stored}), which may be
 * asked from any thread; other processes may read the file meanwhile.
 */
public final class Account implements AutoCloseable {
  static final String SPOOLED = "spooled";
  static final String EVICTED = "evicted";
  static final String VERSIONS = "versions";
  static final String NEAR = "near";

  /** With the state in it: no index of some rows is taken for a state that comes later. */
  static final String QUARANTINE =
      "SELECT s.name, p.key, p.reason FROM picture p CROSS JOIN source s ON s.id=p.source WHERE p.state="
          + State.QUARANTINED.ordinal()
          + " ORDER BY p.id DESC LIMIT ?";

  private final Sql sql;
  private final Totals totals;
  private final PictureRows pictures;
  private final Chunks chunks;
  private final Forgotten forgotten;
  private final Acceptance acceptance;

  private Account(Sql sql) throws IOException {
    this.sql = sql;
    totals = new Totals(sql);
    pictures = new PictureRows(sql, totals);
    chunks = new Chunks(sql, totals);
    forgotten = new Forgotten(sql, totals, pictures);
    acceptance = new Acceptance(sql, totals, pictures, chunks);
  }

  /** Opens an account, or begins one. */
  public static Account open(Path file) throws IOException {
    return prepared(Sql.open(file));
  }

  private static Account prepared(Sql sql) throws IOException {
    return of(sql, () -> sql.transaction(() -> Tables.prepare(sql)));
  }

  /** The account in a file, which stays open where it is one. */
  private static Account of(Sql sql, Sql.Work before) throws IOException {
    try {
      before.run();
      return new Account(sql);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, List.of(sql));
      throw e;
    }
  }

  /**
   * Opens an account to read it, also one of another user or on a read-only disk, whether a process
   * writes it meanwhile or not.
   *
   * @throws IOException also if an older version wrote it and it cannot be brought up to date
   */
  public static Account read(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    return Files.isWritable(file) && Files.isWritable(folder) ? open(file) : readOnly(file);
  }

  static Account readOnly(Path file) throws IOException {
    boolean alone = !Files.exists(file.resolveSibling(file.getFileName() + "-wal"));
    Sql sql = Sql.readOnly(file, alone);
    return of(sql, () -> Tables.require(sql));
  }

  /** An account that ends with the program: for tests and simulations. */
  public static Account inMemory() throws IOException {
    return prepared(Sql.inMemory());
  }

  /** Its chunks: which is open, which are closed, and which have had their turn. */
  public Chunks chunks() {
    return chunks;
  }

  /** What is to be forgotten, and what was. */
  public Forgotten forgotten() {
    return forgotten;
  }

  /**
   * Accepts a batch, all or nothing; it is on disk when this returns.
   *
   * @param accepted what was offered, and what follows from it
   * @param now milliseconds since 1970
   */
  public void accept(Accepted accepted, long now) throws IOException {
    acceptance.accept(accepted, now);
  }

  /** The length of the open chunk that is accepted, in bytes. */
  public long spooled() throws IOException {
    return totals.of(SPOOLED);
  }

  /** How many pictures are in a state. */
  public long count(State state) throws IOException {
    return totals.of(state.word());
  }

  /** Whether anything was accepted of a source of this name. */
  public boolean knows(String source) throws IOException {
    return sql.number("SELECT COUNT(*) FROM source WHERE name=?", source) > 0;
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

  /** The last pictures in quarantine, the newest first. */
  public List<Quarantined> quarantined(int most) throws IOException {
    return sql.rows(
        QUARANTINE, r -> new Quarantined(r.getString(1), r.getString(2), r.getString(3)), most);
  }

  /** The pictures of the open chunk that will be in its file, in the order of arrival. */
  public List<Kept> pending() throws IOException {
    ChunkRecord open = chunks.open();
    return pictures.all(
        "p.id>=? AND p.chunk=? AND p.state=?",
        open.first(),
        open.number(),
        State.PENDING.ordinal());
  }

  /** The number of the picture whose bytes begin there in the open chunk; 0 for none. */
  public long number(long at) throws IOException {
    ChunkRecord open = chunks.open();
    return sql.number(
        "SELECT id FROM picture WHERE id>=? AND chunk=? AND at=?", open.first(), open.number(), at);
  }

  /** All pictures of that name, whatever became of them. */
  public List<Kept> named(String source, String key) throws IOException {
    return pictures.all("p.key=? AND s.name=?", key, source);
  }

  /** All pictures of that key, whichever sources they came from. */
  public List<Kept> named(String key) throws IOException {
    return pictures.all("p.key=?", key);
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
    totals.transaction(
        () -> {
          for (State state : State.values()) {
            states.put(state, totals.of(state.word()));
          }
          other[0] = totals.of(VERSIONS);
          other[1] = totals.of(EVICTED);
          other[2] = totals.of(NEAR);
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

  @Override
  public void close() throws IOException {
    sql.close();
  }
}
