package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;
import static dev.millrace.file.Yaml.YAML;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Reason;
import dev.millrace.file.Seal;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunDirectory;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * run.yaml and stream.json: written before any native library loads, read by resume and extend.
 * Both are sealed and kept twice, the second time in {@code copies/}.
 */
public final class RunFiles {
  /** How fast the call was that finished a run; asked again, a finished run answers the same. */
  record Finish(double seconds, double imagesPerSecond) {}

  private RunFiles() {}

  /** What a finished run left of its finish; null before. */
  static Finish finish(RunDirectory directory) throws IOException {
    Path file = directory.finish();
    if (!Files.exists(file)) {
      return null;
    }
    String mend = "delete it: it only says how fast the call was that finished the run";
    directory.seal().require(file, mend);
    try {
      return JSON.readValue(file.toFile(), Finish.class);
    } catch (JacksonException e) {
      throw new IOException(file + " is damaged: " + e.getOriginalMessage() + "; " + mend, e);
    } catch (IOException e) {
      throw Reason.named(file, e);
    }
  }

  static void write(RunDirectory directory, Finish finish) throws IOException {
    directory.seal().drop(directory.finish());
    AtomicFiles.write(directory.finish(), JSON.writeValueAsBytes(finish));
    directory.seal().add(directory.finish());
  }

  /**
   * A run's settings, of a run that need not be locked.
   *
   * @throws IOException if run.yaml is not as it was written; what no result depends on, such as
   *     where data lies, may be edited by hand
   */
  static Settings settings(Path run) throws IOException {
    RunFolder folder = RunFolder.of(run);
    Path file = folder.settings();
    Path copy = folder.copy(file);
    Seal seal = Seal.of(run);
    if (seal.fits(file)) {
      return Settings.read(file);
    }
    boolean mendable = seal.holds(copy) && seal.fits(copy);
    String mend =
        mendable
            ? "copy %s over it".formatted(copy)
            : "bring it back as it was when it was written";
    Settings found;
    try {
      found = Settings.read(file);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(Reason.whole(e) + "; " + mend, e);
    }
    if (!mendable) {
      seal.require(file, mend);
    }
    String difference = difference(found, Settings.read(copy));
    for (String field : List.of("/data/fingerprint", "/init/kept-sha256")) {
      String is = tree(file).at(field).asText();
      String was = tree(copy).at(field).asText();
      if (difference.isEmpty() && !is.equals(was)) {
        difference = "%s %s, expected %s".formatted(field.substring(1), is, was);
      }
    }
    if (!difference.isEmpty()) {
      throw new IOException(
          "%s is not what the run was made with: %s; restore run.yaml: %s"
              .formatted(file, difference, mend));
    }
    return found;
  }

  private static JsonNode tree(Path yaml) throws IOException {
    return YAML.readTree(yaml.toFile());
  }

  /** How settings differ in what a result depends on; empty if they do not. */
  private static String difference(Settings found, Settings made) {
    Map<String, Object> is = SettingsV1.published(found);
    Map<String, Object> was = SettingsV1.published(made);
    List<String> differences = new ArrayList<>();
    Set<String> names = new TreeSet<>(was.keySet());
    names.addAll(is.keySet()); // what says nothing new is left out of either
    for (String name : names) {
      if (!Objects.equals(was.get(name), is.get(name))) {
        differences.add(
            "%s: %s, expected %s".formatted(name, word(found, name, is), word(made, name, was)));
      }
    }
    if (found.history().extensions().size() != made.history().extensions().size()) {
      differences.add(
          "%d extensions, expected %d"
              .formatted(found.history().extensions().size(), made.history().extensions().size()));
    }
    return String.join(", ", differences);
  }

  private static Object word(Settings of, String name, Map<String, Object> published) {
    return published.getOrDefault(name, of.asMap().get(name));
  }

