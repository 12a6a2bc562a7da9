package dev.millrace.study;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.file.FileName;
import dev.millrace.file.Sha256;
import dev.millrace.recipe.Settings;
import dev.millrace.recipe.SettingsV1;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One cell of a study's product.
 *
 * @param data what the study calls the set
 * @param stream order of the stream; {@code joint} for {@code jt}
 * @param method a name of {@link dev.millrace.recipe.Methods}
 * @param remedy {@code st}, one of {@link dev.millrace.recipe.RemedyParts}, {@code both}, {@code
 *     joint-warm} or {@code jt}
 * @param seed of every draw
 * @param settings all of the run; threads and device are of no account
 * @param questions asked of the final encoder
 * @param insight what is looked at
 */
public record PlannedRun(
    String data,
    String stream,
    String method,
    String remedy,
    long seed,
    Settings settings,
    List<Question> questions,
    InsightParts insight) {
  /** Joint training. */
  public static final String JOINT = "jt";

  private static final int LENGTH = 12;

  /** Makes the list immutable. */
  public PlannedRun {
    questions = List.copyOf(questions);
  }

  /** Whether it is the reference of others. */
  public boolean joint() {
    return remedy.equals(JOINT);
  }

  /** 12 hex digits of what is trained and what is asked: equal ids, equal numbers. */
  public String id() {
    Map<String, Object> all = new TreeMap<>();
    all.put("label", data);
    all.put("remedy", remedy);
    all.put("training", SettingsV1.training(settings));
    all.put("questions", questions);
    all.put("insight", insight);
    return digest(all);
  }

  /**
   * The name of its run directory: for a person, and told apart by what is trained alone, so that a
   * question that is added later does not train again.
   */
  public String name() {
    String words = String.join("-", data, stream, method, remedy, "s" + seed + order("-o"));
    return FileName.hyphened(words) + "-" + digest(SettingsV1.training(settings)).substring(0, 6);
  }

  /** For a person, in a line. */
  public String shown() {
    return String.join(" ", data, stream, method, remedy, "seed " + seed + order(", order "));
  }

  /** The seed of the order where it is another than the seed. */
  private String order(String before) {
    return settings.stream().ordering() == seed ? "" : before + settings.stream().ordering();
  }

  /** The id of a comparison of one run with another. */
  public static String comparison(String run, String reference) {
    return Sha256.of(run + " " + reference).substring(0, LENGTH);
  }

  private static String digest(Object of) {
    try {
      return Sha256.of(JSON.writeValueAsString(of)).substring(0, LENGTH);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("settings and questions are always JSON", e);
    }
  }
}
