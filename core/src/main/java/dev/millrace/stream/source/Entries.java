package dev.millrace.stream.source;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a folder or archive says that it holds, gathered entry by entry and then made a {@link
 * Listing}: the one place where a container's names become paths of a set. Every entry is listed,
 * counted as left out, or refused by name. Not thread-safe.
 */
final class Entries implements Tar.Sink {
  private static final int BETWEEN_STOPS = 1024;

  /**
   * A name as its container has it.
   *
   * @param raw a character per byte
   * @param utf8 whether the container says that it is UTF-8
   */
  record Name(String raw, boolean utf8) {}

  private enum Kind {
    FILE,
    SYMBOLIC_LINK,
    HARD_LINK
  }

  /** What was met; a file has content, a link a target. */
  private record Met(Kind kind, Name name, Image.Content content, Name target) {}

  private final String container;
  private final boolean updated;
  private final boolean backslashes;

  /** Whether each part of a path has an encoding of its own: files on disk come from anywhere. */
  private final boolean apart;

  private final BooleanSupplier stop;
  private final List<Met> met = new ArrayList<>();
  private final List<Name> folders = new ArrayList<>();
  private final LeftOut.Tally leftOut = new LeftOut.Tally();

  /** Files by path, hidden ones too, which links may lead to. */
  private final TreeMap<String, Image.Content> files = new TreeMap<>();

  /** Symbolic links by path, and what they say. */
  private final TreeMap<String, String> links = new TreeMap<>();

  /** Names of paths that are not in normal form C. */
  private final Map<String, String> otherForms = new HashMap<>();

  private Charset said = StandardCharsets.UTF_8;
  private Charset unsaid = StandardCharsets.UTF_8;

  /**
   * @param container folder or archive, for messages
   * @param updated whether an entry stands for an earlier one of its name, as {@code tar -r} means
   *     it; else a second one is refused
   * @param backslashes whether {@code \} stands between a path's parts
   * @param stop asked now and then; true ends the listing
   */
  Entries(String container, boolean updated, boolean backslashes, BooleanSupplier stop) {
    this(container, updated, backslashes, false, stop);
  }

  private Entries(
      String container, boolean updated, boolean backslashes, boolean apart, BooleanSupplier stop) {
    this.container = container;
    this.updated = updated;
    this.backslashes = backslashes;
    this.apart = apart;
    this.stop = stop;
  }

  /**
   * Entries of a folder on disk: one name that is not UTF-8 says nothing about others.
   *
   * @param folder for messages
   * @param stop asked now and then; true ends the listing
   */
  static Entries onDisk(String folder, BooleanSupplier stop) {
    return new Entries(folder, false, false, true, stop);
  }

  @Override
  public void folder(Name name) {
    folders.add(name);
  }

  @Override
  public void file(Name name, Image.Content content) {
    add(new Met(Kind.FILE, name, content, null));
  }

  @Override
  public void symbolicLink(Name name, Name target) {
    add(new Met(Kind.SYMBOLIC_LINK, name, null, target));
  }

  @Override
  public void hardLink(Name name, Name target) {
    add(new Met(Kind.HARD_LINK, name, null, target));
  }

  @Override
  public void leaveOut(LeftOut.Kind kind, Name name) {
    leftOut.add(kind, SetPath.shown(NameEncoding.decode(name.raw(), encodingOf(name))));
  }

  /** Whether an entry's name leads into what is hidden. */
  static boolean hidden(Name name) {
    return Listing.hidden(name.raw());
  }

  private void add(Met entry) {
    if (met.size() % BETWEEN_STOPS == 0) {
      Listing.heed(stop);
    }
    met.add(entry);
  }

  private static Charset encodingOf(Name name) {
    return NameEncoding.of(List.of(name.raw()));
  }

  /**
   * Everything that was gathered.
   *
   * @throws IllegalArgumentException if an entry can neither be listed nor surely be left out
   */
  Listing listing() {
    findEncodings();
    List<Met> early = new ArrayList<>();
    int seen = 0;
    for (Met entry : met) {
      if (++seen % BETWEEN_STOPS == 0) {
        Listing.heed(stop);
      }
      String path = path(entry.name());
      if (path == null) {
        continue;
      }
      switch (entry.kind()) {
        case FILE -> put(entry, path, entry.content());
        case SYMBOLIC_LINK -> {
          requireNew(entry, path);
          files.remove(path);
          links.put(path, SetPath.normal(decoded(entry.target())));
        }
        case HARD_LINK -> {
          if (!linked(entry, path)) {
            early.add(entry);
          }
        }
      }
    }
    linkedLater(early);
    new Links(container, files, links, leftOut, stop).resolve();
    return Listing.of(files, leftOut, folders());
  }

  /** The folders that were named, hidden ones too. */
  private TreeSet<String> folders() {
    TreeSet<String> paths = new TreeSet<>();
    for (Name name : folders) {
      String plain = SetPath.plain(decoded(name).replaceAll("/+$", ""));
      if (plain != null && !plain.isEmpty()) {
        paths.add(SetPath.normal(plain));
      }
    }
    return paths;
  }

