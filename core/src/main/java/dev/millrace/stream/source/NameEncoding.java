package dev.millrace.stream.source;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * In which encoding a container's names are, where it does not say (on disk, those names that are
 * not UTF-8 themselves): UTF-8 if all of them are, else the first of these that all names fit, so
 * that the same names are decoded alike everywhere:
 *
 * <ol>
 *   <li>Shift-JIS, EUC-JP: with kana, and nothing but Japanese;
 *   <li>EUC-KR: a dozen different characters or more, all of them Hangul;
 *   <li>GBK: three quarters or more are of GB 2312's frequent characters;
 *   <li>Big5: likewise;
 *   <li>the one of windows-1252, ISO 8859-1, code page 437 and code page 866 that makes the most
 *       Latin or Cyrillic letters.
 * </ol>
 *
 * <p>A guess may be wrong, and the words with it, but no two names become one: only an encoding
 * that gives every name's bytes back is taken, and ISO 8859-1 always does.
 *
 * <p>Undecoded names are strings of a character per byte. Stateless.
 */
final class NameEncoding {
  /** Fewer Hangul could as well be Chinese. */
  private static final int ENOUGH_HANGUL = 12;

  /** An encoding, and whether what it makes of names looks like what is written in it. */
  private record East(Charset charset, Predicate<Set<Integer>> looksRight) {}

  private static final Charset GBK = Charset.forName("GBK");
  private static final Charset BIG5 = Charset.forName("Big5");

  private static final List<East> EAST =
      List.of(
          new East(Charset.forName("windows-31j"), NameEncoding::isJapanese),
          new East(Charset.forName("EUC-JP"), NameEncoding::isJapanese),
          new East(
              Charset.forName("EUC-KR"),
              chars -> chars.size() >= ENOUGH_HANGUL && chars.stream().allMatch(c -> hangul(c))),
          new East(GBK, chars -> frequent(chars, GBK, 0xB0, 0xD7, 0xA1)),
          new East(BIG5, chars -> frequent(chars, BIG5, 0xA4, 0xC6, 0x40)));

  private static final List<Charset> WEST =
      List.of(
          Charset.forName("windows-1252"),
          StandardCharsets.ISO_8859_1,
          Charset.forName("IBM437"),
          Charset.forName("IBM866"));

  private NameEncoding() {}

  /** A name's bytes, a character each. */
  static String raw(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** The encoding of a container's names, which are undecoded. */
  static Charset of(List<String> names) {
    List<String> telling = names.stream().filter(name -> !isAscii(name)).toList();
    if (fit(telling, StandardCharsets.UTF_8)) {
      return StandardCharsets.UTF_8;
    }
    for (East east : EAST) {
      if (fit(telling, east.charset())
          && east.looksRight().test(characters(telling, east.charset()))) {
        return east.charset();
      }
    }
    Charset best = StandardCharsets.ISO_8859_1;
    long most = -1;
    for (Charset west : WEST) {
      if (fit(telling, west)) {
        long letters = characters(telling, west).stream().filter(NameEncoding::isLetter).count();
        if (letters > most) {
          most = letters;
          best = west;
        }
      }
    }
    return best;
  }

  /** Whether all names can be decoded so, each back to its own bytes. */
  static boolean fit(List<String> names, Charset charset) {
    for (String name : names) {
      byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
      try {
        String decoded = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        if (!Arrays.equals(decoded.getBytes(charset), bytes)) {
          return false;
        }
      } catch (CharacterCodingException e) {
        return false;
      }
    }
    return true;
  }

  /** A name in an encoding that it {@linkplain #fit fits}. */
  static String decode(String raw, Charset charset) {
    return isAscii(raw) ? raw : new String(raw.getBytes(StandardCharsets.ISO_8859_1), charset);
  }

  static boolean isAscii(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /** The different characters beyond ASCII. */
  private static Set<Integer> characters(List<String> names, Charset charset) {
    Set<Integer> characters = new TreeSet<>();
    for (String name : names) {
      decode(name, charset).codePoints().filter(c -> c >= 0x80).forEach(characters::add);
    }
    return characters;
  }

  private static boolean isJapanese(Set<Integer> characters) {
    return characters.stream().anyMatch(NameEncoding::kana)
        && characters.stream()
            .allMatch(
                c ->
                    kana(c)
                        || Character.isIdeographic(c)
                        || c >= 0x3000 && c <= 0x303F // punctuation
                        || c >= 0xFF01 && c <= 0xFF5E); // full width
  }

  private static boolean kana(int c) {
    return c >= 0x3041 && c <= 0x30FE;
  }

  private static boolean hangul(int c) {
    return c >= 0xAC00 && c <= 0xD7A3;
  }

  private static boolean frequent(Set<Integer> chars, Charset charset, int from, int to, int low) {
    long frequent =
        chars.stream()
            .map(c -> Character.toString(c).getBytes(charset))
            .filter(b -> b.length == 2)
            .filter(b -> (b[0] & 0xFF) >= from && (b[0] & 0xFF) <= to && (b[1] & 0xFF) >= low)
            .count();
    return 4 * frequent >= 3L * chars.size();
  }

  private static boolean isLetter(int c) {
    Character.UnicodeScript script = Character.UnicodeScript.of(c);
    return Character.isLetter(c)
        && (script == Character.UnicodeScript.LATIN || script == Character.UnicodeScript.CYRILLIC);
  }
}
