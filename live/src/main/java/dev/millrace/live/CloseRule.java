package dev.millrace.live;

import dev.millrace.live.account.ChunkRecord;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * When a chunk closes. Rules are asked after every batch, in their order, of a chunk with {@link
 * #LEAST} pictures or more; the first that holds closes it and is recorded. {@code count} and
 * {@code time} are known here; others, such as {@code drift}, are handed to {@link #parse}.
 */
@FunctionalInterface
public interface CloseRule {
  /** The standard rules. */
  String STANDARD = "count=1000,time=6h";

  /** The rules that are known here, and what follows their names. */
  Map<String, String> KNOWN = Map.of("count", "=N", "time", "=6h");

  /** A chunk of fewer pictures never closes: nothing can be learned from it. */
  int LEAST = ChunkRecord.LEAST;

  /**
   * Whether the open chunk closes now.
   *
   * @return what is recorded as the rule, such as {@code count=500}; null if it stays open
   */
  String due(ChunkRecord open, Instant now) throws IOException;

  /**
   * What keeps this rule from being asked since this was last asked, each said once; the others go
   * on. Asked after {@link #due}.
   */
  default List<String> faults() {
    return List.of();
  }

  /** The number that the account has given to a picture of the open chunk. */
  @FunctionalInterface
  interface Numbers {
    /**
     * @param at where its bytes begin in the open chunk's file
     * @return 0 for no picture
     */
    long of(long at) throws IOException;
  }

  /** Told once, before the rule is first asked, who knows the numbers of pictures. */
  default void numbers(Numbers numbers) {}

  /** How many pictures the open chunk may still take before this rule is asked again. */
  default long room(ChunkRecord open) {
    return Long.MAX_VALUE;
  }

  /** Closes a chunk of exactly so many pictures. */
  record Count(long pictures) implements CloseRule {
    @Override
    public String due(ChunkRecord open, Instant now) {
      return open.pictures() >= pictures ? "count=" + pictures : null;
    }

    @Override
    public long room(ChunkRecord open) {
      return Math.max(1, pictures - open.pictures());
    }
  }

  /** Closes a chunk of this many pictures. */
  static CloseRule count(long pictures) {
    if (pictures < LEAST) {
      throw UsageException.of(
          "--close", "count=%d is below %d, the least a step needs".formatted(pictures, LEAST));
    }
    return new Count(pictures);
  }

  /** Closes a chunk so long after its first picture. */
  static CloseRule time(Duration age, String word) {
    if (age.isNegative() || age.isZero()) {
      throw UsageException.of("--close", "time=%s is no time; give 10m, 6h or 1d".formatted(word));
    }
    return (open, now) ->
        now.toEpochMilli() - open.began() >= age.toMillis() ? "time=" + word : null;
  }

  /**
   * Rules as a person writes them: {@code count=500,time=6h,drift}.
   *
   * @param more rules by name, beside {@code count} and {@code time}
   * @throws IllegalArgumentException for what is no such list
   */
  static List<CloseRule> parse(String words, Map<String, Supplier<CloseRule>> more) {
    List<CloseRule> rules = new ArrayList<>();
    for (String word : words.split(",", -1)) {
      String[] parts = word.strip().split("=", 2);
      Supplier<CloseRule> other = more.get(parts[0]);
      if (other != null && parts.length == 1) {
        rules.add(other.get());
      } else if (parts[0].equals("count") && parts.length == 2) {
        if (!parts[1].matches("\\d{1,9}")) {
          throw UsageException.of("--close", word + " is no number; give count=500");
        }
        rules.add(count(Long.parseLong(parts[1])));
      } else if (parts[0].equals("time") && parts.length == 2) {
        rules.add(time(duration("--close", parts[1]), parts[1]));
      } else {
        Map<String, String> known = new TreeMap<>(KNOWN);
        more.keySet().forEach(name -> known.put(name, ""));
        throw UsageException.of(
            "--close",
            "%s is no rule; expected %s, with commas between%s"
                .formatted(
                    word.isEmpty() ? "nothing" : word,
                    String.join(
                        ", ",
                        known.entrySet().stream().map(e -> e.getKey() + e.getValue()).toList()),
                    Choice.hint(parts[0], List.copyOf(known.keySet()))));
      }
    }
    return rules;
  }

  /**
   * A time as a person writes it: {@code 500ms}, {@code 30s}, {@code 10m}, {@code 6h}, {@code 1d};
   * a plain number is in seconds.
   *
   * @throws IllegalArgumentException for anything else
   */
  static Duration duration(String flag, String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    if (!lower.matches("\\d{1,9}(ms|s|m|h|d)?")) {
      throw UsageException.of(flag, word + " is no time; give 30s, 10m, 6h or 1d");
    }
    long number = Long.parseLong(lower.replaceAll("\\D", ""));
    return switch (lower.replaceAll("\\d", "")) {
      case "ms" -> Duration.ofMillis(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofSeconds(number);
    };
  }
}