  /** The encodings of names that are said to be UTF-8, and of those of which nothing is said. */
  private void findEncodings() {
    List<String> sure = new ArrayList<>();
    List<String> open = new ArrayList<>();
    for (Met entry : met) {
      if (hidden(entry.name())) {
        continue;
      }
      if (apart) {
        parts(entry.name()).filter(part -> !isUtf8(part)).forEach(open::add);
      } else {
        (entry.name().utf8() ? sure : open).add(entry.name().raw());
      }
    }
    if (!NameEncoding.fit(sure, StandardCharsets.UTF_8)) {
      open.addAll(sure);
      said = NameEncoding.of(open);
      unsaid = said;
    } else {
      unsaid = NameEncoding.of(open);
    }
  }

  private static Stream<String> parts(Name name) {
    return Arrays.stream(name.raw().split("/", -1));
  }

  private static boolean isUtf8(String raw) {
    return NameEncoding.isAscii(raw) || NameEncoding.fit(List.of(raw), StandardCharsets.UTF_8);
  }

  private String decoded(Name name) {
    String text =
        !apart || NameEncoding.isAscii(name.raw())
            ? decoded(name.raw(), name.utf8() ? said : unsaid)
            : parts(name)
                .map(part -> decoded(part, isUtf8(part) ? StandardCharsets.UTF_8 : unsaid))
                .collect(Collectors.joining("/"));
    return backslashes ? text.replace('\\', '/') : text;
  }

  private static String decoded(String raw, Charset charset) {
    // What does not fit is a hidden file's name, or where a link leads.
    boolean fits = NameEncoding.fit(List.of(raw), charset);
    return NameEncoding.decode(raw, fits ? charset : StandardCharsets.ISO_8859_1);
  }

  /** The path of an entry; null if it is counted as left out. */
  private String path(Name name) {
    String decoded = decoded(name);
    String plain = SetPath.plain(decoded);
    if (plain == null) {
      if (Listing.surelyNoPicture(decoded)) {
        leftOut.add(LeftOut.Kind.OUTSIDE, SetPath.shown(decoded));
        return null;
      }
      throw UsageException.ofWord(
          "%s: the entry %s leads out of the archive; pack it again from the folder that holds all of it"
              .formatted(container, SetPath.shown(decoded)));
    }
    if (plain.isEmpty()) {
      leftOut.add(LeftOut.Kind.NAMELESS, "'" + SetPath.shown(decoded) + "'");
      return null;
    }
    String path = SetPath.normal(plain);
    requireOneForm(path, plain);
    return path;
  }

  /** Refuses two names that are one in normal form C: they look alike, and may be two pictures. */
  private void requireOneForm(String path, String plain) {
    if (!files.containsKey(path) && !links.containsKey(path)) {
      if (!plain.equals(path)) {
        otherForms.put(path, plain);
      }
      return;
    }
    String other = otherForms.getOrDefault(path, path);
    if (!other.equals(plain)) {
      throw SetPath.alike(container, other, plain);
    }
  }

  private void put(Met entry, String path, Image.Content content) {
    requireNew(entry, path);
    links.remove(path);
    files.put(path, content);
  }

  private void requireNew(Met entry, String path) {
    if (!files.containsKey(path) && !links.containsKey(path)) {
      return;
    }
    if (updated) {
      leftOut.add(LeftOut.Kind.SUPERSEDED, SetPath.shown(path));
    } else if (!Listing.hidden(path) && apart) {
      throw UsageException.ofWord(
          "%s: two files are called %s, each in an encoding of its own; rename one"
              .formatted(container, SetPath.shown(path)));
    } else if (!Listing.hidden(path)) {
      throw UsageException.ofWord(
          "%s holds %s twice; unpack it, which asks which of the two to keep or how to call them, and give the folder"
              .formatted(container, SetPath.shown(decoded(entry.name()))));
    }
  }

  /** Gives a hard link what its target holds now; false if there is no such entry yet. */
  private boolean linked(Met entry, String path) {
    String target = SetPath.plain(decoded(entry.target()));
    target = target == null ? "" : SetPath.normal(target);
    if (target.equals(path)) {
      return files.containsKey(path) || links.containsKey(path);
    }
    if (files.containsKey(target)) {
      put(entry, path, files.get(target));
      return true;
    }
    if (links.containsKey(target)) {
      requireNew(entry, path);
      files.remove(path);
      links.put(path, links.get(target));
      return true;
    }
    return false;
  }

  /** Hard links to entries that lie after them, and whose targets are nowhere. */
  private void linkedLater(List<Met> early) {
    List<Met> left = early;
    int before;
    do {
      before = left.size();
      left = left.stream().filter(entry -> !linked(entry, path(entry.name()))).toList();
    } while (left.size() < before);
    for (Met entry : left) {
      deadLink(path(entry.name()), SetPath.shown(decoded(entry.target())));
    }
  }

  private void deadLink(String path, String target) {
    if (!Links.dead(container, path, target, files, leftOut)) {
      throw Links.leadsNowhere(container, path, target);
    }
  }
}
