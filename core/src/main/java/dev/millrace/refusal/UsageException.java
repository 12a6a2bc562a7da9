package dev.millrace.refusal;

/**
 * What a person or a program gave cannot be taken: a flag's value, a set, a path. The message is a
 * sentence that says what was found, what was expected, and a mend that works. The command ends
 * with exit code 2 for it, and with 1 for all other failures.
 */
public final class UsageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String flag;
  private final String component;
  private final String words;

  /**
   * A refusal of a flag's value: {@code --width 0 is below 1; give 4 or more}.
   *
   * @param flag as it is typed, such as {@code --width}
   * @param found its value
   * @param expected what that value is not, as the sentence goes on: {@code is below 1}
   * @param mend what to do, an imperative; empty where the expected says it
   */
  public UsageException(String flag, Object found, String expected, String mend) {
    this(flag, "", "", flag + " " + found + " " + expected + (mend.isEmpty() ? "" : "; " + mend));
  }

  private UsageException(String flag, String component, String words, String message) {
    super(message);
    this.flag = flag;
    this.component = component;
    this.words = words;
  }

  /**
   * A refusal of a flag in a sentence of its own.
   *
   * @param words all that stands behind the flag, with found, expected and mend
   */
  public static UsageException of(String flag, String words) {
    return new UsageException(flag, "", words, flag + (words.startsWith(":") ? "" : " ") + words);
  }

  /**
   * A refusal of what was given without a flag, or of what one flag of several brought: a run's
   * folder, a set, a picture.
   *
   * @param sentence with found, expected and mend
   */
  public static UsageException ofWord(String sentence) {
    return new UsageException("", "", "", sentence);
  }

  /**
   * A refusal of a record's component, by a part that knows no flags: {@code momentum 1.2 is not in
   * 0 … 1}.
   *
   * @param component its name in Java
   * @param words all that stands behind it; other settings in braces by their names in files, such
   *     as {@code {batch}}
   */
  public static UsageException ofComponent(String component, String words) {
    return new UsageException(
        "", component, words, component + " " + words.replaceAll("\\{([a-z-]+)}", "$1"));
  }

  /** The same refusal, where a flag brought the value. */
  public UsageException named(String typed) {
    return of(typed, words.replaceAll("\\{([a-z-]+)}", "--$1"));
  }

  /** The flag that cannot be taken; empty where the words were given without one. */
  public String flag() {
    return flag;
  }

  /** The record's component that cannot be taken; empty where it is no record's. */
  public String component() {
    return component;
  }
}
