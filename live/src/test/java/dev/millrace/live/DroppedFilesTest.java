package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.file.Trees;
import dev.millrace.live.account.Account;
import dev.millrace.live.account.Kept;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.FolderSettings;
import dev.millrace.live.source.FolderSource;
import dev.millrace.live.source.Source;
import dev.millrace.stream.source.Catalogue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Histories of a folder whose files are deleted when they are taken: files and archives are
 * dropped, replaced and offered again, some are broken or nearly equal, the process dies before any
 * write. After each event every picture is in the folder, in {@code .taken}, or in a chunk.
 */
class DroppedFilesTest {
  private static final List<CloseRule> RULES = CloseRule.parse("count=5,time=60s", Map.of());
  private static final int EVENTS = 8;
  private static final int BOUND = 12;

  @Property(tries = 60)
  void nothingIsLostWhateverHappensWhen(
      @ForAll @Size(min = 5, max = 50) List<@IntRange(max = 8 * 64 - 1) Integer> history,
      @ForAll boolean sampling)
      throws IOException {
    Path folder = Files.createTempDirectory("dropped");
    try (Account account = Account.inMemory()) {
      History run =
          new History(
              account,
              folder,
              sampling ? IngestSettings.Overflow.SAMPLE : IngestSettings.Overflow.BLOCK);
      for (int event : history) {
        run.happen(event % EVENTS, event / EVENTS);
        run.check();
      }
      run.settle();
    } finally {
      Trees.delete(folder);
    }
  }

  private static byte[] content(int id) {
    return ByteBuffer.allocate(4).putInt(id).array();
  }

  private static int id(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getInt();
  }

  /** One live run, over all its processes. */
  private static final class History {
    private final Account account;
    private final Path folder;
    private final IngestSettings settings;
    private final MemorySpool spool = new MemorySpool();

    /** All that was dropped and not written over by whoever drops. */
    private final Set<Integer> owed = new HashSet<>();

    /** What a sample accepted once. */
    private final Set<Integer> accepted = new HashSet<>();

    /** How many others a sample never accepted. */
    private long leftOut;

    private long now = 1;
    private int drops;
    private int learned;
    private boolean replace;
    private Ingest ingest;
    private Source source;

    History(Account account, Path folder, IngestSettings.Overflow overflow) throws IOException {
      this.account = account;
      this.folder = folder;
      settings =
          new IngestSettings(BOUND, 1 << 20, overflow, 1000, NearDuplicates.Rule.parse("drop"), 3);
      start();
    }

    private void start() throws IOException {
      source = new Dying(folderSource());
      ingest =
          new Ingest(
              account,
              spool,
              new MemoryRun(spool),
              List.of(source),
              RULES,
              settings,
              // One in 11 is broken, and one in 7 looks like the one before it.
              bytes ->
                  new Look(
                      id(bytes) % 11 == 7 ? "it is broken" : null,
                      print(id(bytes) - (id(bytes) % 7 == 0 ? 1 : 0))),
              () -> Instant.ofEpochSecond(now),
              event -> {});
      ingest.begin();
    }

    /** Numbers of which half agree between any two ids. */
    private static float[] print(int id) {
      long bits = id * 0x9E3779B97F4A7C15L;
      float[] print = new float[Long.SIZE];
      for (int i = 0; i < print.length; i++) {
        print[i] = (bits >> i & 1) == 0 ? 0.125f : -0.125f;
      }
      return print;
    }

    private FolderSource folderSource() {
      return new FolderSource(
          "folder",
          new FolderSettings(folder, FolderSettings.After.DELETE, Duration.ZERO, false),
          Catalogue.standard(),
          () -> Instant.ofEpochSecond(now));
    }

    void happen(int event, int with) throws IOException {
      try {
        switch (event) {
          case 0, 1 -> drop("f" + with % 16 + ".png", content(with), with);
          case 2 -> archive(with);
          case 3 -> ingest.step();
          case 4 -> {
            spool.crashIn = with % 16;
            ingest.step();
            throw new MemorySpool.Crash();
          }
          case 5 -> now += with;
          case 6 -> replace = true;
          default -> {
            learned = Math.min(learned + 1, account.chunks().closed().size());
            account.chunks().learned(learned);
          }
        }
      } catch (MemorySpool.Crash e) {
        spool.crashIn = -1;
        spool.lose(with);
        start();
      }
    }

