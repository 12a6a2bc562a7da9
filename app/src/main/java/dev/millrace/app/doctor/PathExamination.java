package dev.millrace.app.doctor;

import dev.millrace.engine.NativeCache;
import dev.millrace.engine.Safetensors;
import dev.millrace.engine.StateDict;
import dev.millrace.engine.StoredTensor;
import dev.millrace.exchange.Exported;
import dev.millrace.exchange.embed.Embedding;
import dev.millrace.exchange.embed.VectorWriter;
import dev.millrace.exchange.model.ModelExport;
import dev.millrace.exchange.search.PictureSearch;
import dev.millrace.file.Finding;
import dev.millrace.file.Reason;
import dev.millrace.file.Seal;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.recipe.RunExamination;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.CacheExamination;
import dev.millrace.study.StudyExamination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Finds out what lies at a path, and reads all of it again as what it is. Changes nothing; needs
 * nothing native.
 */
public final class PathExamination {
  private static final String KINDS =
      "a run, a study's folder, an index, an embedding, an exported model, an encoder file or a cache";

  /** How deep a part may lie in its run or study. */
  private static final int DEPTH = 4;

  private PathExamination() {}

  /**
   * Examines what lies at a path.
   *
   * @throws IllegalArgumentException if it is nothing that can be examined: what it is then, and
   *     what to give instead
   * @throws IOException if checksums are damaged themselves, or another process works there
   */
  public static List<Finding> of(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw UsageException.ofWord(path + " does not exist; check the path");
    }
    return Files.isDirectory(path) ? folder(path) : file(path);
  }

  private static List<Finding> folder(Path path) throws IOException {
    if (isRun(path)) {
      return run(path);
    }
    if (StudyExamination.isStudy(path)) {
      return StudyExamination.of(path);
    }
    if (PictureSearch.isIndex(path)) {
      return PictureSearch.examine(path);
    }
    if (NativeCache.isCache(path)) {
      return natives(path);
    }
    if (CacheExamination.isOf(path)) {
      return CacheExamination.of(path);
    }
    refusePart(path);
    List<String> inside = new ArrayList<>();
    try (Stream<Path> all = Files.list(path)) {
      for (Path one : all.sorted().toList()) {
        if (Files.isDirectory(one) && (isRun(one) || StudyExamination.isStudy(one))
            || Seal.ofRecord(one) != null) {
          inside.add((Seal.ofRecord(one) == null ? one : Seal.ofRecord(one)).toString());
        }
      }
    }
    throw UsageException.ofWord(
        inside.isEmpty()
            ? "%s is a folder with nothing in it that doctor knows; it examines %s; pictures are examined by `millrace data info`"
                .formatted(path, KINDS)
            : "%s holds several things to examine; give one of them: %s"
                .formatted(path, String.join(", ", inside)));
  }

  private static boolean isRun(Path path) {
    RunFolder run = RunFolder.of(path);
    return run.isRun() || Files.exists(run.copy(run.settings()));
  }

  /** A run with what searches and exports put into it. */
  private static List<Finding> run(Path run) throws IOException {
    List<Finding> findings = new ArrayList<>(RunExamination.of(run));
    findings.addAll(Exported.findings(run));
    for (Path index : folders(RunFolder.of(run).search())) {
      if (PictureSearch.isIndex(index)) {
        findings.addAll(named(RunFolder.of(run).name(index), PictureSearch.examine(index)));
      }
    }
    List<Path> places = new ArrayList<>(List.of(run));
    places.addAll(folders(RunFolder.of(run).chunks()));
    for (Path place : places) {
      for (Path record : records(place)) {
        Path file = Seal.ofRecord(record);
        for (Finding one : sealed(file)) {
          String name = run.relativize(place.resolve(one.file())).toString();
          findings.add(new Finding(name, one.ok(), one.found(), one.mend()));
        }
      }
    }
    return findings;
  }

  private static List<Finding> named(String name, List<Finding> findings) {
    return findings.stream()
        .map(one -> new Finding(name, one.ok(), one.found(), one.mend()))
        .toList();
  }

  private static List<Path> folders(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(path)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static List<Path> records(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(f -> Files.isRegularFile(f) && Seal.ofRecord(f) != null).sorted().toList();
    }
  }

  private static List<Finding> natives(Path cache) throws IOException {
    List<Finding> findings = new ArrayList<>();
    for (Path file : NativeCache.damaged(cache)) {
      findings.add(
          Finding.bad(
              cache.relativize(file).toString(),
              "differs from the one in the jar",
              "remove %s; the next start unpacks the libraries again".formatted(cache)));
    }
    return findings.isEmpty()
        ? List.of(Finding.ok("natives", "as they are in the jars"))
        : findings;
  }

  private static List<Finding> file(Path path) throws IOException {
    Path sealed = Seal.ofRecord(path) == null ? recorded(path) : Seal.ofRecord(path);
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    if (sealed != null) {
      return sealed(sealed);
    }
    if (name.endsWith(".safetensors")) {
      return encoder(path);
    }
    if (CacheExamination.isOf(path)) {
      return CacheExamination.of(path);
    }
    refusePart(path);
    if (name.endsWith(".onnx")) {
      return ModelExport.examine(path);
    }
    if (VectorWriter.formats().keySet().stream().anyMatch(name::endsWith)) {
      return Embedding.examine(path);
    }
    if (name.endsWith(".unfinished")) {
      throw UsageException.ofWord(
          path
              + " is an embedding that is not finished; the `millrace embed` that began it holds each part to its checksum and continues");
    }
    if (name.matches(".*\\.(pt|pth|ckpt|bin|torch)")) {
      return foreign(path);
    }
    throw UsageException.ofWord(
        "%s is a file of %d bytes that doctor does not know; it examines %s; pictures and archives of them are examined by `millrace data info`"
            .formatted(path, Files.size(path), KINDS));
  }

  /** The file whose record beside it holds this one; null if none does. */
  private static Path recorded(Path path) throws IOException {
    if (Files.exists(Seal.recordOf(path))) {
      return path;
    }
    Path absolute = path.toAbsolutePath();
    for (Path record : records(absolute.getParent())) {
      Path of = Seal.ofRecord(record);
      if (absolute.getFileName().toString().startsWith(of.getFileName() + ".")
          && Files.exists(of)) {
        return of;
      }
    }
    return null;
  }

  private static List<Finding> sealed(Path file) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return VectorWriter.formats().keySet().stream().anyMatch(name::endsWith)
        ? Embedding.examine(file)
        : ModelExport.examine(file);
  }

  private static List<Finding> encoder(Path path) {
    String name = path.getFileName().toString();
    try {
      return List.of(
          Finding.ok(
              name,
              Safetensors.intact(path)
                  ? "as it was written"
                  : "readable; it carries no checksum, so its numbers cannot be checked"));
    } catch (IOException e) {
      return List.of(
          Finding.bad(name, Reason.whole(e), "take an intact copy; a run makes its own again"));
    }
  }

  /** Weights of another program, whose format has checksums where that program wrote them. */
  private static List<Finding> foreign(Path path) {
    String name = path.getFileName().toString();
    try {
      StateDict dict = StateDict.open(path);
      for (StoredTensor tensor : dict.tensors().values()) {
        if (tensor.type().floating() && !tensor.repeats()) {
          tensor.floats();
        }
      }
      return List.of(
          Finding.ok(
              name,
              dict.tensors().size()
                  + " tensors, all readable; whether the file has checksums is up to what wrote it"));
    } catch (IOException e) {
      return List.of(
          Finding.bad(
              name, Reason.whole(Reason.named(path, e)), "bring an intact file of a state dict"));
    }
  }

  /** A part of something is examined with the rest of it. */
  private static void refusePart(Path path) {
    Path above = path.toAbsolutePath().normalize().getParent();
    for (int i = 0; i < DEPTH && above != null; i++, above = above.getParent()) {
      boolean run = isRun(above);
      if (run || StudyExamination.isStudy(above)) {
        throw UsageException.ofWord(
            "%s is a part of the %s %s, and examined with it; give that path"
                .formatted(path, run ? "run" : "study", above));
      }
    }
  }
}
