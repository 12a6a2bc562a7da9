package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.classStream;
import static dev.millrace.learn.run.TinyRuns.only;
import static dev.millrace.learn.run.TinyRuns.set;
import static dev.millrace.learn.run.TinyRuns.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run refuses, in which words, and that nothing is lost by it. */
class RefusalTest {
  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path folder;

  @Test
  void aCheckpointWithOneByteFlippedIsRefusedInWords() throws IOException {
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    Path state = only(run.resolve("checkpoints"), ".safetensors");
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length / 2] ^= 1;
    Files.write(state, bytes);
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: expected checksum")
        .hasMessageContaining("delete it");
  }

  @Test
  void aCheckpointRecordWithOneDigitChangedIsRefusedInWords() throws IOException {
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    Path commit = only(run.resolve("checkpoints"), ".json");
    String text = Files.readString(commit);
    assertThat(text).contains("\"total\":2");
    Files.writeString(commit, text.replace("\"total\":2", "\"total\":1"));
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not fit its own checksum")
        .hasMessageContaining("delete it");
  }

  @Test
  void aResumeWithOtherSettingsIsRefused() throws IOException {
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    Path yaml = run.resolve("run.yaml");
    String text = Files.readString(yaml);
    assertThat(text).contains("temperature: 0.1");
    Files.writeString(yaml, text.replace("temperature: 0.1", "temperature: 0.2"));
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not what the run was made with: temperature: 0.2, expected 0.1")
        .hasMessageContaining("restore run.yaml");
  }

  @ParameterizedTest
  @CsvSource({
    "epochs,0,--epochs 0",
    "batch,1,--batch 1",
    "lr,0,--lr 0",
    "queue,0,--queue 0",
    "device,gpu,--device gpu",
    "mas,-1,--mas -1",
    "ewc,-1,--ewc -1",
    "cassle,-1,--cassle -1",
    "size,5000,--size 5000",
    "weight-decay,-1,--weight-decay -1",
    "dim,0,--dim 0",
  })
  void aRefusedSettingLeavesNothingBehindSoThatTheMendedCommandRuns(
      String name, String value, String words) {
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> Millrace.pretrain(classStream().with(name, value), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(words);
    assertThat(run).doesNotExist();
  }

  @Test
  void anExtensionThatIsRefusedLeavesTheFinishedRunAsItWas() throws IOException {
    Path run = folder.resolve("run");
    Millrace.Outcome before = Millrace.pretrain(tiny(set(1)).with("stream", "given"), run);
    String settings = Files.readString(run.resolve("run.yaml"));
    Path bad = folder.resolve("bad");
    TinyRuns.pictures(bad);
    Files.writeString(bad.resolve("train/a/2.ppm"), "a text that was renamed");
    assertThatThrownBy(() -> Millrace.extend(run, bad.toString(), event -> {}, () -> false))
        .hasMessageContaining("1 of the 64 pictures of chunk 2 (bad) cannot be decoded");
    assertThat(run.resolve("run.yaml")).hasContent(settings);
    assertThat(Millrace.resume(run, event -> {}, () -> false)).isEqualTo(before);
  }

  @Test
  @EnabledIf("hasAFullDisk")
  void aFullDiskStopsTheRunAndWithSpaceAgainItEndsWithTheSameBytes() throws IOException {
    Millrace.Outcome whole = Millrace.pretrain(classStream(), folder.resolve("whole"));
    Path run = folder.resolve("run");
    StopAfter two = new StopAfter(2);
    Millrace.pretrain(classStream(), run, two, two);
    // Whatever is written to /dev/full fails as on a disk without space.
    Path partial = run.resolve("checkpoints/.step-0000000003-chunk-00000.safetensors.partial");
    Files.createSymbolicLink(partial, FULL);
    assertThatThrownBy(() -> Millrace.resume(run, event -> {}, () -> false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write the checkpoint of step 3")
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("free some disk space and run `millrace resume`");
    assertThat(partial).doesNotExist();
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256())
        .isEqualTo(whole.encoderSha256());
  }

  static boolean hasAFullDisk() {
    return Files.exists(FULL);
  }

  @Test
  void weightsThatTheLastUpdateSpoiledAreNotSaved() throws IOException {
    Path run = folder.resolve("run");
    // One step an epoch and a checkpoint after each: the loss of step 0 is still finite.
    Settings settings =
        classStream()
            .with(Map.of("lr", 3e38, "weight-decay", 1e3, "batch", 64, "checkpoint-steps", 1));
    assertThatThrownBy(() -> Millrace.pretrain(settings, run))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("is no longer finite after step 1")
        .hasMessageContaining("the last checkpoint is intact");
    assertThat(run.resolve("checkpoints")).doesNotExist();
  }

  @Test
  void anExistingFolderIsRefused() throws IOException {
    Path out = Files.createDirectory(folder.resolve("there"));
    assertThatThrownBy(() -> Millrace.pretrain(classStream(), out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exists already");
    Files.createFile(out.resolve("run.yaml"));
    assertThatThrownBy(() -> Millrace.pretrain(classStream(), out))
        .hasMessageContaining("holds a run already");
  }

  @Test
  void aLossThatIsNoNumberStopsTheRunNamingTheStep() {
    assertThatThrownBy(
            () -> Millrace.pretrain(classStream().with("lr", 1e30), folder.resolve("run")))
        .isInstanceOf(DivergedException.class)
        .hasMessageMatching("the loss is \\S+ at step \\d+ \\(chunk 1, epoch \\d\\).*--lr.*");
  }
}