    /** A name that is taken is not written over here. */
    private void drop(String name, byte[] bytes, int... ids) throws IOException {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        return;
      }
      write(file, bytes);
      for (int id : ids) {
        owed.add(id);
      }
    }

    private void write(Path file, byte[] bytes) throws IOException {
      Files.write(file, bytes);
      Files.setLastModifiedTime(file, FileTime.fromMillis(++drops));
    }

    /** Some hold something else, which is stored nowhere. */
    private void archive(int with) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int[] ids = {with, 100 + with, 200 + with, 1000 + with};
      try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
        for (int i = 0; i < (with % 4 == 0 ? 4 : 3); i++) {
          zip.putNextEntry(new ZipEntry(i < 3 ? i + ".png" : "notes.txt"));
          zip.write(content(ids[i]));
        }
      }
      drop(
          "z" + with % 4 + ".zip",
          bytes.toByteArray(),
          with % 4 == 0 ? ids : new int[] {ids[0], ids[1], ids[2]});
    }

    /** Nothing more goes wrong. */
    void settle() throws IOException {
      for (int i = 0; i < 5 || i < 200 && !ingest.drained(); i++) {
        now += 2;
        ingest.step();
        learned = account.chunks().closed().size();
        account.chunks().learned(learned);
        check();
      }
      assertThat(ingest.drained()).isTrue();
      try (Stream<Path> left = Files.list(folder)) {
        assertThat(left.map(file -> file.getFileName().toString()))
            .as("all is taken")
            .isSubsetOf(".taken");
      }
    }

    void check() throws IOException {
      Set<Integer> there = new HashSet<>();
      for (Kept one : account.pending()) {
        assertThat(spool.durable(one.place().at(), one.place().length())).isTrue();
        there.add(id(spool.read(one.place().at(), one.place().length())));
      }
      spool.chunks.forEach((number, file) -> file.values().forEach(bytes -> there.add(id(bytes))));
      if (settings.overflow() == IngestSettings.Overflow.SAMPLE) {
        accepted.addAll(there);
        Set<Integer> gone = new HashSet<>(accepted);
        gone.removeAll(there);
        assertThat(gone.size())
            .as("gone: no more than gave way to others")
            .isLessThanOrEqualTo((int) (account.counts().of(State.SAMPLED_OUT) - leftOut));
        there.addAll(accepted);
      }
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          byte[] bytes = Files.readAllBytes(file);
          there.addAll(bytes.length == 4 ? List.of(id(bytes)) : inZip(bytes));
        }
      }
      assertThat(there).as("nothing is lost").containsAll(owed);
    }

    private static List<Integer> inZip(byte[] bytes) throws IOException {
      List<Integer> ids = new ArrayList<>();
      try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
        while (zip.getNextEntry() != null) {
          ids.add(id(zip.readAllBytes()));
        }
      }
      return ids;
    }

    /** The folder, read by a process that may die before and after anything that it does. */
    private final class Dying implements Source {
      private final FolderSource folderSource;

      Dying(FolderSource folderSource) {
        this.folderSource = folderSource;
      }

      @Override
      public String name() {
        return folderSource.name();
      }

      @Override
      public void open(Memory memory) throws IOException {
        folderSource.open(memory);
      }

      @Override
      public Batch poll(int most) throws IOException {
        spool.call();
        return folderSource.poll(most);
      }

      @Override
      public void committed(Batch batch, List<State> states) throws IOException {
        leftOut += Collections.frequency(states, State.SAMPLED_OUT);
        for (String key : batch.stamps().keySet()) {
          if (replace && key.endsWith(".png") && Files.exists(folder.resolve(key))) {
            // Whoever drops writes over a file that is read already, and so takes it away.
            replace = false;
            owed.remove(id(Files.readAllBytes(folder.resolve(key))));
            int id = 500 + drops;
            write(folder.resolve(key), content(id));
            owed.add(id);
          }
        }
        spool.call();
        folderSource.committed(batch, states);
        spool.call();
      }

      @Override
      public boolean drained() {
        return folderSource.drained();
      }

      @Override
      public void close() {
        folderSource.close();
      }
    }
  }
}
