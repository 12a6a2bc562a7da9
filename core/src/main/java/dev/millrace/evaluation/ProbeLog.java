package dev.millrace.evaluation;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.file.AppendLog;
import dev.millrace.file.SealedText;
import dev.millrace.file.Sha256;
import dev.millrace.learn.run.RunFolder;
import dev.millrace.probe.SplitParts;
import dev.millrace.recipe.PartSettings;
import dev.millrace.recipe.Settings;
import dev.millrace.setting.Knobs;
import dev.millrace.stream.source.DataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers kept in a run's {@code probes.jsonl}, a line each, with what they depend on: the
 * encoder's checksum, and one of the set, its parts and the task's settings. Not thread-safe.
 */
final class ProbeLog {
  /**
   * One kept answer.
   *
   * @param encoder checksum of the encoder
   * @param question checksum of everything else that the answer depends on
   * @param answers how many the question has
   */
  record Kept(ProbeResult result, String encoder, String question, int answers) {}

  /**
   * The answers to one question.
   *
   * @param question its checksum
   * @param kept whether an earlier call had found them
   * @param seconds that it took
   */
  record Given(String question, List<ProbeResult> results, boolean kept, double seconds) {
    /** Makes the list immutable. */
    Given {
      results = List.copyOf(results);
    }
  }

  /** Finds answers out. */
  @FunctionalInterface
  interface Finder {
    /** All answers to the question. */
    List<ProbeResult> find() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(ProbeLog.class);

  /** Those of a result, without its conditions, which stand beside them in a line. */
  private static final List<String> FIELDS =
      List.of(
          "task", "data", "split", "chunk", "shots", "metric", "value", "ci95", "encoder",
          "lambda");

  private final Path log;

  /** Of several runs, about encoders that none of them trained; null for none. */
  private final ProbeLog shared;

  private final List<Kept> kept = new ArrayList<>();

  private ProbeLog(Path log, ProbeLog shared) {
    this.log = log;
    this.shared = shared;
  }

  /** Reads what a run has; a damaged line is named and passed over, its question asked again. */
  static ProbeLog of(Path run) throws IOException {
    return read(RunFolder.of(run).probes(), null);
  }

  /**
   * Like {@link #of(Path)}; what is asked about a net that nothing has trained, or about raw
   * pixels, is looked for among the answers of other runs first, and kept for them.
   *
   * @param shared file of these answers; made where it is not there
   */
  static ProbeLog of(Path run, Path shared) throws IOException {
    return read(RunFolder.of(run).probes(), read(shared, null));
  }

  private static ProbeLog read(Path log, ProbeLog shared) throws IOException {
    ProbeLog answers = new ProbeLog(log, shared);
    int number = 0;
    for (String line : SealedText.lines(answers.log)) {
      number++;
      answers.read(number, line);
    }
    return answers;
  }

