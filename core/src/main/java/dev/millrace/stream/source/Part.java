package dev.millrace.stream.source;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A part of a set, as folders, lists and annotation files name it: the one matcher of such names.
 */
public enum Part {
  /** Learned from. */
  TRAIN("train(ing|[ _.-]?val)?|trn"),
  /** Settings are chosen by it. */
  VALIDATION("val(id(ation)?)?|eval(uation)?|dev(el(opment)?)?"),
  /** Judged by. */
  TEST("test(ing)?|tst");

  private static final Pattern WORD_ENDS = Pattern.compile("[^\\p{L}]+|(?<=\\p{Ll})(?=\\p{Lu})");

  private final Pattern names;

  /** {@code training_set}, {@code test-images}, {@code train2017}, {@code Val2}, … */
  Part(String words) {
    names =
        Pattern.compile(
            "(%s)([ _.-]?(set|split|part|data|images?|imgs?|pictures|photos|samples))?([ _.-]?v?\\d{1,4})?"
                .formatted(words));
  }

  /**
   * The part that a name means, in any case of letters, with {@code set}, {@code images} or a
   * number behind it; null if it means none.
   */
  public static Part of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(part -> part.names.matcher(lower).matches())
        .findFirst()
        .orElse(null);
  }

  /**
   * The part that a name means as a whole or by the first of its words that means one, such as
   * {@code instances_train2017} or {@code my-test}; null if none does.
   */
  public static Part within(String name) {
    Part whole = of(name);
    if (whole != null) {
      return whole;
    }
    for (String word : WORD_ENDS.split(name)) {
      Part part = of(word);
      if (part != null) {
        return part;
      }
    }
    return null;
  }

  /** As lists and flags name it: {@code train}, {@code val} or {@code test}. */
  public String shortName() {
    return this == VALIDATION ? "val" : name().toLowerCase(Locale.ROOT);
  }
}
