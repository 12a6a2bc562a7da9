package dev.millrace.live.account;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * What is counted, by name: in memory as in its table, which nobody else changes. Not thread-safe.
 */
final class Totals {
  private final Sql sql;
  private final Map<String, Long> values = new HashMap<>();

  Totals(Sql sql) throws IOException {
    this.sql = sql;
    load();
  }

  long of(String name) {
    return values.getOrDefault(name, 0L);
  }

  /** All or nothing; what is counted in memory follows. */
  void transaction(Sql.Work work) throws IOException {
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

  void add(String name, long more) throws IOException {
    if (more != 0) {
      sql.run(
          "INSERT INTO count VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value=value+?2",
          name,
          more);
      values.merge(name, more, Long::sum);
    }
  }

  void set(String name, long value) throws IOException {
    sql.run("INSERT OR REPLACE INTO count VALUES (?, ?)", name, value);
    values.put(name, value);
  }
}
