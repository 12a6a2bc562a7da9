package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.app.doctor.PathExamination;
import dev.millrace.app.shared.Exit;
import dev.millrace.file.Finding;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Folders;
import dev.millrace.stream.source.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code doctor PATH}: every kind of thing that Millrace writes, whole and with one byte changed.
 */
final class DoctorIT {
  private static final String SET = "generated:images=40,test=8,classes=4,size=16";

  private record Said(int code, String out, String err) {}

  @TempDir private static Path folder;

  private static Path run;
  private static Path vectors;
  private static Path study;

  /** As the command answers, which is too slow to be started for each. */
  private static Said doctor(Path path) throws IOException {
    try {
      List<Finding> findings = PathExamination.of(path);
      return new Said(
          findings.stream().allMatch(Finding::ok) ? 0 : 1,
          findings.stream()
              .map(
                  f ->
                      "%s %s %s; %s"
                          .formatted(f.ok() ? "ok" : "WRONG", f.file(), f.found(), f.mend()))
              .collect(Collectors.joining("\n")),
          "");
    } catch (IllegalArgumentException e) {
      return new Said(Exit.code(e), "", e.getMessage());
    }
  }

  @BeforeAll
  static void everyKind() throws Exception {
    run = Tiny.trained(folder.resolve("run"));
    vectors = folder.resolve("vectors.npy");
    done("export", run, "--format", "onnx");
    done("export", run, "--format", "torchscript", "--chunk", "0");
    done(
        "export", run, "--format", "safetensors", "--out", folder.resolve("hub/model.safetensors"));
    done("embed", run, "--data", SET, "--out", vectors);
    done("search", run, "--data", SET, "--query", query(), "--threads", "1");
    Path file =
        Files.writeString(
            folder.resolve("mine.yaml"),
            """
            data:
              generated:
                set: generated:images=64;test=16;classes=4
                streams: {class: 2}
            methods: [moco-v2]
            remedies: [st]
            seeds: [1]
            settings: {width: 4, size: 16, epochs: 1, batch: 32, queue: 64}
            questions:
              - {task: knn, data: own}
            """);
    study = folder.resolve("study");
    done("study", "run", file, "--out", study, "--jobs", "1");
  }

  private static void done(Object... words) throws Exception {
    Command.done(Stream.of(words).map(Object::toString).toArray(String[]::new));
  }

  private static Path query() throws IOException {
    Path photos = Photos.flat(folder.resolve("photos"), 2, 24, 24);
    return photos.resolve("photo-0.jpg");
  }

  @Test
  void everyKindOfThingIsRecognisedAndFoundWhole() throws Exception {
    assertThat(doctor(run))
        .satisfies(said -> assertThat(said.code()).as(said.toString()).isZero())
        .extracting(Said::out)
        .asString()
        .contains("run.yaml", "encoder.onnx", "chunks/0/encoder.pt", "search/");
    for (Path path :
        List.of(
            run.resolve("encoder.onnx"),
            run.resolve("chunks/0/encoder.pt"),
            run.resolve("chunks/0/encoder.pt.sha256"),
            run.resolve("encoder.safetensors"),
            folder.resolve("hub/model.safetensors"),
            vectors,
            folder.resolve("vectors.npy.ids.jsonl"),
            index())) {
      assertThat(doctor(path))
          .satisfies(said -> assertThat(said.code()).as(path + ": " + said).isZero());
    }
    assertThat(doctor(study))
        .satisfies(said -> assertThat(said.code()).as(said.toString()).isZero())
        .extracting(Said::out)
        .asString()
        .contains("study.yaml", "1 line", "run.yaml", "encoder.safetensors");
  }

