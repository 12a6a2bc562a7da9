package dev.millrace.live.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.account.State;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSourceTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir private Path temp;
  private final Map<String, String> stamps = new HashMap<>();
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
      };

  private FolderSource source(FolderSettings.After after) throws IOException {
    FolderSource source =
        new FolderSource(
            "folder:x",
            new FolderSettings(temp, after, Duration.ofSeconds(2), false),
            Catalogue.standard(),
            () -> now);
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

  private void commit(FolderSource source, Batch batch) throws IOException {
    note(batch);
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
    assertThat(temp.resolve("a.png")).exists();
    FolderSource next = source(FolderSettings.After.DELETE);
    assertThat(taken(next, 10)).isEmpty();
    assertThat(temp.resolve("a.png")).doesNotExist();
    assertThat(stamps).isEmpty();
    file("a.png", NOW.minusSeconds(10));
    assertThat(taken(next, 10)).as("a new file of that name").containsExactly("a.png");
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
    try (OutputStream out = Files.newOutputStream(temp.resolve("z.zip"));
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < 5; i++) {
        zip.putNextEntry(new ZipEntry("c/" + i + ".png"));
        zip.write(i);
      }
    }
    Files.setLastModifiedTime(temp.resolve("z.zip"), FileTime.from(NOW.minusSeconds(9)));
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
}
