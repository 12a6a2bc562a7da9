package dev.millrace.live.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Trees;
import dev.millrace.live.LiveFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunSnapshotTest {
  @TempDir private Path temp;
  private LiveFolder live;
  private Path run;
  private Map<String, String> before;

  @BeforeEach
  void learnSome() throws IOException {
    live = LiveFolder.of(temp);
    run = live.run().root();
    write("run.yaml", "chunks: 2");
    write("encoder.safetensors", "two");
    write("chunks/0/encoder.safetensors", "one");
    write("memory/chunk-00000.mem", "pictures");
    write("checkpoints/step.safetensors", "state");
    write("insight/health.json", "of two encoders");
    Files.writeString(run.resolve("metrics.jsonl"), "1\n2\n");
    Files.writeString(run.resolve("lock"), "");
    before = tree();
  }

  private void write(String name, String text) throws IOException {
    AtomicFiles.write(run.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  /** What learning does to files: those that grow are written to, all others are replaced. */
  private void learn() throws IOException {
    write("run.yaml", "chunks: 3");
    write("encoder.safetensors", "three");
    write("chunks/0/encoder.safetensors", "made anew");
    write("chunks/2/encoder.safetensors", "three");
    write("memory/chunk-00002.mem", "more");
    Files.delete(run.resolve("checkpoints/step.safetensors"));
    write("checkpoints/later.safetensors", "state");
    Files.writeString(run.resolve("metrics.jsonl"), "3\n", StandardOpenOption.APPEND);
    write("search/index/segments", "vectors");
    write("insight/health.json", "of three encoders");
    write("insight/cka.json", "of three encoders");
    write("insight.json", "of three encoders");
  }

  private Map<String, String> tree() throws IOException {
    Map<String, String> tree = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(file).toString();
        if (!name.equals("lock") && !name.startsWith("search")) {
          tree.put(name, Files.readString(file));
        }
      }
    }
    return tree;
  }

  @Test
  void theRunGoesBackToWhatItWasWithItsVectors() throws IOException {
    RunSnapshot snapshot = new RunSnapshot(live, 3);
    snapshot.take();
    learn();
    snapshot.restore();
    assertThat(tree()).as("nobody asked").isNotEqualTo(before);
    snapshot.ask();
    snapshot.restore();
    assertThat(tree()).isEqualTo(before);
    assertThat(run.resolve("search/index/segments")).exists();
    assertThat(RunSnapshot.setAside(live)).containsExactly(3);
    snapshot.noted();
    assertThat(RunSnapshot.setAside(live)).containsExactly(3);
    assertThat(RunSnapshot.all(live)).isEmpty();
  }

  @Test
  void anInsightIntoWhatIsTakenBackGoesAndThatOfBeforeIsThereAgain() throws IOException {
    RunSnapshot snapshot = new RunSnapshot(live, 3);
    snapshot.take();
    learn();
    snapshot.ask();
    snapshot.restore();
    assertThat(live.run().insightParts().resolve("health.json")).hasContent("of two encoders");
    assertThat(live.run().insightParts().resolve("cka.json")).doesNotExist();
    assertThat(live.run().insight()).doesNotExist();
  }

  @Test
  void whatKillsLeftIsSweptAndNothingElse() throws IOException {
    RunSnapshot snapshot = new RunSnapshot(live, 3);
    snapshot.take();
    AtomicFiles.write(live.aside().resolve(".000002/memory/chunk-00000.mem"), new byte[1]);
    AtomicFiles.write(live.aside().resolve("000002.gone/memory/chunk-00000.mem"), new byte[1]);
    RunSnapshot.sweep(live);
    assertThat(live.aside().resolve(".000002")).doesNotExist();
    assertThat(live.aside().resolve("000002.gone")).doesNotExist();
    assertThat(snapshot.exists()).isTrue();
    assertThat(snapshot.waits()).isFalse();
    snapshot.ask();
    assertThat(snapshot.waits()).isTrue();
  }

  @Test
  void aRunThatIsALinkIsRefusedBeforeItCouldBeLost() throws IOException {
    Path elsewhere = temp.resolve("elsewhere");
    Files.move(run, elsewhere);
    Files.createSymbolicLink(run, elsewhere);
    assertThatThrownBy(() -> RunSnapshot.require(live)).hasMessageContaining("is a link");
  }

  @Test
  void aKillBetweenAnyTwoStepsOfTheWayBackLeavesTheRestToTheNextCall() throws IOException {
    for (int steps = 0; steps < 4; steps++) {
      Trees.delete(live.aside());
      Trees.delete(run);
      learnSome();
      RunSnapshot snapshot = new RunSnapshot(live, 3);
      snapshot.take();
      learn();
      snapshot.ask();
      Path gone = live.aside().resolve("000003.gone");
      if (steps > 0) {
        Files.move(run.resolve("search"), live.aside().resolve("000003/search"));
      }
      if (steps > 1) {
        Files.move(run, gone);
      }
      if (steps > 2) {
        Files.move(live.aside().resolve("000003"), run);
      }
      snapshot.restore();
      snapshot.restore();
      assertThat(tree()).as("after %d steps", steps).isEqualTo(before);
      assertThat(run.resolve("search/index/segments")).exists();
      assertThat(gone).doesNotExist();
      assertThat(snapshot.isAsked()).isTrue();
    }
  }

  @Test
  void oneSnapshotIsKeptAndNoneOfAHalfWrittenOne() throws IOException {
    new RunSnapshot(live, 3).take();
    learn();
    Files.createDirectories(live.aside().resolve(".000004/chunks"));
    RunSnapshot next = new RunSnapshot(live, 4);
    assertThat(next.exists()).isFalse();
    next.take();
    assertThat(RunSnapshot.all(live)).containsExactly(next);
    next.discard();
    assertThat(live.aside()).isEmptyDirectory();
    next.restore();
    assertThat(live.run().encoder()).hasContent("three");
  }

  @Test
  void aRunThatSomebodyWorksInStaysAsItIs() throws IOException {
    RunSnapshot snapshot = new RunSnapshot(live, 3);
    snapshot.take();
    learn();
    snapshot.ask();
    try (FileChannel lock = LockFile.take(run.resolve("lock"))) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(snapshot::restore).hasMessageContaining("another process");
    }
    assertThat(live.run().encoder()).hasContent("three");
    snapshot.restore();
    assertThat(tree()).isEqualTo(before);
  }
}