  @Test
  void theCommandAnswersByItsExitCodeItsLinesAndItsJson() throws Exception {
    JsonNode json = Command.done("doctor", vectors.toString(), "--json").json();
    assertThat(json.path("ok").asBoolean()).isTrue();
    assertThat(json.path("checks").findValuesAsText("name"))
        .containsExactly("vectors.npy", "vectors.npy.ids.jsonl", "vectors.npy.json");
    Path copy = Tiny.trained(folder.resolve("spoiled"));
    Files.writeString(copy.resolve("stream.json"), "{}");
    Command.Ended wrong = Command.run("doctor", copy.toString());
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.out().lines().filter(line -> line.startsWith("WRONG")).toList())
        .singleElement()
        .asString()
        .contains("stream.json", "damaged: expected checksum", "copies/stream.json over it");
    Command.Ended unknown = Command.run("doctor", folder.resolve("photos").toString());
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).startsWith("millrace: ").contains("nothing in it that doctor knows");
  }

  private static Path index() throws IOException {
    try (Stream<Path> all = Files.list(run.resolve("search"))) {
      return all.findFirst().orElseThrow();
    }
  }

  @Test
  void aChangedByteOfEachIsFoundByNameWithAMend() throws Exception {
    spoiled(run.resolve("encoder.onnx"), run, "encoder.onnx", "export it again with --force");
    spoiled(run.resolve("encoder.onnx"), run.resolve("encoder.onnx"), "encoder.onnx", "--force");
    Path script = run.resolve("chunks/0/encoder.pt");
    spoiled(script, script, "encoder.pt", "export it again with --force");
    spoiled(script, run, "chunks/0/encoder.pt", "export it again with --force");
    Path weights = folder.resolve("hub/model.safetensors");
    spoiled(weights, weights, "model.safetensors", "export it again with --force");
    spoiled(vectors, vectors, "vectors.npy", "embed again");
    spoiled(run.resolve("encoder.safetensors"), run, "encoder.safetensors", "resume");
    spoiled(study.resolve("LEDGER.jsonl"), study, "LEDGER.jsonl", "in line 1", "study run");
    Path inner;
    try (Stream<Path> runs = Files.list(study.resolve("runs"))) {
      inner = runs.findFirst().orElseThrow();
    }
    Path encoder = inner.resolve("encoder.safetensors");
    spoiled(encoder, study, "runs/" + inner.getFileName() + "/encoder.safetensors", "resume");
  }

  private static void spoiled(Path file, Path asked, String... words) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    byte[] other = whole.clone();
    other[other.length / 2] ^= 4;
    Files.write(file, other);
    try {
      Said said = doctor(asked);
      assertThat(said.code()).as(file + " spoiled: " + said).isEqualTo(1);
      assertThat(said.out().lines().filter(line -> line.startsWith("WRONG")).toList())
          .as(said.out())
          .anySatisfy(line -> assertThat(line).contains(words));
    } finally {
      Files.write(file, whole);
    }
  }

  @Test
  void aRunWithoutItsSettingsIsSaidToBeOneWithTheCopyToMendItFrom() throws Exception {
    Path copy = Tiny.trained(folder.resolve("without"));
    Files.delete(copy.resolve("run.yaml"));
    Said said = doctor(copy);
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err()).contains("run.yaml, which is missing", "copies/run.yaml over it");
    Files.copy(copy.resolve("copies/run.yaml"), copy.resolve("run.yaml"));
    assertThat(doctor(copy).code()).isZero();
  }

  @Test
  void anUnpackedArchiveInTheCacheIsHeldToItsSeal() throws Exception {
    Path archive = folder.resolve("set.tar.gz");
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(
            new GzipCompressorOutputStream(Files.newOutputStream(archive)))) {
      byte[] picture = Files.readAllBytes(query());
      for (int i = 0; i < 4; i++) {
        TarArchiveEntry entry = new TarArchiveEntry("a/" + i + ".jpg");
        entry.setSize(picture.length);
        tar.putArchiveEntry(entry);
        tar.write(picture);
        tar.closeArchiveEntry();
      }
    }
    Path cache = folder.resolve("cache");
    new Catalogue(null, cache).open(archive.toString(), Folders.AUTO, Need.PICTURES);
    assertThat(doctor(cache).out()).startsWith("ok").contains("as they were unpacked");
    Path tar;
    try (Stream<Path> all = Files.list(cache)) {
      tar = all.filter(f -> f.toString().endsWith(".tar")).findFirst().orElseThrow();
    }
    spoiled(tar, cache, tar.getFileName().toString(), "its archive is then unpacked again");
    spoiled(tar, tar, tar.getFileName().toString(), "delete it");
  }

  @Test
  void whatCannotBeExaminedIsNamedWithWhatCanBe() throws Exception {
    refused(run.resolve("metrics.jsonl"), "is a part of the run " + run.toAbsolutePath());
    refused(study.resolve("logs"), "is a part of the study " + study.toAbsolutePath());
    refused(folder.resolve("photos"), "nothing in it that doctor knows", "`millrace data info`");
    refused(folder, "several things to examine", run.toString(), vectors.toString());
    refused(query(), "a file of", "a run, a study's folder, an index", "`millrace data info`");
    refused(folder.resolve("none"), "does not exist; check the path");
    Path bare = Files.copy(run.resolve("encoder.onnx"), folder.resolve("photos/bare.onnx"));
    failed(bare, "has no checksum beside it, in bare.onnx.sha256", "export it again with --force");
    Path other = Files.writeString(folder.resolve("photos/weights.pth"), "no weights");
    Said said = doctor(other);
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out()).contains("WRONG", "weights.pth", "neither a safetensors file");
  }

  private static void refused(Path path, String... words) throws IOException {
    said(2, path, words);
  }

  private static void failed(Path path, String... words) throws IOException {
    said(1, path, words);
  }

  private static void said(int code, Path path, String... words) throws IOException {
    Said said = doctor(path);
    assertThat(said.code()).as(said.toString()).isEqualTo(code);
    assertThat(said.err()).contains(words);
  }
}
