package dev.millrace.live.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.live.account.State;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FolderSourceTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir private Path temp;
  private final Map<String, String> stamps = new HashMap<>();
  private final Set<String> stored = new HashSet<>();
  private final Set<String> refused = new HashSet<>();
  private final Set<String> huge = new HashSet<>();
  private String place;
  private Instant now = NOW;

  private final Source.Memory memory =
      new Source.Memory() {
        @Override
        public String place() {
          return place;
        }

        @Override
        public String stamp(String key) {
          return stamps.get(key);
        }

        @Override
        public boolean stored(String key) {
          return stored.contains(key);
        }
      };

  private FolderSource source(FolderSettings.After after) throws IOException {
    FolderSource source =
        new FolderSource(
            "folder:x",
            new FolderSettings(temp, after, Duration.ofSeconds(2), false),
            Catalogue.standard(),
            () -> now,
            file -> {
              if (huge.contains(file.getFileName().toString())) {
                throw new OutOfMemoryError("Java heap space");
              }
              if (refused.contains(file.getFileName().toString())) {
                throw new AccessDeniedException(file.toString());
              }
            });
    source.open(memory);
    return source;
  }

  private void file(String name, Instant changed) throws IOException {
    Path file = temp.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, name.getBytes(StandardCharsets.UTF_8));
    Files.setLastModifiedTime(file, FileTime.from(changed));
  }

  /** One batch, committed as a live run does. */
  private List<String> taken(FolderSource source, int most) throws IOException {
    Batch batch = source.poll(most);
    commit(source, batch);
    return batch.arrivals().stream().map(Arrival::key).toList();
  }

  private void takeAll(FolderSource source) throws IOException {
    List<String> keys;
    do {
      keys = taken(source, 2);
    } while (!keys.isEmpty());
  }

  private void commit(FolderSource source, Batch batch) throws IOException {
    note(batch);
    stored.addAll(batch.stamps().keySet());
    source.committed(batch, Collections.nCopies(batch.arrivals().size(), State.PENDING));
  }

  private void note(Batch batch) {
    place = batch.place() == null ? place : batch.place();
    stamps.putAll(batch.stamps());
    batch.released().forEach(stamps::remove);
  }

  @Test
  void onlyWholeFilesAreTakenAndOthersCounted() throws IOException {
    file("old.png", NOW.minusSeconds(10));
    file("fresh.png", NOW);
    file("a.png.part", NOW.minusSeconds(10));
    file("b.tmp", NOW.minusSeconds(10));
    file(".c.png", NOW.minusSeconds(10));
    file(".d/e.png", NOW.minusSeconds(10));
    file("notes.txt", NOW.minusSeconds(10));
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).containsExactly("old.png");
    assertThat(source.ignored())
        .isEqualTo(Map.of("unfinished", 2L, "hidden", 2L, "no picture", 1L));
    assertThat(taken(source, 10)).isEmpty();
    assertThat(source.drained()).as("one is not whole yet").isFalse();
    now = NOW.plusSeconds(2);
    assertThat(taken(source, 10)).containsExactly("fresh.png");
    assertThat(taken(source, 10)).isEmpty();
    assertThat(source.drained()).isTrue();
  }

  @Test
  void aFileThatStaysIsTakenOnceAndAgainWhenItChanges() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    assertThat(taken(source(FolderSettings.After.KEEP), 10)).containsExactly("a.png");
    assertThat(taken(source(FolderSettings.After.KEEP), 10)).isEmpty();
    file("a.png", NOW.minusSeconds(9));
    assertThat(taken(source(FolderSettings.After.KEEP), 10)).containsExactly("a.png");
  }

  @Test
  void aKillBetweenCommitAndDeletionOffersNothingTwice() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    Batch batch = source(FolderSettings.After.DELETE).poll(10);
    note(batch);
    stored.add("a.png");
    assertThat(temp.resolve("a.png")).exists();
    FolderSource next = source(FolderSettings.After.DELETE);
    assertThat(taken(next, 10)).isEmpty();
    assertThat(temp.resolve("a.png")).doesNotExist();
    assertThat(stamps).isEmpty();
    now = now.plusSeconds(1);
    file("a.png", NOW.minusSeconds(10));
    assertThat(taken(next, 10)).as("a new file of that name").containsExactly("a.png");
  }

  @Test
  void aFileThatIsStoredNowhereElseIsMovedAsideAlsoAfterAKill() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    note(source(FolderSettings.After.DELETE).poll(10)); // a kill; it is in quarantine
    FolderSource next = source(FolderSettings.After.DELETE);
    assertThat(taken(next, 10)).isEmpty();
    assertThat(temp.resolve("a.png")).doesNotExist();
    assertThat(temp.resolve(".taken/a.png")).exists();
    now = now.plusSeconds(1);
    file("a.png", NOW.minusSeconds(5));
    Batch batch = next.poll(10);
    note(batch);
    next.committed(batch, List.of(State.QUARANTINED));
    assertThat(temp.resolve("a.png")).doesNotExist();
    assertThat(temp.resolve(".taken/a.png.2")).exists();
  }

  @Test
  void nothingThatWasMovedAsideIsWrittenOver() throws IOException {
    FolderSource source = source(FolderSettings.After.MOVE);
    for (int i = 1; i <= 3; i++) {
      file("a.png", NOW.minusSeconds(10 + i));
      assertThat(taken(source, 10)).containsExactly("a.png");
      now = now.plusSeconds(5);
    }
    for (String name : List.of("a.png", "a.png.2", "a.png.3")) {
      assertThat(temp.resolve(".taken").resolve(name)).exists();
    }
  }

  @Test
  void aFileThatWasReplacedMeanwhileStaysAndIsTakenAnew() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    FolderSource source = source(FolderSettings.After.DELETE);
    Batch batch = source.poll(10);
    file("a.png", NOW.minusSeconds(9));
    commit(source, batch);
    assertThat(temp.resolve("a.png")).exists();
    assertThat(taken(source, 10)).containsExactly("a.png");
    assertThat(temp.resolve("a.png")).doesNotExist();
  }

  /** Archives that were replaced while they were read, too. */
  @Test
  void anArchiveIsDeletedOnlyIfAllThatIsInItIsStored() throws IOException {
    FolderSource source = source(FolderSettings.After.DELETE);
    zip("all.zip", "1.png", "2.png", "3.png");
    takeAll(source);
    assertThat(temp.resolve("all.zip")).doesNotExist();
    assertThat(temp.resolve(".taken")).doesNotExist();

    zip("other.zip", "1.png", "labels.csv");
    zip("hidden.zip", "1.png", ".2.png");
    takeAll(source);
    assertThat(temp.resolve(".taken/other.zip")).exists();
    assertThat(temp.resolve(".taken/hidden.zip")).exists();

    zip("killed.zip", "1.png", "labels.csv");
    note(source.poll(10));
    stored.add("killed.zip");
    source = source(FolderSettings.After.DELETE);
    taken(source, 10);
    assertThat(temp.resolve(".taken/killed.zip")).as("resumed at its end").exists();

    zip("late.zip", "1.png", "2.png");
    source = source(FolderSettings.After.DELETE);
    taken(source, 1);
    Batch rest = source.poll(10);
    zip("late.zip", "1.png", "2.png", "4.png");
    commit(source, rest);
    assertThat(temp.resolve("late.zip")).exists();
    assertThat(taken(source, 10)).hasSize(3);
    assertThat(temp.resolve("late.zip")).doesNotExist();
  }

  @Test
  void whatCannotBeReadIsSaidOnceAndTriedAgainWhileTheOthersGoOn() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    file("b.png", NOW.minusSeconds(10));
    file("d.png", NOW.minusSeconds(10));
    zip("z.zip", "1.png");
    refused.addAll(Set.of("b.png", "z.zip"));
    FolderSource source = source(FolderSettings.After.DELETE);
    assertThat(taken(source, 10)).containsExactly("a.png", "d.png");
    assertThat(source.faults()).singleElement().asString().startsWith("b.png: ");
    assertThat(taken(source, 10)).as("the archive's turn").isEmpty();
    for (int i = 0; i < 20; i++) {
      now = now.plusSeconds(60);
      assertThat(taken(source, 10)).isEmpty();
      assertThat(source.drained()).isTrue();
      assertThat(source.ignored()).containsEntry("unreadable", 2L);
    }
    assertThat(source.faults()).singleElement().asString().startsWith("z.zip: ");
    assertThat(temp.resolve("b.png")).exists();
    assertThat(temp.resolve("z.zip")).exists();

    refused.clear();
    now = now.plusSeconds(1);
    file("e.png", NOW.minusSeconds(10));
    assertThat(taken(source, 10)).as("the waits of the others are not over").contains("e.png");
    now = now.plusSeconds(300);
    takeAll(source);
    assertThat(temp.resolve("b.png")).doesNotExist();
    assertThat(temp.resolve("z.zip")).doesNotExist();
    assertThat(source.ignored()).isEmpty();
  }

  @Test
  void anArchiveThatCannotBeReadOnIsReadLaterFromItsBeginning() throws IOException {
    zip("z.zip", "1.png", "2.png", "3.png");
    assertThat(taken(source(FolderSettings.After.KEEP), 2)).hasSize(2);
    refused.add("z.zip");
    FolderSource next = source(FolderSettings.After.KEEP);
    assertThat(taken(next, 10)).isEmpty();
    refused.clear();
    now = now.plusSeconds(5);
    assertThat(taken(next, 10)).containsExactly("z.zip!/1.png", "z.zip!/2.png", "z.zip!/3.png");
  }

  @Test
  void whatCannotBeMovedAsideStaysAndIsNotTakenTwice() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    file("b.png", NOW.minusSeconds(10));
    file(".taken", NOW.minusSeconds(10)); // where a folder is needed
    FolderSource source = source(FolderSettings.After.MOVE);
    assertThat(taken(source, 10)).containsExactly("a.png", "b.png");
    assertThat(source.faults()).hasSize(2);
    now = now.plusSeconds(10);
    assertThat(taken(source, 10)).isEmpty();
    assertThat(source.drained()).isTrue();
    Files.delete(temp.resolve(".taken"));
    now = now.plusSeconds(10);
    assertThat(taken(source, 10)).isEmpty();
    assertThat(temp.resolve(".taken/a.png")).exists();
    assertThat(temp.resolve(".taken/b.png")).exists();
  }

  @Test
  void linksThatLeadBackAreNotFollowedAndOthersAre() throws IOException {
    file("d/a.png", NOW.minusSeconds(10));
    Files.createSymbolicLink(temp.resolve("d/up"), temp);
    Files.createSymbolicLink(temp.resolve("e"), temp.resolve("d/a.png"));
    Files.createSymbolicLink(temp.resolve("f.png"), temp.resolve("d/a.png"));
    Files.createSymbolicLink(temp.resolve("dead.png"), temp.resolve("nowhere"));
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).containsExactly("d/a.png", "f.png");
    taken(source, 10);
    assertThat(source.drained()).isTrue();
    assertThat(source.faults()).isEmpty();
  }

  /** Permissions do not bind root; a path longer than systems take does. */
  @Test
  void aFolderThatCannotBeReadIsPassedOver() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    String long200 = "d".repeat(200);
    String half = String.join("/", Collections.nCopies(12, long200));
    file("secret/" + half + "/b.png", NOW.minusSeconds(10));
    file("lower/" + half + "/c.png", NOW.minusSeconds(10));
    Path below = temp.resolve("secret/" + half + "/lower");
    Files.move(temp.resolve("lower"), below);
    try {
      FolderSource source = source(FolderSettings.After.KEEP);
      assertThat(taken(source, 10)).containsExactly("a.png", "secret/" + half + "/b.png");
      assertThat(source.faults()).singleElement().asString().startsWith("secret/" + long200);
    } finally {
      Files.move(below, temp.resolve("lower")); // where it can be deleted
    }
  }

  @Test
  void anIdleFolderIsLookedThroughOnceASecondAndSoonerWhereAFileWillBeWhole() throws IOException {
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).isEmpty();
    file("a.png", NOW.minusSeconds(10));
    now = now.plusMillis(999);
    assertThat(taken(source, 10)).isEmpty();
    now = now.plusMillis(1);
    assertThat(taken(source, 10)).containsExactly("a.png");
    file("b.png", now.minusMillis(1500));
    assertThat(taken(source, 10)).as("where something came, at once, but b is not whole").isEmpty();
    now = now.plusMillis(500);
    assertThat(taken(source, 10)).containsExactly("b.png");
  }

  @Test
  void aClockThatIsSetBackStopsNothingForAsLongAsTheStep() throws IOException {
    file("refused.png", NOW.minusSeconds(10));
    refused.add("refused.png");
    file("fresh.png", NOW.plusSeconds(60));
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).isEmpty();
    now = NOW.minusSeconds(3600);
    refused.clear();
    file("a.png", now);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      now = now.plusSeconds(1);
      all.addAll(taken(source, 10));
    }
    assertThat(all).containsExactlyInAnyOrder("refused.png", "fresh.png", "a.png");
  }

  @Test
  void aFileThatIsBegunAnewWhileItsTurnHasNotComeIsReadOnlyWhenItIsWhole() throws IOException {
    file("a.png", NOW.minusSeconds(10));
    file("b.png", NOW.minusSeconds(10));
    zip("c.zip", "1.png", "2.png");
    FolderSource source = source(FolderSettings.After.DELETE);
    assertThat(taken(source, 1)).containsExactly("a.png");
    Files.write(temp.resolve("b.png"), new byte[1]); // a writer has begun both again
    Files.setLastModifiedTime(temp.resolve("b.png"), FileTime.from(now));
    byte[] whole = Files.readAllBytes(temp.resolve("c.zip"));
    Files.write(temp.resolve("c.zip"), Arrays.copyOf(whole, whole.length / 2));
    Files.setLastModifiedTime(temp.resolve("c.zip"), FileTime.from(now));
    for (int i = 0; i < 3; i++) {
      assertThat(taken(source, 10)).isEmpty();
      assertThat(source.drained()).isFalse();
    }
    file("b.png", now.plusMillis(500));
    Files.write(temp.resolve("c.zip"), whole);
    Files.setLastModifiedTime(temp.resolve("c.zip"), FileTime.from(now.plusMillis(500)));
    now = now.plusSeconds(5);
    Batch batch = source.poll(10);
    assertThat(batch.arrivals()).extracting(Arrival::key).containsExactly("b.png");
    assertThat(batch.arrivals().get(0).bytes()).hasSize("b.png".length());
    commit(source, batch);
    assertThat(taken(source, 10)).containsExactly("c.zip!/1.png", "c.zip!/2.png");
  }

  @Test
  void onlyWhatABatchHoldsCountsForItsEnd() throws IOException {
    Path large = temp.resolve("a.png");
    try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
      sparse.setLength(Batch.ENOUGH_BYTES * 2 / 3);
    }
    Files.setLastModifiedTime(large, FileTime.from(NOW.minusSeconds(10)));
    file("b.png", NOW.minusSeconds(10));
    file("c.png", NOW.minusSeconds(10));
    refused.add("b.png");
    assertThat(taken(source(FolderSettings.After.KEEP), 10)).containsExactly("a.png", "c.png");
  }

  @Test
  void aBatchEndsBeforeItFillsTheMemory() throws IOException {
    for (String name : List.of("a.png", "b.png", "c.png")) {
      Path file = temp.resolve(name);
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(Batch.ENOUGH_BYTES / 2);
      }
      Files.setLastModifiedTime(file, FileTime.from(NOW.minusSeconds(10)));
    }
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).containsExactly("a.png", "b.png");
    assertThat(taken(source, 10)).containsExactly("c.png");
  }

  @Test
  void theBatchesOfAnArchiveBelongTogether() throws IOException {
    zip("a.zip", "1.png", "2.png", "3.png");
    zip("b.zip", "1.png");
    List<Boolean> continued = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      FolderSource source = source(FolderSettings.After.KEEP); // each time from its place
      Batch batch = source.poll(1);
      if (batch.arrivals().isEmpty()) { // at the end of the first
        commit(source, batch);
        batch = source.poll(1);
      }
      continued.add(batch.continued());
      commit(source, batch);
    }
    assertThat(continued).containsExactly(false, true, true, false);
  }

  private void shell(String script) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-c", script).directory(temp.toFile()).inheritIO().start();
    assertThat(shell.waitFor()).isZero();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void filesWhoseNamesAreNotUtf8AreTakenOnceAndDoneWithByTheirOwnNames() throws Exception {
    shell(
        "for i in '\\350' '\\351' '\\303\\251' 'a\\\\b' 'd/\\377x'; do mkdir -p d;"
            + " f=$(printf \"$i\").png; printf %s \"$f\" > \"$f\"; touch -t 202501010000 \"$f\"; done");
    String[] keys = {"a\\b.png", "d/\uFFFDFFx.png", "\u00e9.png", "\uFFFDE8.png", "\uFFFDE9.png"};
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).containsExactlyInAnyOrder(keys);
    now = now.plusSeconds(1);
    assertThat(taken(source, 10)).isEmpty();
    assertThat(source.drained()).isTrue();
    stamps.clear();
    source = source(FolderSettings.After.MOVE);
    assertThat(taken(source, 10)).containsExactlyInAnyOrder(keys);
    now = now.plusSeconds(1);
    assertThat(taken(source, 10)).isEmpty();
    shell("test $(find . -name '*.png' ! -path './.taken/*' | wc -l) = 0");
    shell("test \"$(cat .taken/$(printf '\\351').png | od -An -tx1)\" = ' e9 2e 70 6e 67'");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anArchiveWhoseNameIsNotUtf8IsOneFaultAndLeftAsideOnce() throws Exception {
    write("a.tar", tar('o'), NOW.minusSeconds(10));
    shell("mv a.tar $(printf '\\350').tar");
    FolderSource source = source(FolderSettings.After.KEEP);
    Batch batch = source.poll(10);
    assertThat(batch.arrivals()).singleElement().extracting(Arrival::key).isEqualTo("\uFFFDE8.tar");
    assertThat(batch.arrivals().get(0).fault()).contains("rename it");
    commit(source, batch);
    now = now.plusSeconds(1);
    source = source(FolderSettings.After.KEEP); // from its place
    takeAll(source);
    assertThat(source.drained()).isTrue();
  }

  /** Four pictures of eight bytes, each with the letter in it. */
  private static byte[] tar(char letter) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < 4; i++) {
        TarArchiveEntry entry = new TarArchiveEntry(letter + "" + i + ".png");
        entry.setSize(8);
        tar.putArchiveEntry(entry);
        tar.write(Character.toString(letter).repeat(8).getBytes(StandardCharsets.UTF_8));
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private void write(String name, byte[] bytes, Instant changed) throws IOException {
    Files.write(temp.resolve(name), bytes); // in place
    Files.setLastModifiedTime(temp.resolve(name), FileTime.from(changed));
  }

  @Test
  void anArchiveThatIsWrittenOverWhileItIsReadIsReadAnewWhenItIsWhole() throws IOException {
    write("a.tar", tar('o'), NOW.minusSeconds(10));
    FolderSource source = source(FolderSettings.After.DELETE);
    assertThat(taken(source, 2)).containsExactly("a.tar!/o0.png", "a.tar!/o1.png");
    write("a.tar", tar('n'), NOW);
    assertThat(taken(source, 2)).isEmpty();
    assertThat(source.drained()).isFalse();
    now = NOW.plusSeconds(1);
    assertThat(taken(source, 2)).as("it has not settled").isEmpty();
    now = NOW.plusSeconds(5);
    Batch batch = source.poll(10);
    assertThat(batch.continued()).isFalse();
    for (int i = 0; i < 4; i++) {
      assertThat(batch.arrivals().get(i).key()).isEqualTo("a.tar!/n" + i + ".png");
      assertThat(batch.arrivals().get(i).bytes()).asString().isEqualTo("nnnnnnnn");
    }
    commit(source, batch);
    assertThat(temp.resolve("a.tar")).doesNotExist();
  }

  @Test
  void anArchiveThatIsCutOffOrTakenAwayWhileItIsReadIsNoFaultOfItsPictures() throws IOException {
    write("a.tar", tar('o'), NOW.minusSeconds(10));
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 2)).hasSize(2);
    write("a.tar", Arrays.copyOf(tar('n'), 1024), NOW);
    Batch batch = source.poll(2);
    assertThat(batch.isEmpty()).isTrue();
    write("a.tar", tar('n'), NOW);
    now = NOW.plusSeconds(5);
    assertThat(taken(source, 2)).containsExactly("a.tar!/n0.png", "a.tar!/n1.png");
    Files.delete(temp.resolve("a.tar"));
    assertThat(source.poll(2).isEmpty()).isTrue();
    now = NOW.plusSeconds(10);
    assertThat(taken(source, 2)).isEmpty();
    assertThat(source.drained()).isTrue();
    assertThat(source.faults()).isEmpty();
  }

  private void zip(String name, String... entries) throws IOException {
    now = now.plusSeconds(1); // before that, nothing is looked for again
    try (OutputStream out = Files.newOutputStream(temp.resolve(name));
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write(entry.getBytes(StandardCharsets.UTF_8));
      }
    }
    Files.setLastModifiedTime(temp.resolve(name), FileTime.from(NOW.minusSeconds(9)));
  }

  @Test
  void takenFilesAreMovedAside() throws IOException {
    file("d/a.png", NOW.minusSeconds(10));
    FolderSource source = source(FolderSettings.After.MOVE);
    assertThat(taken(source, 10)).containsExactly("d/a.png");
    assertThat(temp.resolve(".taken/d/a.png")).exists();
    assertThat(taken(source, 10)).isEmpty();
    assertThat(source.ignored()).isEmpty();
  }

  @Test
  void anArchiveIsReadOnFromWhereItWasCommitted() throws IOException {
    zip("z.zip", "c/0.png", "c/1.png", "c/2.png", "c/3.png", "c/4.png");
    List<String> all = new ArrayList<>(taken(source(FolderSettings.After.KEEP), 2));
    source(FolderSettings.After.KEEP).poll(2); // a crash: never committed
    for (int i = 0; i < 3; i++) {
      all.addAll(taken(source(FolderSettings.After.KEEP), 2));
    }
    assertThat(all)
        .containsExactly(
            "z.zip!/c/0.png",
            "z.zip!/c/1.png",
            "z.zip!/c/2.png",
            "z.zip!/c/3.png",
            "z.zip!/c/4.png");
  }

  @Test
  void aBrokenArchiveIsOfferedAsOneFaultByItsName() throws IOException {
    file("z.zip", NOW.minusSeconds(10));
    FolderSource source = source(FolderSettings.After.MOVE);
    Batch batch = source.poll(10);
    assertThat(batch.arrivals()).hasSize(1);
    assertThat(batch.arrivals().get(0).key()).isEqualTo("z.zip");
    assertThat(batch.arrivals().get(0).fault()).isNotEmpty();
    commit(source, batch);
    assertThat(temp.resolve(".taken/z.zip")).exists();
  }

  @Test
  void aFileThatTheHeapIsTooSmallForGoesToQuarantineAndTheOthersAreTaken() throws IOException {
    for (String name : List.of("a.png", "b.png", "c.png")) {
      file(name, NOW.minusSeconds(10));
    }
    huge.add("b.png");
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).as("it is tried once more by itself").containsExactly("a.png");
    Batch batch = source.poll(10);
    commit(source, batch);
    assertThat(batch.arrivals()).extracting(Arrival::key).containsExactly("b.png", "c.png");
    assertThat(batch.arrivals())
        .extracting(Arrival::fault)
        .containsExactly("cannot be read: the Java heap is too small for it", null);
    assertThat(taken(source(FolderSettings.After.KEEP), 10)).as("after a restart").isEmpty();
  }

  @Test
  void anEntryThatTheHeapIsTooSmallForIsOfferedAsAFaultAndTheOthersAreRead() {
    List<Map.Entry<String, Image.Content>> entries =
        List.of(
            Map.entry("a.png", () -> new byte[1]),
            Map.entry(
                "b.png",
                () -> {
                  throw new OutOfMemoryError("Java heap space");
                }),
            Map.entry("c.png", () -> new byte[1]));
    OpenArchive archive = new OpenArchive(temp, "x.zip", "stamp", entries, true, 0);
    List<Arrival> first = archive.batch(10, path -> null).arrivals();
    assertThat(first).extracting(Arrival::key).containsExactly("x.zip!/a.png");
    List<Arrival> second = archive.from(1).batch(10, path -> null).arrivals();
    assertThat(second).extracting(Arrival::key).containsExactly("x.zip!/b.png", "x.zip!/c.png");
    assertThat(second.get(0).fault())
        .isEqualTo("cannot be read: the Java heap is too small for it");
  }

  @Test
  void whatFileServersKeepForThemselvesIsLearnedByNobody() throws IOException {
    for (String name :
        List.of(
            "cat/a.jpg",
            "cat/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg",
            "cat/@eaDir/a.jpg/SYNOPHOTO_THUMB_S.jpg",
            "#recycle/x.jpg",
            "$RECYCLE.BIN/S-1/y.jpg",
            "lost+found/z.jpg",
            ".taken/w.jpg",
            "._a.jpg")) {
      file(name, NOW.minusSeconds(10));
    }
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).containsExactly("cat/a.jpg");
    assertThat(source.ignored()).as("a folder once").isEqualTo(Map.of("hidden", 5L));
  }

  @Test
  void aHiddenFolderThatMayNotBeReadIsNoFault() throws IOException {
    file("a.jpg", NOW.minusSeconds(10));
    file("lost+found/z.jpg", NOW.minusSeconds(10));
    Path closed = temp.resolve("lost+found");
    assumeTrue(closed.toFile().setReadable(false) && !Files.isReadable(closed));
    FolderSource source = source(FolderSettings.After.KEEP);
    assertThat(taken(source, 10)).containsExactly("a.jpg");
    assertThat(source.faults()).isEmpty();
    assertThat(source.ignored()).isEqualTo(Map.of("hidden", 1L));
    assertThat(closed.toFile().setReadable(true)).isTrue();
  }
}