  static void write(RunDirectory directory, Settings settings, RunChunks chunks)
      throws IOException {
    ObjectNode stream = JSON.createObjectNode();
    stream.put("order", settings.stream().order().word());
    stream.set("classes", JSON.valueToTree(chunks.classes()));
    stream.set("chunks", JSON.valueToTree(chunks.entries()));
    ObjectNode run = JSON.createObjectNode();
    ObjectNode versions = run.putObject("versions");
    versions.put("millrace", Versions.millrace());
    versions.put("java", Runtime.version().toString());
    versions.put("libtorch", Versions.of("pytorch"));
    versions.put("opencv", Versions.of("opencv"));
    run.putObject("data")
        .put("fingerprint", chunks.fingerprint())
        .put("images", chunks.entries().stream().mapToInt(ChunkEntry::images).sum());
    if (!settings.encoder().init().isEmpty() && Files.exists(directory.init())) {
      run.putObject("init")
          .put("sha256", settings.history().initSha256())
          .put("kept", directory.init().getFileName().toString())
          .put("kept-sha256", Sha256.of(directory.init()));
    }
    run.set("settings", JSON.valueToTree(SettingsFile.written(settings)));
    List<Path> names = chunks.keepNames(directory.root());
    directory.seal().add(names.toArray(Path[]::new));
    replace(
        directory,
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(stream),
        YAML.writeValueAsBytes(run));
  }

  /** The two files are one commit: unsealed as long as one of them may be new and the other old. */
  private static void replace(RunDirectory directory, byte[] stream, byte[] run)
      throws IOException {
    Path[] files = {
      directory.stream(),
      directory.settings(),
      directory.copy(directory.stream()),
      directory.copy(directory.settings())
    };
    directory.seal().drop(files);
    AtomicFiles.write(files[2], stream);
    AtomicFiles.write(files[3], run);
    AtomicFiles.write(files[0], stream);
    AtomicFiles.write(files[1], run);
    directory.seal().add(files);
    directory.seal().add(directory.init());
  }

  /** Checksum of the weights that a run keeps to start from. */
  static String keptInit(RunDirectory directory) throws IOException {
    return YAML.readTree(directory.settings().toFile()).path("init").path("kept-sha256").asText();
  }

  public static RunChunks chunks(RunDirectory directory, Settings settings) throws IOException {
    return chunks(directory, settings, Catalogue.standard(), () -> false);
  }

  /**
   * The chunks of a run, whose sets are opened by a catalogue when their turn comes.
   *
   * @param stop asked while a set is opened; true ends that by a {@link
   *     java.util.concurrent.CancellationException}
   */
  public static RunChunks chunks(
      RunDirectory directory, Settings settings, Catalogue catalogue, BooleanSupplier stop)
      throws IOException {
    Path file = directory.stream();
    Path copy = directory.copy(file);
    String mend = mend(directory, file, copy);
    directory.seal().require(file, mend);
    List<ChunkEntry> entries = new ArrayList<>();
    try {
      for (JsonNode chunk : JSON.readTree(file.toFile()).path("chunks")) {
        entries.add(JSON.treeToValue(chunk, ChunkEntry.class));
      }
    } catch (JacksonException e) {
      throw new IOException(
          "%s is damaged: %s; %s".formatted(file, e.getOriginalMessage(), mend), e);
    } catch (IOException e) {
      throw new IOException("%s cannot be read: %s; %s".formatted(file, Reason.of(e), mend), e);
    }
    // A killed extend may have listed a chunk that run.yaml does not know yet: it never began.
    while (entries.size() > settings.stream().chunks()) {
      entries.remove(entries.size() - 1);
    }
    if (entries.size() < settings.stream().chunks()) {
      throw new IOException(
          "%s lists %d chunks, but run.yaml says %d; restore the two files together: %s"
              .formatted(file, entries.size(), settings.stream().chunks(), mend));
    }
    RunChunks chunks = RunChunks.known(settings, directory.root(), catalogue, stop, entries);
    String made = tree(directory.settings()).at("/data/fingerprint").asText();
    if (!made.isEmpty() && !made.equals(chunks.fingerprint())) {
      throw new IOException(
          "%s describes other data than run.yaml: its chunks have the fingerprint %.12s, expected %.12s; restore the two files together: %s"
              .formatted(file, chunks.fingerprint(), made, mend));
    }
    return chunks;
  }

  private static String mend(RunDirectory directory, Path file, Path copy) throws IOException {
    if (directory.seal().holds(copy) && directory.seal().fits(copy)) {
      return "copy %s over it".formatted(copy);
    }
    return Files.exists(directory.folder().chunks())
            || Files.exists(directory.checkpoints())
            || Files.exists(directory.encoder())
        ? "bring %s back from a copy of yours; what the run has learned is in its chunks/ and can be probed and exported as it is"
            .formatted(file.getFileName())
        : "the run has learned nothing yet: delete it and start again";
  }
}