  private void read(int number, String sealed) {
    String line = SealedText.open(sealed);
    if (line == null) {
      LOG.warn("{}, line {} is damaged: its question is asked again", log, number);
      return;
    }
    try {
      JsonNode node = JSON.readTree(line);
      if (node != null && node.hasNonNull("encoder_sha256") && node.hasNonNull("question_sha256")) {
        String encoder = node.path("encoder_sha256").asText();
        String question = node.path("question_sha256").asText();
        int answers = node.path("answers").asInt();
        kept.add(new Kept(result(node), encoder, question, answers));
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      // The line that was being written when a process died, or one of another version: its
      // question is asked again.
      return;
    }
  }

  /** A line's result; a line of an older version has no conditions. */
  private static ProbeResult result(JsonNode line)
      throws com.fasterxml.jackson.core.JsonProcessingException {
    Conditions conditions = Conditions.in(line);
    ObjectNode own = ((ObjectNode) line.deepCopy()).retain(FIELDS);
    ProbeResult bare = JSON.treeToValue(own, ProbeResult.class);
    return bare.with(conditions);
  }

  /** Everything kept, the oldest first. */
  List<Kept> all() {
    return List.copyOf(kept);
  }

  /**
   * The last answers to a question about an encoder under its label; empty if not all of them are
   * there.
   */
  List<ProbeResult> to(String question, ProbedEncoder encoder) {
    List<ProbeResult> found = new ArrayList<>();
    int answers = 0;
    for (Kept one : kept) {
      if (one.question().equals(question)
          && one.encoder().equals(encoder.sha256())
          && one.result().encoder().equals(encoder.label())
          && java.util.Objects.equals(one.result().chunk(), encoder.chunk())) {
        found.removeIf(older -> same(older, one.result()));
        found.add(one.result());
        answers = one.answers();
      }
    }
    return found.size() == answers ? found : List.of();
  }

  private static boolean same(ProbeResult a, ProbeResult b) {
    return java.util.Objects.equals(a.shots(), b.shots()) && a.metric().equals(b.metric());
  }

  /**
   * The answers to a question about an encoder: kept ones, else those that another run shares, else
   * found out now and kept at once.
   *
   * @param again whether it is asked again even if answers are kept
   */
  Given ask(String question, ProbedEncoder encoder, boolean again, Finder finder)
      throws IOException {
    long began = System.nanoTime();
    List<ProbeResult> found = again ? List.of() : to(question, encoder);
    boolean sharing = shared != null && encoder.file() == null;
    if (found.isEmpty() && !again && sharing) {
      found = shared.to(question, encoder);
      if (!found.isEmpty()) {
        keep(found, encoder, question);
      }
    }
    boolean kept = !found.isEmpty();
    if (!kept) {
      found = finder.find();
      keep(found, encoder, question);
      if (sharing) {
        shared.keep(found, encoder, question);
      }
    }
    return new Given(question, found, kept, (System.nanoTime() - began) * 1e-9);
  }

  /** Appends the answers to one question, all in one write. */
  private void keep(List<ProbeResult> results, ProbedEncoder encoder, String question)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ProbeResult result : results) {
      ObjectNode line = JSON.valueToTree(result);
      line.remove("conditions");
      if (result.conditions() != null) {
        line.setAll(JSON.<ObjectNode>valueToTree(result.conditions()));
      }
      line.put("encoder_sha256", encoder.sha256()).put("question_sha256", question);
      line.put("answers", results.size());
      lines.append(SealedText.seal(JSON.writeValueAsString(line))).append('\n');
      kept.add(new Kept(result, encoder.sha256(), question, results.size()));
    }
    AppendLog.add(log, lines.toString());
  }

  /** What an answer depends on of a set: names, classes, and sizes where they are known. */
  static String data(DataSet set) {
    String sizes = set.sizes();
    return sizes == null ? set.fingerprint() : set.fingerprint() + "\nsizes " + sizes;
  }

  /**
   * What an answer depends on beside the encoder.
   *
   * @param set fingerprint of the set
   */
  static String question(
      Settings settings, ProbeRequest request, String set, SplitParts parts, String task) {
    // Few-shot learns from nothing that is held out; its questions are the same with it or without.
    return Sha256.of(
        String.join(
            "\n",
            set,
            parts.data(),
            split(parts, task),
            parts.metric().name(),
            "images " + request.pictures().images(),
            "size " + Judge.size(settings, request),
            "precision " + Knobs.word(PartSettings.resolved(settings).machine().precision()),
            "device " + request.device(),
            task,
            ProbeTasks.of(task).describe(request.settings(), parts, request.threads())));
  }

  private static String split(SplitParts parts, String task) {
    if (!ProbeTasks.of(task).judgedOnAPart()) {
      return SplitParts.TEST;
    }
    // Older answers under a number of pictures were judged by a part of the domain.
    return parts.leftOutOfFewer() ? parts.split() + ", all of it" : parts.split();
  }
}
