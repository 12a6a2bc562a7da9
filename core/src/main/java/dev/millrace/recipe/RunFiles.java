package dev.millrace.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** run.yaml and stream.json: written before any native library loads, read by resume and extend. */
final class RunFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER));

  /** How fast the call was that finished a run; asked again, a finished run answers the same. */
  record Finish(double seconds, double imagesPerSecond) {}

  private RunFiles() {}

  /** What a finished run left of its finish; null before. */
  static Finish finish(RunDirectory directory) throws IOException {
    return java.nio.file.Files.exists(directory.finish())
        ? JSON.readValue(directory.finish().toFile(), Finish.class)
        : null;
  }

  static void write(RunDirectory directory, Finish finish) throws IOException {
    AtomicFiles.write(directory.finish(), JSON.writeValueAsBytes(finish));
  }

  static void write(RunDirectory directory, Settings settings, RunChunks chunks)
      throws IOException {
    ObjectNode stream = JSON.createObjectNode();
    stream.put("order", settings.stream());
    stream.set("classes", JSON.valueToTree(chunks.classes()));
    stream.set("chunks", JSON.valueToTree(chunks.entries()));
    AtomicFiles.write(
        directory.stream(), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(stream));
    ObjectNode run = JSON.createObjectNode();
    ObjectNode versions = run.putObject("versions");
    versions.put("millrace", Versions.millrace());
    versions.put("java", Runtime.version().toString());
    versions.put("libtorch", Versions.of("pytorch"));
    versions.put("opencv", Versions.of("opencv"));
    run.putObject("data")
        .put("fingerprint", chunks.fingerprint())
        .put("images", chunks.entries().stream().mapToInt(RunChunks.Entry::images).sum());
    if (!settings.init().isEmpty() && java.nio.file.Files.exists(directory.init())) {
      run.putObject("init")
          .put("sha256", settings.initSha256())
          .put("kept", directory.init().getFileName().toString())
          .put("kept-sha256", Sha256.of(directory.init()));
    }
    run.set("settings", JSON.valueToTree(settings.asMap()));
    AtomicFiles.write(directory.settings(), YAML.writeValueAsBytes(run));
  }

  /** Checksum of the weights that a run keeps to start from. */
  static String keptInit(RunDirectory directory) throws IOException {
    return YAML.readTree(directory.settings().toFile()).path("init").path("kept-sha256").asText();
  }

  static RunChunks chunks(RunDirectory directory, Settings settings) throws IOException {
    JsonNode stream;
    try {
      stream = JSON.readTree(directory.stream().toFile());
    } catch (IOException e) {
      throw new IOException(
          directory.stream()
              + " cannot be read: "
              + e.getMessage()
              + "; the run did not get past its beginning: delete it and start again",
          e);
    }
    List<RunChunks.Entry> entries = new ArrayList<>();
    for (JsonNode chunk : stream.path("chunks")) {
      entries.add(JSON.treeToValue(chunk, RunChunks.Entry.class));
    }
    // A killed extend may have listed a chunk that run.yaml does not know yet: it never began.
    while (entries.size() > settings.chunks()) {
      entries.remove(entries.size() - 1);
    }
    if (entries.size() < settings.chunks()) {
      throw new IOException(
          "%s lists %d chunks, but run.yaml says %d; restore the two files together"
              .formatted(directory.stream(), entries.size(), settings.chunks()));
    }
    return RunChunks.known(settings, entries);
  }
}
