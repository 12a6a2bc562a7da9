package dev.millrace.exchange.embed;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.LockFile;
import dev.millrace.file.Padded;
import dev.millrace.file.Seal;
import dev.millrace.file.Trees;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of Parquet files, one per partition. Names that begin with {@code _} are passed over by
 * whoever reads such folders; {@code _SUCCESS} is written last.
 *
 * @param root the folder
 */
record PartitionFolder(Path root) {
  static final String WORK = "_work";

  private static final String REQUEST = "request";
  private static final String IDENTITY = "identity";

  Path file(int part) {
    return root.resolve(Partitions.name(part));
  }

  Path about() {
    return root.resolve("_embedding.json");
  }

  Path success() {
    return root.resolve("_SUCCESS");
  }

  Path quarantine() {
    return root.resolve("_quarantine.jsonl");
  }

  Path record(int part) {
    return records().resolve(Padded.of(part, 5) + ".json");
  }

  Path log(int part) {
    return logs().resolve(Padded.of(part, 5) + ".log");
  }

  Path scratch() {
    return root.resolve("_spark");
  }

  private Path records() {
    return root.resolve("_parts");
  }

  private Path held() {
    return root.resolve("_lock");
  }

  private Path logs() {
    return root.resolve("_logs");
  }

  private Path sums() {
    return root.resolve("_SHA256SUMS");
  }

  /** Takes the folder for one call; the caller closes the lock. */
  FileChannel lock() throws IOException {
    Files.createDirectories(root);
    FileChannel lock = LockFile.take(held());
    if (lock == null) {
      throw UsageException.of(
          "--out",
          ": another process is working on "
              + root
              + "; wait for it or stop it, then give the same command again");
    }
    return lock;
  }

  /**
   * Refuses a folder that is finished, or holds other things.
   *
   * @throws IllegalArgumentException if it is
   */
  void requireFree() throws IOException {
    if (Files.exists(success())) {
      throw UsageException.of(
          "--out", root + " is complete already; choose another folder, or remove it");
    }
    if (Files.exists(root) && !Files.isDirectory(root)) {
      throw UsageException.of(
          "--out", root + " is a file, and partitions need a folder; choose another");
    }
    if (Files.isDirectory(root) && !Files.exists(about())) {
      try (Stream<Path> all = Files.list(root)) {
        if (all.anyMatch(file -> !file.getFileName().toString().startsWith("_"))) {
          throw UsageException.of(
              "--out", root + " holds other files; choose a folder that is empty or not there");
        }
      }
    }
  }

  /**
   * Begins, or makes sure that what was begun is the same.
   *
   * @param request as {@link #request} will read it
   * @param identity by name, what the files depend on
   * @throws IllegalArgumentException if it was begun as another embedding
   */
  void begin(JsonNode request, Map<String, String> identity) throws IOException {
    ObjectNode about = JSON.createObjectNode();
    about.set(REQUEST, request);
    about.set(IDENTITY, JSON.valueToTree(identity));
    AtomicFiles.write(about(), JSON.writeValueAsBytes(about));
    AtomicFiles.folders(records());
  }

  /**
   * Whether pictures have other sizes than when it was begun, which those of mended ones may.
   *
   * @throws IllegalArgumentException if it was begun as another embedding
   */
  boolean changed(Map<String, String> identity) throws IOException {
    if (!Files.exists(about())) {
      return false;
    }
    Map<String, String> then = identity();
    List<String> other = new ArrayList<>();
    identity.forEach(
        (name, now) -> {
          if (!now.equals(then.get(name)) && !name.equals(JournalIdentity.SIZES)) {
            other.add("%s is %s there and %s now".formatted(name, then.get(name), now));
          }
        });
    if (!other.isEmpty()) {
      throw another(String.join("; ", other));
    }
    String sizes = JournalIdentity.SIZES;
    return !Objects.equals(identity.get(sizes), then.get(sizes));
  }

  private UsageException another(String how) {
    return UsageException.of(
        "--out",
        ": %s is the beginning of another embedding: %s; give the command it was begun with, remove it to start over, or choose another --out"
            .formatted(root, how));
  }

  IllegalArgumentException otherSizes() {
    return another("pictures that were good have other sizes now");
  }

  /** Has a partition made again. */
  void forget(int part) throws IOException {
    Files.deleteIfExists(record(part)); // first: a file without it counts for nothing
    Files.deleteIfExists(file(part));
  }

  /** What the call that began it was asked. */
  JsonNode request() throws IOException {
    return JSON.readTree(about().toFile()).path(REQUEST);
  }

  /** What it is of. */
  Map<String, String> identity() throws IOException {
    return JSON.convertValue(
        JSON.readTree(about().toFile()).path(IDENTITY),
        new TypeReference<TreeMap<String, String>>() {});
  }

  /** Whether a partition is done: its file and what became of it are there. */
  boolean done(int part) {
    return Files.exists(record(part)) && Files.exists(file(part));
  }

  /**
   * Writes what stands beside the files, takes away what only the work needed, and marks the folder
   * as complete; after a kill in its midst an equal call does all of it again.
   *
   * @param parts by partition
   * @param words about the whole
   */
  void finish(List<PartitionRecord> parts, Map<String, Object> words) throws IOException {
    Map<Path, String> known = new TreeMap<>();
    for (int part = 0; part < parts.size(); part++) {
      known.put(file(part), parts.get(part).sha256());
    }
    writeQuarantine(parts);
    Map<String, Object> about = new LinkedHashMap<>(words);
    about.put(IDENTITY, identity());
    JsonLines.object(about(), about);
    Files.deleteIfExists(sums());
    Seal seal = Seal.in(root, sums());
    seal.take(known);
    seal.add(about(), quarantine());
    Trees.delete(
        root, file -> !file.equals(root) && forWork(root.relativize(file).getName(0).toString()));
    AtomicFiles.write(success(), new byte[0]);
    Trees.delete(records());
    Files.deleteIfExists(held()); // last: whoever takes it next finds the folder complete
  }

  private static boolean forWork(String name) {
    return name.startsWith(WORK) || List.of("_logs", "_spark").contains(name);
  }

  /** Lists the pictures without a row. */
  void writeQuarantine(List<PartitionRecord> parts) throws IOException {
    if (parts.stream().allMatch(part -> part.bad().isEmpty())) {
      Files.deleteIfExists(quarantine());
      return;
    }
    JsonLines.lines(
        quarantine(),
        json -> {
          for (PartitionRecord part : parts) {
            for (PartitionRecord.Bad bad : part.bad()) {
              json.writeStartObject();
              json.writeNumberField("id", bad.place());
              json.writeStringField("path", bad.path());
              json.writeStringField("part", bad.part());
              json.writeStringField("reason", bad.reason());
              json.writeEndObject();
              JsonLines.end(json);
            }
          }
        });
  }
}
