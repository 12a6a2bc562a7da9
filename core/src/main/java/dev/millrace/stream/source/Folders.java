package dev.millrace.stream.source;

import dev.millrace.refusal.Choice;
import java.util.Arrays;
import java.util.Locale;

/** What the folders of a set mean; {@link #AUTO} guesses, the others say. */
public enum Folders {
  /** Guessed from the names and from what repeats; a doubt is refused or warned of. */
  AUTO,
  /** Nothing: no classes, no parts. */
  FLAT,
  /** {@code CLASS/…/image}: the first folder is the class, whatever it is called. */
  CLASS,
  /** {@code DOMAIN/CLASS/…/image}. */
  DOMAIN,
  /** {@code PART/CLASS/image} or {@code CLASS/PART/image}; folders of no part are left out. */
  SPLIT,
  /** Guessed from the folders alone, even of a tar that has its classes beside its pictures. */
  FOLDERS,
  /** WebDataset: {@code KEY.jpg} with its class in {@code KEY.cls} or {@code KEY.json}. */
  SHARDS;

  /** The words of {@code --layout}. */
  public static final String[] WORDS =
      Arrays.stream(values()).map(Folders::word).toArray(String[]::new);

  /** As {@code --layout} names it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * By the word of {@code --layout}.
   *
   * @throws IllegalArgumentException for any other word
   */
  public static Folders of(String word) {
    Choice.check("--layout", word, WORDS);
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
