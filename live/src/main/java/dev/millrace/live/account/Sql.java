package dev.millrace.live.account;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * An SQLite file: statements are prepared once, failures name the file. Outside of {@link
 * #transaction} each statement is one of its own. Thread-safe: one statement or transaction comes
 * after another.
 */
final class Sql implements AutoCloseable {
  private static final int BUSY_MILLIS = 30_000;

  /** Reads a row. */
  @FunctionalInterface
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** What is done all at once. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  private final String name;
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  private Sql(String name, Connection connection) {
    this.name = name;
    this.connection = connection;
  }

  /** Opens a file, which is made where it is missing; what is committed is on disk. */
  static Sql open(Path file) throws IOException {
    return open(
        file.toString(),
        "jdbc:sqlite:" + file.toAbsolutePath(),
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL");
  }

  /**
   * Opens a file that this process cannot write, or not what lies beside it.
   *
   * @param alone whether nobody has it open: then nothing beside it is asked for, and it must not
   *     change meanwhile
   */
  static Sql readOnly(Path file, boolean alone) throws IOException {
    return open(
        file.toString(),
        "jdbc:sqlite:"
            + file.toAbsolutePath().toUri()
            + "?mode=ro"
            + (alone ? "&immutable=1" : ""));
  }

  /** One that ends with its last connection. */
  static Sql inMemory() throws IOException {
    return open("account", "jdbc:sqlite::memory:");
  }

  private static Sql open(String name, String url, String... pragmas) throws IOException {
    try {
      Properties properties = new Properties();
      // Else the driver asks for the last row after each insertion, whether anybody wants it.
      properties.setProperty("jdbc.get_generated_keys", "false");
      Connection connection = DriverManager.getConnection(url, properties);
      Sql sql = new Sql(name, connection);
      try {
        sql.script("PRAGMA busy_timeout=" + BUSY_MILLIS);
        for (String pragma : pragmas) {
          sql.script(pragma);
        }
        return sql;
      } catch (IOException e) {
        sql.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failed(name, e);
    }
  }

  private static IOException failed(String name, SQLException e) {
    return new IOException(name + ": " + e.getMessage(), e);
  }

  /** Runs a statement that answers nothing. */
  synchronized void script(String sql) throws IOException {
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw failed(name, e);
    }
  }

  private PreparedStatement with(String sql, Object... values) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  /** Changes rows; answers how many. */
  synchronized int run(String sql, Object... values) throws IOException {
    try {
      return with(sql, values).executeUpdate();
    } catch (SQLException e) {
      throw failed(name, e);
    }
  }

  /** The rows that a question finds. */
  synchronized <T> List<T> rows(String sql, Row<T> row, Object... values) throws IOException {
    try (ResultSet found = with(sql, values).executeQuery()) {
      List<T> all = new ArrayList<>();
      while (found.next()) {
        all.add(row.of(found));
      }
      return all;
    } catch (SQLException e) {
      throw failed(name, e);
    }
  }

  /** The first row, or what stands for none. */
  <T> T first(T none, String sql, Row<T> row, Object... values) throws IOException {
    List<T> all = rows(sql, row, values);
    return all.isEmpty() ? none : all.get(0);
  }

  /** The number in the first row, 0 if there is none. */
  long number(String sql, Object... values) throws IOException {
    return first(0L, sql, row -> row.getLong(1), values);
  }

  /** All or nothing, on disk when it returns; nested, it is a part of the outer one. */
  synchronized void transaction(Work work) throws IOException {
    try {
      if (!connection.getAutoCommit()) {
        work.run();
        return;
      }
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        work.run();
        connection.commit();
        done = true;
      } finally {
        if (!done) {
          forget(); // the driver's statements do not outlive a full disk
          rollback();
        }
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(name, e);
    }
  }

  private void forget() {
    for (PreparedStatement statement : prepared.values()) {
      try {
        statement.close();
      } catch (SQLException e) {
        continue; // it failed, and that is thrown already
      }
    }
    prepared.clear();
  }

  /** SQLite takes a transaction back by itself where the disk is full; then there is none left. */
  private void rollback() throws SQLException {
    try {
      connection.rollback();
    } catch (SQLException e) {
      try (java.sql.Statement statement = connection.createStatement()) {
        statement.execute("BEGIN"); // the driver ends one when it goes back to single statements
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    try {
      for (PreparedStatement statement : prepared.values()) {
        statement.close();
      }
      connection.close();
    } catch (SQLException e) {
      throw failed(name, e);
    }
  }
}
