package dev.millrace.learn.run;

import static dev.millrace.learn.run.TinyRuns.classStream;
import static dev.millrace.learn.run.TinyRuns.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.analysis.InsightListener;
import dev.millrace.analysis.InsightRequest;
import dev.millrace.analysis.Insights;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.Probing;
import dev.millrace.file.Finding;
import dev.millrace.recipe.Extension;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Pruned;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.RunExamination;
import dev.millrace.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruneTest {
  private static final String MORE = set(7);

  @TempDir Path folder;

  /** With one checkpoint, so that nothing of older chunks is needed for another. */
  private static Settings three() {
    return classStream().with("epochs", 1).with("chunks", 3).with("keep", 1);
  }

  private static List<String> in(Path chunk) throws IOException {
    if (!Files.exists(chunk)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(chunk)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static List<Finding> wrong(Path run) throws IOException {
    return RunExamination.of(run).stream().filter(one -> !one.ok()).toList();
  }

  @Test
  void aPrunedRunIsWholeResumesAndExtendsToTheSameBytes() throws IOException {
    Path whole = folder.resolve("whole");
    Path pruned = folder.resolve("pruned");
    String encoder = Millrace.pretrain(three(), whole).encoderSha256();
    Millrace.pretrain(three(), pruned);
    Files.writeString(pruned.resolve("chunks/0/encoder.onnx"), "exported");
    Pruned gone = Millrace.prune(pruned, 1);
    assertThat(gone.chunks()).containsExactly(0, 1);
    assertThat(gone.bytes()).isPositive();
    assertThat(in(pruned.resolve("chunks/0"))).containsExactly("encoder.onnx");
    assertThat(in(pruned.resolve("chunks/1"))).isEmpty();
    assertThat(in(pruned.resolve("chunks/2"))).isEqualTo(in(whole.resolve("chunks/2")));
    assertThat(wrong(pruned)).isEmpty();
    assertThat(RunExamination.of(pruned))
        .filteredOn(one -> one.found().contains("removed by --keep-chunks or prune"))
        .extracting(Finding::file)
        .containsExactly("chunks/0", "chunks/1");
    assertThat(Millrace.resume(pruned, event -> {}, () -> false).encoderSha256())
        .isEqualTo(encoder);
    assertThat(in(pruned.resolve("chunks/1"))).isEmpty(); // not made again
    assertThat(Millrace.prune(pruned, 1).chunks()).isEmpty();
    assertThat(Millrace.extend(pruned, MORE).encoderSha256())
        .isEqualTo(Millrace.extend(whole, MORE).encoderSha256());
    assertThat(wrong(pruned)).isEmpty();
  }

  @Test
  void aRunThatKeepsOnlyTheLastChunkEqualsOneThatKeepsAll() throws IOException {
    Path all = folder.resolve("all");
    Path last = folder.resolve("last");
    String encoder = Millrace.pretrain(three(), all).encoderSha256();
    StopAfter stop = new StopAfter(1);
    Millrace.Outcome outcome =
        Millrace.pretrain(three().with("keep-chunks", "last"), last, stop, stop);
    while (outcome.stopped()) {
      outcome = Millrace.resume(last, stop.again(), stop);
    }
    assertThat(outcome.encoderSha256()).isEqualTo(encoder);
    assertThat(in(last.resolve("chunks/0"))).isEmpty();
    assertThat(in(last.resolve("chunks/1"))).isEmpty();
    assertThat(Files.readAllBytes(last.resolve("chunks/2/encoder.safetensors")))
        .isEqualTo(Files.readAllBytes(all.resolve("chunks/2/encoder.safetensors")));
    // Two from now on: that of the new chunk, and the one before it.
    Millrace.extend(last, Extension.of(MORE).with("keep-chunks", 2), event -> {}, () -> false);
    assertThat(in(last.resolve("chunks/2"))).isNotEmpty();
    assertThat(in(last.resolve("chunks/3"))).isNotEmpty();
    assertThat(wrong(last)).isEmpty();
    Millrace.resume(
        last, Resumption.unchanged().with("keep-chunks", "last"), event -> {}, () -> false);
    assertThat(in(last.resolve("chunks/2"))).isEmpty();
    assertThat(wrong(last)).isEmpty();
  }

  @Test
  void aChunkThatAnOlderCheckpointGoesOnFromStaysUntilThatIsGone() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(three().with("keep", 2).with("keep-chunks", "last"), run);
    assertThat(in(run.resolve("chunks/0"))).isEmpty();
    assertThat(in(run.resolve("chunks/1"))).isNotEmpty();
    assertThat(Millrace.prune(run, 1).chunks()).isEmpty();
    Millrace.extend(run, MORE);
    assertThat(in(run.resolve("chunks/1"))).isEmpty();
    assertThat(in(run.resolve("chunks/2"))).isNotEmpty();
    assertThat(wrong(run)).isEmpty();
  }

  private static ProbeRequest ofChunk(int chunk) {
    return ProbeRequest.of(TinyRuns.SET)
        .with(new ProbeRequest.Encoders(chunk, false, null, false, false, false, false))
        .on(1, "cpu");
  }

  @Test
  void whatWasRemovedIsRefusedInWords() throws IOException {
    Path run = folder.resolve("run");
    Millrace.pretrain(three(), run);
    Millrace.prune(run, 2);
    ProbeRequest probe = ProbeRequest.of(TinyRuns.SET);
    assertThat(Probing.probe(run, probe)).isNotEmpty();
    assertThatThrownBy(() -> Probing.probe(run, ofChunk(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--chunk 0 asks for the encoder after chunk 1 of 3")
        .hasMessageContaining("removed by --keep-chunks or `millrace prune`")
        .hasMessageContaining("--chunk 1, 2 are kept");
    assertThatThrownBy(
            () -> Insights.of(run, InsightRequest.of(1, "health"), new InsightListener() {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("insight compares the encoders after all chunks")
        .hasMessageContaining("removed by --keep-chunks or `millrace prune`");
    assertThatThrownBy(() -> Millrace.prune(run, 0)).hasMessageContaining("--keep-chunks 0");
    assertThatThrownBy(() -> three().with("keep-chunks", "none"))
        .hasMessageContaining("--keep-chunks none is none of a number from 1, all and last");
  }

  @Test
  void aKillWhileAChunkIsLetGoLeavesARunThatIsWhole() throws IOException {
    Path run = folder.resolve("run");
    String encoder = Millrace.pretrain(three(), run).encoderSha256();
    // What a kill leaves after the checksum and the record are gone.
    try (RunDirectory directory = RunDirectory.open(run)) {
      directory.seal().drop(directory.encoder(0));
    }
    Files.delete(TinyRuns.only(run.resolve("chunks/0"), ".json"));
    assertThat(wrong(run)).isEmpty();
    assertThat(Millrace.resume(run, event -> {}, () -> false).encoderSha256()).isEqualTo(encoder);
    assertThat(Millrace.prune(run, 1).chunks()).containsExactly(0, 1);
    assertThat(in(run.resolve("chunks/0"))).isEmpty();
    assertThat(wrong(run)).isEmpty();
  }
}
