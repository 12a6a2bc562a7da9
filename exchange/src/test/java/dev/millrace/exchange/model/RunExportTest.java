package dev.millrace.exchange.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.evaluation.ProbeRequest;
import dev.millrace.evaluation.Probing;
import dev.millrace.exchange.Exported;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.file.Finding;
import dev.millrace.file.Sha256;
import dev.millrace.inference.Encoder;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunExportTest {
  @TempDir private static Path folder;

  private static Path run;

  @BeforeAll
  static void pretrain() throws IOException {
    run = folder.resolve("run");
    Millrace.pretrain(
        Settings.defaults("generated:images=64,test=16,classes=4")
            .with(
                Map.of(
                    "stream", "class", "chunks", 2, "width", 4, "size", 16, "epochs", 1, "batch",
                    16, "queue", 32, "threads", 1)),
        run);
    Probing.probe(run, ProbeRequest.of("generated:images=64,test=16,classes=4"));
  }

  private static ModelExport.Outcome export(Path run, Integer chunk, Format format, String data)
      throws IOException {
    return ModelExport.export(
        new ModelExport.Request(run, chunk, null, format, false, null, true, data, null, null, 1),
        new Catalogue(null, null));
  }

  @Test
  void aRunsEncoderIsComparedOnItsOwnPicturesAndItsCardTellsWhatProbesFound() throws IOException {
    ModelExport.Outcome outcome = export(run, null, Format.ONNX, null);
    assertThat(outcome.out()).isEqualTo(run.resolve("encoder.onnx"));
    assertThat(outcome.data()).isEqualTo("generated");
    assertThat(outcome.pictures()).isEqualTo(16);
    assertThat(Files.readString(outcome.card()))
        .contains("up to chunk 2 of 2 of a stream of kind `class`")
        .contains("| knn | generated:images=64,test=16,classes=4 | test | top1 |")
        .contains("model-index:");
  }

  @Test
  void answersOnASubsetAreLeftOutOfTheCardUnlessAskedForAndPlacesAlways() throws IOException {
    ProbeRequest few =
        ProbeRequest.of("generated:images=64,test=16,classes=4").withImages(8).on(1, "cpu");
    Probing.probe(run, few);
    Path log = run.resolve("probes.jsonl");
    String lines = Files.readString(log);
    String foreign =
        "{\"task\":\"knn\",\"data\":\"data/secret-place/labelled.zip\",\"split\":\"test\",\"metric\":\"top1\",\"value\":1,\"encoder_sha256\":\"%s\"}\n";
    Files.writeString(
        log, lines + foreign.formatted(Sha256.of(run.resolve("encoder.safetensors"))));
    String card = Files.readString(export(run, null, Format.SAFETENSORS, null).card());
    assertThat(card)
        .contains("trained on 64, judged on 16", "Not shown: 1 answer on", "trained_on: 64")
        .contains("labelled.zip", "not noted by the version that answered")
        .doesNotContain("trained on 8 of 64", "secret-place");
    ModelExport.Outcome all =
        ModelExport.export(
            new ModelExport.Request(
                run, null, null, Format.SAFETENSORS, false, null, true, null, null, null, 1, true),
            new Catalogue(null, null));
    assertThat(Files.readString(all.card()))
        .contains("trained on 8 of 64, judged on 16", "k 1")
        .doesNotContain("Not shown");
  }

  @Test
  void whatIsOfAnEncoderBeforeThePresentOneIsNamed() throws IOException {
    Path grown = folder.resolve("grown");
    Millrace.pretrain(
        Settings.defaults("generated:images=32;test=8;classes=4;size=16")
            .with(Map.of("width", 4, "size", 16, "epochs", 1, "batch", 16, "queue", 16))
            .with("threads", 1),
        grown);
    for (Format format : Format.values()) {
      export(grown, null, format, null);
    }
    Path vectors = grown.resolve("photos.parquet");
    Embedding.embed(embedding(grown, vectors), new Embedding.Listener() {});
    Embedding.embed(embedding(grown, grown.resolve("photos.npy")), new Embedding.Listener() {});
    assertThat(Exported.older(grown)).isEmpty();
    Millrace.extend(grown, "generated:images=32;test=8;classes=4;size=16;seed=2");
    export(grown, null, Format.SAFETENSORS, null);
    assertThat(Exported.older(grown))
        .containsExactly(
            grown.resolve("encoder.onnx"),
            grown.resolve("encoder.pt"),
            grown.resolve("photos.npy"),
            vectors);
    assertThat(Exported.findings(grown))
        .extracting(Finding::file)
        .containsExactly("encoder.onnx", "encoder.pt", "photos.npy", "photos.parquet");
    assertThatThrownBy(
            () ->
                ModelExport.export(
                    new ModelExport.Request(
                        grown, null, null, Format.ONNX, false, null, false, null, null, null, 1),
                    new Catalogue(null, null)))
        .hasMessageContaining("encoder.onnx exists already, of another encoder than this one");
  }

  private static Embedding.Request embedding(Path run, Path out) {
    return new Embedding.Request(
        run.resolve("encoder.safetensors"),
        "generated:images=32;test=8;classes=4;size=16",
        "all",
        0,
        out,
        new Encoder.Options(Precision.FP32, 0, new Device("cpu"), 1),
        0.01);
  }

  @Test
  void aChunksEncoderGoesBesideItAndHasNoOthersProbes() throws IOException {
    ModelExport.Outcome outcome = export(run, 0, Format.TORCHSCRIPT, null);
    assertThat(outcome.out()).isEqualTo(run.resolve("chunks/0/encoder.pt"));
    assertThat(Files.readString(outcome.card()))
        .contains("up to chunk 1 of 2")
        .contains("It has not been probed")
        .doesNotContain("model-index");
    assertThatThrownBy(() -> export(run, 2, Format.ONNX, null))
        .hasMessage("--chunk 2 is none of the run's chunks, counted from 0: 0 … 1");
  }

  @Test
  void whereTheRunsDataIsGoneGeneratedPicturesServeAndThatIsSaid() throws IOException {
    Path other = copy("gone", "generated:images=64,test=16,classes=4", "/no/such/photos");
    ModelExport.Outcome outcome = export(other, null, Format.ONNX, null);
    assertThat(outcome.data())
        .startsWith("generated (the run's own set photos is not where the run took it");
    assertThat(outcome.data()).doesNotContain("/no");
    assertThat(Files.readString(outcome.card()))
        .contains("pre-trains image encoders on streams of pictures, trained it on photos")
        .doesNotContain("trained it on /no");
  }

  @Test
  void anUnfinishedRunSaysHowToFinishIt() throws IOException {
    Path other = copy("unfinished", "", "");
    Files.delete(other.resolve("encoder.safetensors"));
    assertThatThrownBy(() -> export(other, null, Format.ONNX, null))
        .hasMessage(
            "%s has no encoder.safetensors yet; finish it with `millrace resume %s`, or name a finished chunk with --chunk",
            other, other);
  }

  private static Path copy(String name, String word, String by) throws IOException {
    Path other = Files.createDirectory(folder.resolve(name));
    Files.writeString(
        other.resolve("run.yaml"), Files.readString(run.resolve("run.yaml")).replace(word, by));
    Files.copy(run.resolve("encoder.safetensors"), other.resolve("encoder.safetensors"));
    return other;
  }
}
