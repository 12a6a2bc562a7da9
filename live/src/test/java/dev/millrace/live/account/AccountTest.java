package dev.millrace.live.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.millrace.file.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountTest {
  private static final String SOURCE = "folder:x";

  @TempDir private Path temp;
  private long at;

  private Entry entry(String key, String content, State state) {
    String sha = Sha256.of(content.getBytes(StandardCharsets.UTF_8));
    Place place = state == State.PENDING ? new Place(at++, 1) : null;
    return new Entry(key, sha, state, place, null, null);
  }

  /** Accepts entries; each key is stamped, or, of a part of something, only what is given. */
  private static void accept(
      Account account, List<Entry> entries, String of, boolean continued, List<Long> displaced)
      throws IOException {
    Map<String, String> stamps = new HashMap<>();
    if (of == null) {
      entries.forEach(entry -> stamps.put(entry.key(), "s"));
    } else {
      stamps.put(of, "s");
    }
    account.accept(
        new Accepted(
            SOURCE, entries, "", stamps, List.of(), List.of(), continued, displaced, 0, 0,
            1_000_000),
        1);
  }

  @Test
  void aPictureOfTheOpenChunkIsKnownByWhereItsBytesBegin() throws IOException {
    try (Account account = Account.inMemory()) {
      accept(
          account,
          List.of(
              entry("a", "a", State.PENDING),
              entry("bad", "bad", State.QUARANTINED),
              entry("b", "b", State.PENDING)),
          null,
          false,
          List.of());
      assertThat(account.number(0)).isEqualTo(1);
      assertThat(account.number(1)).as("after one in quarantine").isEqualTo(3);
      assertThat(account.number(2)).isZero();
      account.chunks().closing("full", 1);
      account.chunks().closed(1, 2);
      assertThat(account.number(1)).as("of another chunk").isZero();
    }
  }

  @Test
  void whatAFullDiskKeepsOutIsNotCountedAndGoesInWhenThereIsRoom() throws IOException {
    Path file = temp.resolve("account.sqlite");
    long offered = 0;
    try (Account account = Account.open(file)) {
      account.bound(account.pages() + 2);
      List<Entry> next = List.of();
      try {
        while (offered < 100_000) {
          next = new ArrayList<>();
          for (int i = 0; i < 50; i++) {
            next.add(entry("k" + (offered + i), "c" + (offered + i), State.PENDING));
          }
          accept(account, next, null, false, List.of());
          offered += next.size();
        }
        throw new AssertionError("never full");
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("disk is full");
      }
      assertThat(account.counts().offered()).isEqualTo(offered);
      assertThat(account.rows(State.PENDING)).isEqualTo(offered);
      account.bound(1 << 20);
      accept(account, next, null, false, List.of());
      assertThat(account.counts().offered()).isEqualTo(offered + 50);
    }
    try (Account again = Account.open(file)) {
      assertThat(again.rows(State.PENDING)).as("on disk").isEqualTo(offered + 50);
    }
  }

  @Test
  void whoMayNotWriteReadsBesideTheProcessThatDoesAndLeavesNothing() throws IOException {
    Path file = temp.resolve("a ?#%é/account.sqlite");
    Files.createDirectory(file.getParent());
    try (Account account = Account.open(file)) {
      accept(account, List.of(entry("a", "1", State.PENDING)), null, false, List.of());
      try (Account other = Account.readOnly(file)) {
        assertThat(other.counts().of(State.PENDING)).as("still in the log").isEqualTo(1);
        assertThat(other.quarantined(5)).isEmpty();
        assertThatIOException().isThrownBy(() -> other.forgotten().ask(List.of(1L), 5));
      }
      accept(account, List.of(entry("b", "2", State.PENDING)), null, false, List.of());
    }
    byte[] before = Files.readAllBytes(file);
    try (Account other = Account.readOnly(file)) {
      assertThat(other.counts().of(State.PENDING)).isEqualTo(2);
      assertThat(other.chunks().closed()).isEmpty();
    }
    assertThat(file).hasBinaryContent(before);
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**-{wal,shm}");
  }

  @Test
  void anOlderAccountIsNotReadByWhomItCannotBeBroughtUpToDate() throws Exception {
    Path file = temp.resolve("account.sqlite");
    Account.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version=2");
    }
    assertThatIOException()
        .isThrownBy(() -> Account.readOnly(file))
        .withMessageContaining("version 2")
        .withMessageContaining("millrace live status");
  }

  @Test
  void whatAnotherProcessAsksToForgetIsSeenAtOnce() throws IOException {
    Path file = temp.resolve("account.sqlite");
    try (Account account = Account.open(file);
        Account other = Account.open(file)) {
      accept(account, List.of(entry("a", "1", State.PENDING)), null, false, List.of());
      assertThat(account.forgotten().waits()).isFalse();
      other.forgotten().ask(List.of(1L), 5);
      assertThat(account.forgotten().waits()).isTrue();
      assertThat(account.forgotten().waits()).isTrue();
      account.forgotten().done(account.forgotten().waiting(), 6);
      assertThat(account.forgotten().waits()).isFalse();
      assertThat(other.forgotten().waits()).isFalse();
    }
  }

  private static List<String> stored(Account account, String... keys) throws IOException {
    List<String> stored = new ArrayList<>();
    for (String key : keys) {
      if (account.stored(SOURCE, key)) {
        stored.add(key);
      }
    }
    return stored;
  }

  private static void execute(Path file, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  @Test
  void onlyWhatLiesInAChunkIsStored() throws IOException {
    try (Account account = Account.inMemory()) {
      accept(
          account,
          List.of(
              entry("pending", "a", State.PENDING),
              entry("same", "a", State.DUPLICATE),
              entry("broken", "b", State.QUARANTINED),
              entry("as broken", "b", State.DUPLICATE),
              entry("near", "c", State.NEAR_DUPLICATE),
              entry("as near", "c", State.DUPLICATE),
              entry("out", "d", State.SAMPLED_OUT)),
          null,
          false,
          List.of());
      accept(
          account,
          List.of(
              entry("later", "a", State.DUPLICATE),
              entry("later broken", "b", State.DUPLICATE),
              entry("displaced", "e", State.PENDING),
              entry("as displaced", "e", State.DUPLICATE)),
          null,
          false,
          List.of(3L));
      assertThat(
              stored(
                  account,
                  "pending",
                  "same",
                  "broken",
                  "as broken",
                  "near",
                  "as near",
                  "out",
                  "later",
                  "later broken",
                  "displaced",
                  "as displaced",
                  "never offered"))
          .containsExactly("pending", "same", "later");
    }
  }

  @Test
  void anArchiveIsStoredWhereEachPictureInItIsAlsoOverSeveralBatches() throws IOException {
    try (Account account = Account.inMemory()) {
      accept(account, List.of(entry("g!/1", "1", State.PENDING)), "g/part", false, List.of());
      accept(account, List.of(entry("g!/2", "2", State.PENDING)), "good", true, List.of());
      accept(account, List.of(entry("b!/1", "3", State.QUARANTINED)), "b/part", false, List.of());
      accept(account, List.of(entry("b!/2", "4", State.PENDING)), "bad", true, List.of());
      accept(account, List.of(entry("n!/1", "5", State.PENDING)), "next", false, List.of());
      assertThat(stored(account, "good", "bad", "next")).containsExactly("good", "next");
    }
  }

  @Test
  void theLastOfTheQuarantineAreFoundByAnIndexAlsoInAnOlderAccount()
      throws IOException, SQLException {
    Path file = temp.resolve("account.sqlite");
    try (Account account = Account.open(file)) {
      accept(
          account,
          List.of(
              entry("a", "a", State.PENDING),
              entry("b", "b", State.QUARANTINED),
              entry("c", "c", State.QUARANTINED)),
          null,
          false,
          List.of());
    }
    execute(file, "DROP INDEX picture_quarantined");
    try (Account account = Account.open(file)) {
      assertThat(account.quarantined(1)).extracting(Quarantined::key).containsExactly("c");
      assertThat(account.quarantined(9)).extracting(Quarantined::key).containsExactly("c", "b");
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet plan = statement.executeQuery("EXPLAIN QUERY PLAN " + Account.QUARANTINE)) {
      plan.next();
      assertThat(plan.getString("detail")).contains("picture_quarantined");
    }
  }

  @Test
  void whatAnOlderAccountTookIsNotKnownToBeStored() throws IOException, SQLException {
    Path file = temp.resolve("account.sqlite");
    try (Account account = Account.open(file)) {
      accept(account, List.of(entry("a", "a", State.PENDING)), null, false, List.of());
    }
    execute(
        file,
        "ALTER TABLE taken DROP COLUMN stored",
        "ALTER TABLE source DROP COLUMN whole",
        "PRAGMA user_version=1");
    try (Account account = Account.open(file)) {
      assertThat(account.stamp(SOURCE, "a")).isEqualTo("s");
      assertThat(account.count(State.PENDING)).isEqualTo(1);
      assertThat(account.stored(SOURCE, "a")).isFalse();
      // An archive that was half read then is not known to be stored either.
      accept(account, List.of(entry("z!/2", "z", State.PENDING)), "z", true, List.of());
      assertThat(account.stored(SOURCE, "z")).isFalse();
      accept(account, List.of(entry("b", "b", State.PENDING)), null, false, List.of());
      assertThat(account.stored(SOURCE, "b")).isTrue();
    }
    execute(file, "PRAGMA user_version=99");
    assertThatIOException()
        .isThrownBy(() -> Account.open(file))
        .withMessageContaining("version 99");
  }
}
