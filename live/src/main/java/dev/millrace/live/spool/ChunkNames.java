package dev.millrace.live.spool;

import dev.millrace.file.FileName;
import dev.millrace.file.Padded;
import dev.millrace.file.Sha256;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Part;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What pictures are called in a closed chunk: {@code 000000017-KEY.jpg}, by arrival, the ending by
 * their bytes; in a folder per class where every picture of the chunk has a class, and there are
 * several. No name leads out of the chunk.
 */
public final class ChunkNames {
  /** How many first bytes decide the ending. */
  public static final int HEAD = 16;

  private static final int LABEL = 40;
  private static final Pattern NUMBERED =
      Pattern.compile("(?:.*/)?(\\d{9,18})[-.][^/]*", Pattern.DOTALL);

  private ChunkNames() {}

  /** Whether pictures with these labels, null for none, lie in folders by class. */
  public static boolean foldered(Iterable<String> labels) {
    Set<String> all = new HashSet<>();
    for (String label : labels) {
      if (label == null || Part.within(label) != null) {
        return false; // a class that is called like a part of a set would be taken for one
      }
      all.add(label);
    }
    Set<String> folders = new HashSet<>();
    all.forEach(label -> folders.add(folder(label)));
    // Classes that are called like what a set leaves out would not be learned.
    return all.size() > 1
        && folders.stream().noneMatch(Catalogue::isHidden)
        && !Catalogue.hasMasks(folders);
  }

  /**
   * The name of a picture.
   *
   * @param label its class; null for none
   */
  public static String of(long number, String key, String label, byte[] head) {
    String ending = ending(head);
    String plain = Padded.of(number, 9);
    String folder = label == null ? "" : folder(label) + "/";
    String named = folder + plain + "-" + key(key) + "." + ending;
    return bytes(named) <= TarBlocks.LONGEST_NAME ? named : folder + plain + "." + ending;
  }

  /**
   * The number of the picture that {@link #of} gave a name, whatever lies before and behind it.
   *
   * @return 0 for a name that was given otherwise
   */
  public static long number(String name) {
    Matcher numbered = NUMBERED.matcher(name);
    return numbered.matches() ? Long.parseLong(numbered.group(1)) : 0;
  }

  private static String key(String key) {
    int slash = Math.max(key.lastIndexOf('/'), key.lastIndexOf('\\'));
    int dot = key.lastIndexOf('.');
    return FileName.of(key.substring(slash + 1, dot > slash + 1 ? dot : key.length()));
  }

  private static String folder(String label) {
    String name = FileName.of(label);
    return name.isEmpty() || bytes(name) > LABEL
        ? "class-" + Sha256.of(label).substring(0, 16)
        : name;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String ending(byte[] b) {
    if (begins(b, 0, "\u0089PNG")) {
      return "png";
    } else if (begins(b, 0, "GIF8")) {
      return "gif";
    } else if (begins(b, 0, "BM")) {
      return "bmp";
    } else if (begins(b, 0, "II*\0") || begins(b, 0, "MM\0*")) {
      return "tif";
    } else if (begins(b, 8, "WEBP")) {
      return "webp";
    } else if (b.length > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '6') {
      return b[1] == '3' || b[1] == '6' ? "ppm" : b[1] == '2' || b[1] == '5' ? "pgm" : "pbm";
    }
    return "jpg";
  }

  private static boolean begins(byte[] b, int at, String magic) {
    byte[] wanted = magic.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < wanted.length; i++) {
      if (b.length <= at + i || b[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
