package dev.millrace.recipe;

import dev.millrace.setting.Knobs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of training that are usual for an encoder under a schedule, and what of them changes
 * with either. A rate that falls in every chunk or over the stream begins at twice the constant one
 * (docs/results.md, schedules).
 */
final class UsualTraining {
  private static final String OPTIMISER = "optimiser";
  private static final String LR = "lr";

  private UsualTraining() {}

  /** By flag name, under a schedule. */
  private static Map<String, Object> of(EncoderPart encoder, ScheduleSettings.Rule rule) {
    Map<String, Object> usual = Knobs.values(Settings.defaults().training(), "");
    usual.putAll(encoder.suits());
    if (rule != ScheduleSettings.Rule.WSD) {
      usual.replace(LR, 2 * (double) usual.get(LR));
    }
    return usual;
  }

  /**
   * What changes with an encoder or a schedule beside it: settings of training that still are the
   * usual ones for those before become those for the new, the schedule's first. Whoever chose
   * another optimiser than either encoder's keeps everything when the encoder changes, since rates
   * belong to it.
   *
   * @param before settings as they are
   * @param encoder the name of that of now; one that is unknown changes nothing
   * @param rule of the schedule of now
   * @param given settings that somebody chose together with them, by flag name
   * @return by flag name, none of them given
   */
  static Map<String, Object> suited(
      Settings before, String encoder, ScheduleSettings.Rule rule, Map<String, ?> given) {
    Optional<EncoderPart> chosen = Encoders.named(encoder);
    if (chosen.isEmpty()) {
      return Map.of();
    }
    EncoderPart old = Encoders.named(before.encoder().name()).orElseThrow();
    Map<String, Object> was = of(old, rule);
    Map<String, Object> suits = of(chosen.get(), rule);
    Map<String, Object> now = Knobs.values(before.training(), "");
    Map<String, Object> changes = followed(of(old, before.schedule().rule()), was, now, given);
    now.putAll(changes);
    Object optimiser = given.containsKey(OPTIMISER) ? given.get(OPTIMISER) : now.get(OPTIMISER);
    Object expected = (given.containsKey(OPTIMISER) ? suits : was).get(OPTIMISER);
    if (expected.equals(String.valueOf(optimiser))) {
      changes.putAll(followed(was, suits, now, given));
    }
    return changes;
  }

  /** What still is as was usual, as is usual now. */
  private static Map<String, Object> followed(
      Map<String, Object> was,
      Map<String, Object> usual,
      Map<String, Object> now,
      Map<String, ?> given) {
    Map<String, Object> changes = new LinkedHashMap<>();
    for (String knob : Encoders.suiting()) {
      if (!given.containsKey(knob) && was.get(knob).equals(now.get(knob))) {
        changes.put(knob, usual.get(knob));
      }
    }
    return changes;
  }
}
