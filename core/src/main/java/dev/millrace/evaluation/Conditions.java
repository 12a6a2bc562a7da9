package dev.millrace.evaluation;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.millrace.probe.FewShot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Under which conditions an answer was given. What does not bear on the task, or is not known of an
 * answer of an older version, is null.
 *
 * @param trainedOn pictures that the task learned from
 * @param subsetOf training pictures that there are, where {@code --images} left some out
 * @param judgedOn pictures that it was judged by; of few-shot those that episodes are drawn from
 * @param heldOut pictures that were held out of the set to judge by, where it has no test part
 * @param chance percent that guessing would reach
 * @param size side of the pictures, pixels; of detection the shorter side
 * @param k neighbours that voted
 * @param temperature of kNN
 * @param ways classes per episode
 * @param queries pictures per class and episode
 * @param episodes how many
 * @param head of few-shot
 * @param epochs passes over the training pictures
 * @param batch pictures per step
 * @param lr peak learning rate
 * @param seed of whatever the task draws
 * @param precision {@code bf16} or {@code fp32}
 * @param freeze of detection: stages of the encoder that did not learn
 * @param norm of detection: {@code trained} or {@code frozen}, the encoder's normalisations
 * @param statistics of detection: what the encoder's normalisations took theirs from
 * @param headNorm of detection: the normalisation of pyramid and head
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Conditions(
    Integer trainedOn,
    Integer subsetOf,
    Integer judgedOn,
    Integer heldOut,
    Double chance,
    Integer size,
    Integer k,
    Double temperature,
    Integer ways,
    Integer queries,
    Integer episodes,
    String head,
    Integer epochs,
    Integer batch,
    Double lr,
    Long seed,
    String precision,
    Integer freeze,
    String norm,
    String statistics,
    String headNorm) {
  /**
   * The conditions in a line of {@code probes.jsonl}.
   *
   * @return null where the line, of an older version, holds none
   */
  public static Conditions in(JsonNode line) {
    try {
      return line.hasNonNull("judged_on") ? JSON.treeToValue(line, Conditions.class) : null;
    } catch (JsonProcessingException e) {
      return null; // of another version, or nobody's
    }
  }

  /** Those with these values by name, the others null. */
  static Conditions of(Map<String, ?> values) {
    return JSON.convertValue(values, Conditions.class);
  }

  /** The values that are known, by the names that scripts rely on. */
  public Map<String, Object> asMap() {
    return JSON.convertValue(this, new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /** In words for a person. */
  public String words() {
    List<String> words = new ArrayList<>();
    if (trainedOn != null) {
      words.add("trained on " + trainedOn + (subsetOf == null ? "" : " of " + subsetOf));
    }
    words.add("judged on " + judgedOn + (heldOut == null ? "" : " held out"));
    add(words, "", size, " px");
    add(words, "k ", k, "");
    add(words, "temperature ", temperature, "");
    add(words, "", ways, " ways");
    add(words, "", queries, " queries");
    add(words, "", episodes, " episodes");
    add(words, "", head, "");
    add(words, "", epochs, epochs != null && epochs == 1 ? " epoch" : " epochs");
    add(words, "batch ", batch, "");
    add(words, "lr ", lr, "");
    add(words, "seed ", seed, "");
    add(words, "", precision, "");
    add(words, "", freeze, freeze != null && freeze == 1 ? " stage frozen" : " stages frozen");
    add(words, "normalisations ", norm, "");
    add(words, "with statistics ", statistics, "");
    if (headNorm != null) {
      words.add(
          switch (headNorm) {
            case "none" -> "no normalisation in pyramid and head";
            case "pyramid" -> "group normalisation in the pyramid";
            default -> headNorm + " normalisation in pyramid and head";
          });
    }
    return String.join(", ", words);
  }

  private static void add(List<String> words, String before, Object value, String behind) {
    if (value != null) {
      words.add(before + value + behind);
    }
  }

  /**
   * What makes an answer less than the task asks for, in words; empty where nothing does. Fewer
   * training pictures than there are, unless there are as many as a suite takes; fewer epochs,
   * episodes or pixels than the task's defaults.
   *
   * @param task whose answer it is
   */
  public List<String> shortcuts(String task) {
    List<String> found = new ArrayList<>();
    if (subsetOf != null && trainedOn < Suite.IMAGES) {
      found.add("trained on %d of %d pictures".formatted(trainedOn, subsetOf));
    }
    boolean detection = task.equals(DetectionTask.NAME);
    if (detection) {
      var usual = dev.millrace.probe.detection.FineTuning.Settings.small(0);
      fewer(found, epochs, usual.epochs(), "epochs");
      fewer(found, size, usual.size(), "pixels");
    } else if (task.equals(ProbeTasks.FINETUNE)) {
      fewer(found, epochs, dev.millrace.probe.FineTuning.Settings.defaults().epochs(), "epochs");
    } else if (task.equals(ProbeTasks.FEW_SHOT)) {
      fewer(found, episodes, FewShot.Settings.paper(1).episodes(), "episodes");
    }
    return found;
  }

  private static void fewer(List<String> found, Integer value, int usual, String what) {
    if (value != null && value < usual) {
      found.add("%d of the usual %d %s".formatted(value, usual, what));
    }
  }
}
