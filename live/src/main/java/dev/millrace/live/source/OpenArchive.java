package dev.millrace.live.source;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An archive that is being read. Immutable; its file is open as long as it can be reached.
 *
 * @param file where it lies
 * @param key its path in the folder
 * @param stamp what it was when it was opened
 * @param entries its pictures; the one of an archive that cannot be read bears no name, and fails
 * @param complete whether it holds nothing but them
 * @param at how many of them are read
 */
record OpenArchive(
    Path file,
    String key,
    String stamp,
    List<Map.Entry<String, Image.Content>> entries,
    boolean complete,
    int at) {
  private static final String IN_ARCHIVE = "!/";

  /** Lists an archive; one that cannot be read has one entry, which says why. */
  static OpenArchive of(Catalogue catalogue, Path file, String key, String stamp) {
    List<Map.Entry<String, Image.Content>> entries = new ArrayList<>();
    boolean complete;
    try {
      if (!Path.of(file.toString()).equals(file)) {
        throw new IOException("its name is no text, and it cannot be opened by it; rename it");
      }
      Catalogue.Contents all = catalogue.contents(file.toString());
      complete = all.leftOut().isEmpty();
      for (Map.Entry<String, Image.Content> one : all.files().entrySet()) {
        if (Catalogue.isPicture(one.getKey())) {
          entries.add(one);
        } else {
          complete = false;
        }
      }
    } catch (IOException | IllegalArgumentException | OutOfMemoryError e) {
      String fault = Reason.whole(e);
      entries.clear();
      complete = false;
      entries.add(
          Map.entry(
              "",
              () -> {
                throw new IOException(fault);
              }));
    }
    return new OpenArchive(file, key, stamp, entries, complete, 0);
  }

  /**
   * The pictures from here on, as many as fit in a batch.
   *
   * @param label the class that a path in the archive says
   */
  Batch batch(int most, UnaryOperator<String> label) {
    List<Arrival> arrivals = new ArrayList<>();
    long bytes = 0;
    for (int i = at;
        i < entries.size() && arrivals.size() < most && bytes < Batch.ENOUGH_BYTES;
        i++) {
      Arrival one;
      try {
        one = read(entries.get(i), label);
      } catch (OutOfMemoryError e) {
        if (!arrivals.isEmpty()) { // it may have room when these are away
          break;
        }
        one = Arrival.unread(key(entries.get(i)), e);
      }
      arrivals.add(one);
      bytes += one.bytes().length;
    }
    OpenArchive after = from(at + arrivals.size());
    return new Batch(
        arrivals,
        after.place(),
        after.isRead() ? Map.of(key, stamp) : Map.of(),
        List.of(),
        List.of(),
        at > 0);
  }

  private Arrival read(Map.Entry<String, Image.Content> entry, UnaryOperator<String> label) {
    String one = key(entry);
    try {
      return new Arrival(one, entry.getValue().read(), label.apply(entry.getKey()), null);
    } catch (IOException e) {
      return Arrival.bad(one, Reason.whole(e));
    }
  }

  private String key(Map.Entry<String, Image.Content> entry) {
    return entry.getKey().isEmpty() ? key : key + IN_ARCHIVE + entry.getKey();
  }

  /** How far it is read, for a source's memory: how many entries, stamp and key. */
  String place() {
    return at + "\n" + stamp + "\n" + key;
  }

  OpenArchive from(int entry) {
    return new OpenArchive(file, key, stamp, entries, complete, entry);
  }

  /** Whether it cannot be listed, so that it is offered as one fault. */
  boolean isBroken() {
    return !entries.isEmpty() && entries.get(0).getKey().isEmpty();
  }

  boolean isRead() {
    return at == entries.size();
  }
}
