package dev.millrace.live.encoder;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * One line of {@code decisions.jsonl}: what was decided about which version is served, by whom and
 * why. Immutable.
 *
 * @param at when, ISO 8601 in UTC
 * @param what {@code gate}, {@code promote}, {@code rollback}, {@code hold} or {@code release}
 * @param by {@code gate} or {@code person}
 * @param version that was judged, or that is served from now on
 * @param champion that was served until then; 0 for none
 * @param verdict of the gate: {@code pass}, {@code fail} or {@code undecided}; null of a person's
 *     decision
 * @param action what follows: {@code serve}, {@code hold} or {@code revert}
 * @param reasons in words
 * @param numbers that led to it, by name
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later build
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Decision(
    String at,
    String what,
    String by,
    int version,
    int champion,
    String verdict,
    String action,
    List<String> reasons,
    Map<String, Double> numbers) {
  /** {@link #what} of a judged candidate. */
  public static final String GATE = "gate";

  /** {@link #action}: it is served. */
  public static final String SERVE = "serve";

  /** {@link #action}: what was served stays so, and what was learned is taken back. */
  public static final String REVERT = "revert";

  /** {@link #action}: what was served stays so. */
  public static final String HOLD = "hold";

  /** Copies the collections. */
  public Decision {
    reasons = reasons == null ? List.of() : List.copyOf(reasons);
    numbers = numbers == null ? Map.of() : Map.copyOf(numbers);
  }
}
