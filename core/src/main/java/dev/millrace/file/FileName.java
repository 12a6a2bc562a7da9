package dev.millrace.file;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A file named after something a stranger named: a picture, a set, a class. The name lies in the
 * folder that it is resolved against, a person can read it, and two different things never share
 * one, also where a system takes upper and lower case for the same. Names that need less are made
 * here as well, each saying what it loses.
 */
public final class FileName {
  /**
   * What no system and no shell takes for more than a letter; a leading dot would hide the file.
   */
  private static final Pattern OTHERS = Pattern.compile("[^\\p{L}\\p{M}\\p{N}._-]+|^[.-]+");

  /** Letters of the readable part; systems allow 255 bytes, of which an ending takes some. */
  private static final int LONGEST = 60;

  private static final int DIGITS = 8;

  private FileName() {}

  /**
   * The words themselves where they are such a name in small letters already, else what can be kept
   * of them and eight digits of their SHA-256.
   */
  public static String of(String words) {
    String kept = kept(words);
    return kept.equals(words) && !kept.isEmpty() && kept.equals(kept.toLowerCase(Locale.ROOT))
        ? kept
        : of(words, words);
  }

  /**
   * What can be kept of the words, and eight digits of what makes them unique.
   *
   * @param whole such as the path of what the words name
   */
  public static String of(String words, String whole) {
    String kept = kept(words);
    return (kept.isEmpty() ? "" : kept + "-") + Sha256.of(whole).substring(0, DIGITS);
  }

  /**
   * Small letters a to z, digits and single hyphens: for a name that is told apart by what stands
   * beside it, since other letters are lost.
   */
  public static String hyphened(String words) {
    return words.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  /** Small letters of any script, digits and single hyphens between them; may be empty. */
  public static String words(String name) {
    return bare(name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-"));
  }

  /** What no locale has to know how to write: everything but ASCII becomes an underscore. */
  public static String ascii(String name) {
    return name.replaceAll("[^ -~]", "_");
  }

  /** Without hyphens at its ends. */
  public static String bare(String name) {
    return name.replaceAll("^-|-$", "");
  }

  private static String kept(String words) {
    String kept = OTHERS.matcher(Normalizer.normalize(words, Normalizer.Form.NFC)).replaceAll("-");
    kept = kept.replaceAll("^[.-]+|[.-]+$", "");
    if (kept.length() > LONGEST) {
      kept = kept.substring(kept.length() - LONGEST).replaceAll("^[\\p{Cs}\\p{M}.-]+", "");
    }
    return kept;
  }
}
