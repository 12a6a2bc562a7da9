package dev.millrace.learn.run;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.draw.Draw;
import dev.millrace.stream.Chunk;
import dev.millrace.vision.decode.PictureCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bad pictures of a chunk that is learned without a check before: each is named once, in the
 * order of the steps, and counted over all calls of the run. Not thread-safe, but for what is drawn
 * instead, which is a function of its place.
 */
final class MetPictures {
  static final int TRIES = 1000;

  private final Chunk chunk;
  private final Path run;
  private final Plan plan;
  private final String again;
  private final RunEvent.Listener listener;

  /** By name, in the order met; the threads that make views ask it. */
  private final Map<String, String> reasons = Collections.synchronizedMap(new LinkedHashMap<>());

  /**
   * @param run the folder, whose quarantine names those that were met before
   * @param again the command that goes on after a mend
   * @param listener hears of each bad picture once
   */
  MetPictures(Chunk chunk, Path run, Plan plan, String again, RunEvent.Listener listener)
      throws IOException {
    this.chunk = chunk;
    this.run = run;
    this.plan = plan;
    this.again = again;
    this.listener = listener;
    Path file = RunFolder.of(run).quarantine();
    if (Files.exists(file)) {
      try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          known(line);
        }
      }
    }
  }

  private void known(String line) {
    try {
      JsonNode one = JSON.readTree(line);
      if (one.path("chunk").asInt(-1) == chunk.index() && one.has("id")) {
        reasons.put(one.path("id").asText(), one.path("reason").asText());
      }
    } catch (JacksonException e) {
      return; // a damaged line names nobody, and whoever it named is met again
    }
  }

  /**
   * Takes in what the batch of a step met.
   *
   * @throws IllegalArgumentException if too many of the chunk's pictures are bad by now
   */
  void met(List<PictureCheck.Bad> bad) {
    List<PictureCheck.Bad> fresh =
        bad.stream().filter(one -> reasons.putIfAbsent(one.id(), one.reason()) == null).toList();
    if (fresh.isEmpty()) {
      return;
    }
    listener.on(new RunEvent.BadMet(chunk, fresh));
    List<PictureCheck.Bad> all = new ArrayList<>();
    reasons.forEach((id, reason) -> all.add(new PictureCheck.Bad(id, reason)));
    plan.requireGood(
        chunk.index(),
        chunk.name(),
        chunk.size(),
        all,
        "those met so far are in " + RunFolder.of(run).quarantine(),
        again);
  }

  /** Why a picture is bad that was met before; null of any other. One that is mended stays bad. */
  String reason(String id) {
    return reasons.get(id);
  }

  /** Whether any was met. */
  boolean isEmpty() {
    return reasons.isEmpty();
  }

  /**
   * Who is drawn in the place of a bad picture.
   *
   * @param attempt from 0; others after the first are asked for where that is bad too
   * @return an index into the chunk
   * @throws IOException if hardly any picture is good
   */
  int instead(int epoch, int position, int attempt) throws IOException {
    if (attempt == TRIES) {
      throw new IOException(
          "of %d pictures drawn from %s none decodes".formatted(TRIES, chunk.name()));
    }
    return Draw.of(plan.seed(), "instead", chunk.index(), epoch)
        .at(position)
        .at(attempt)
        .below(chunk.size());
  }
}
