package dev.millrace.recipe;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.learn.run.RunEvent;
import dev.millrace.stream.Chunk;
import dev.millrace.vision.decode.PictureCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The lines of a run's {@code quarantine.jsonl}: pictures and chunks that are left out, each with
 * the reason. Not thread-safe; whoever made the files closes them.
 */
final class QuarantineLog {
  private final Path file;
  private final LogFiles files;

  QuarantineLog(Path file, LogFiles files) {
    this.file = file;
    this.files = files;
  }

  /** Notes what steps met. */
  void met(RunEvent.BadMet event) throws IOException {
    files.append(file, lines(event.chunk(), event.bad()));
  }

  /** Notes a chunk that is too small to be learned. */
  void skipped(RunEvent.ChunkSkipped event) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("chunk", event.chunk().index()).put("skipped", event.chunk().name());
    line.put("reason", "%d good pictures, and a step needs 2".formatted(event.good()));
    files.append(file, List.of(line));
  }

  /** Notes what a check found. */
  void quarantined(RunEvent.Quarantined event) throws IOException {
    List<ObjectNode> lines = lines(event.chunk(), event.bad());
    if (event.late()) {
      // A checkpoint counts on the lines of those that steps met.
      Set<String> there = new HashSet<>();
      if (Files.exists(file)) {
        for (String line : LogLines.from(file, "chunk", event.chunk().index())) {
          there.add(JSON.readTree(line).path("id").asText());
        }
      }
      lines.removeIf(line -> there.contains(line.path("id").asText()));
      files.append(file, lines);
      return;
    }
    // A chunk that is opened again after a resume is reported again: its lines are replaced.
    files.replace(file, "chunk", event.chunk().index(), lines);
  }

  private static List<ObjectNode> lines(Chunk chunk, List<PictureCheck.Bad> all) {
    List<ObjectNode> lines = new ArrayList<>();
    for (PictureCheck.Bad bad : all) {
      ObjectNode line = JSON.createObjectNode();
      line.put("chunk", chunk.index()).put("id", bad.id()).put("reason", bad.reason());
      lines.add(line);
    }
    return lines;
  }
}
