package dev.millrace.stream.source;

import static dev.millrace.file.Json.ONE_VALUE;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.TextFile;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A list of pictures as a set: {@code .csv} or {@code .tsv} with a line of names at its top, or
 * {@code .jsonl} with an object a line; {@code path} is needed, {@code label}, {@code domain} and
 * {@code split} may be there. Paths are relative to the list's folder, so that a run tells nothing
 * of the machine. Pictures are in the list's order. A file that is missing is listed, and met by
 * its name when pictures are checked.
 */
final class Manifest {
  private static final Logger LOG = LoggerFactory.getLogger(Manifest.class);
  private static final int BETWEEN_STOPS = 1024;

  /** Characters within quotes; a quote that does not end would take all that follows. */
  private static final int LONGEST_CELL = 1 << 16;

  /** What the columns may be called. */
  private static final Map<String, List<String>> NAMES =
      Map.of(
          "path", List.of("path", "file", "file_name", "filename", "image"),
          "label", List.of("label", "class", "cls", "class_name"),
          "domain", List.of("domain"),
          "split", List.of("split", "part"));

  private final String file;

  /** Null where the list is another machine's. */
  private final Path folder;

  /** What places of its pictures begin with, where they are another machine's. */
  private final String place;

  private final PackedWriter writer;
  private final ShardTally tally = new ShardTally();
  private final NameSet names = new NameSet();
  private final BooleanSupplier stop;
  private final Map<String, String> row = new HashMap<>();

  /** Fields of a row that are objects and lists. */
  private final Map<String, String> noNames = new HashMap<>();

  private long line;

  private Manifest(Origin list, PackedWriter writer, BooleanSupplier stop) {
    file = list.file();
    this.writer = writer;
    this.stop = stop;
    if (list.remote()) {
      folder = null;
      place = file.substring(0, file.lastIndexOf('/'));
    } else {
      Path path = list.path();
      folder = path.getParent() == null ? path.getRoot() : path.getParent();
      place = folder.toString();
    }
  }

  /** Whether a file is a list, by its name. */
  static boolean is(Path file) {
    return is(file.getFileName().toString());
  }

  static boolean is(String name) {
    return ending(name).matches("csv|tsv|jsonl|ndjson");
  }

  private static String ending(String name) {
    return OtherFiles.ending(name).toLowerCase(Locale.ROOT);
  }

  /**
   * Opens a list.
   *
   * @param cache where what was read is gathered; nothing is kept there, since files may change
   * @throws IllegalArgumentException if a line cannot be understood, naming it
   */
  static DataSet open(Path file, String name, Path cache, BooleanSupplier stop) throws IOException {
    return open(Origin.of(Origin.Form.PLAIN, file), name, cache, stop);
  }

  /** Like {@link #open(Path, String, Path, BooleanSupplier)}, of one that may lie elsewhere. */
  static DataSet open(Origin list, String name, Path cache, BooleanSupplier stop)
      throws IOException {
    String file = list.file();
    String ending = ending(list.name());
    try (PackedWriter writer = new PackedWriter(cache);
        BufferedReader lines = lines(list, cache)) {
      Manifest manifest = new Manifest(list, writer, stop);
      writer.origin(
          list.remote()
              ? Origin.remoteFolder(manifest.place)
              : Origin.of(Origin.Form.FOLDER, manifest.folder));
      if (ending.matches("csv|tsv")) {
        manifest.table(lines, ending.equals("csv") ? ',' : '\t');
      } else {
        manifest.objects(lines);
      }
      if (manifest.tally.pictures() == 0) {
        throw UsageException.ofWord(
            file + " lists no picture; expected a line a picture, with its path");
      }
      DataSet set =
          writer
              .write(
                  name,
                  null,
                  manifest.tally.about("a list: path, label, domain, split"),
                  manifest.tally.leftOut.done())
              .dataSet(name);
      set.about().notes().forEach(note -> LOG.warn("{}: {}", name, note));
      if (list.remote()) {
        LOG.warn(
            "{}: the pictures of a list are read as they are then: one that changes under its name is not noticed, as it is in shards",
            name);
      }
      return set;
    } catch (CharacterCodingException e) {
      throw UsageException.ofWord(file + " is not UTF-8; write it again as that");
    }
  }

  private static BufferedReader lines(Origin list, Path cache) throws IOException {
    if (!list.remote()) {
      return Files.newBufferedReader(list.path(), StandardCharsets.UTF_8);
    }
    InputStream bytes =
        new BoundedBytes.Stretch(RemoteFile.of(list, cache), 0, list.size(), list::file);
    // Unlike a decoder of a charset's name, this one refuses what is not UTF-8.
    return new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder()));
  }

  private void objects(BufferedReader lines) throws IOException {
    for (String text = lines.readLine(); text != null; text = lines.readLine()) {
      text = line++ == 0 ? TextFile.unmarked(text) : text;
      if (text.isBlank()) {
        continue;
      }
      JsonNode json;
      try {
        json = ONE_VALUE.readTree(text);
      } catch (JacksonException e) {
        json = null;
      }
      if (json == null || !json.isObject()) {
        throw refused("is no JSON object, or more than one");
      }
      row.clear();
      noNames.clear();
      for (var field : json.properties()) {
        JsonNode value = field.getValue();
        if (value.isContainerNode()) {
          noNames.put(field.getKey(), "%.40s".formatted(value));
        }
        if (value.isValueNode() && !value.isNull()) {
          row.put(field.getKey(), value.asText());
        }
      }
      add();
    }
  }

  private void table(BufferedReader lines, char between) throws IOException {
    List<String> top = null;
    for (List<String> cells = cells(lines, between); cells != null; cells = cells(lines, between)) {
      if (cells.size() == 1 && cells.get(0).isBlank()) {
        continue;
      }
      if (top == null) {
        top = cells.stream().map(cell -> cell.strip().toLowerCase(Locale.ROOT)).toList();
        if (top.stream().noneMatch(NAMES.get("path")::contains)) {
          throw refused(
              "has no name of a column of paths, but %s; expected a first line such as path,label,domain,split"
                  .formatted(top));
        }
        continue;
      }
      if (cells.size() != top.size()) {
        throw refused("has %d cells, expected %d".formatted(cells.size(), top.size()));
      }
      row.clear();
      for (int i = 0; i < cells.size(); i++) {
        row.put(top.get(i), cells.get(i));
      }
      add();
    }
  }

  /** The cells of a row, which may have line ends within quotes; null at the end. */
  private List<String> cells(BufferedReader lines, char between) throws IOException {
    String text = lines.readLine();
    if (text == null) {
      return null;
    }
    text = line++ == 0 ? TextFile.unmarked(text) : text;
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    long began = line;
    for (int i = 0; ; i++) {
      if (i == text.length()) {
        if (!quoted) {
          cells.add(cell.toString());
          return cells;
        }
        cell.append('\n');
        text = cell.length() > LONGEST_CELL ? null : lines.readLine();
        if (text == null) {
          line = began;
          throw refused(
              "opens a quote that does not end within the list or %d characters; close it, or double it if it is meant itself"
                  .formatted(LONGEST_CELL));
        }
        line++;
        i = -1;
        continue;
      }
      char c = text.charAt(i);
      if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"' && (quoted || cell.isEmpty())) {
        quoted = !quoted;
        began = line;
      } else if (c == between && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
  }

  private void add() throws IOException {
    if (line % BETWEEN_STOPS == 0) {
      Listing.heed(stop);
    }
    String said = word("path");
    if (said == null) {
      throw refused("has no path");
    }
    String raw = path(said);
    String path = SetPath.normal(raw);
    if (!names.add(path)) {
      throw refused(
          "lists %s a second time; list each picture once".formatted(SetPath.shown(path)));
    }
    String split = word("split");
    Part part = split == null ? Part.TRAIN : Part.within(split);
    if (part == null) {
      throw refused(
          "has the split '%s', expected train, val or test".formatted(SetPath.shown(split)));
    }
    String label = word("label");
    tally.picture(path, label);
    long size;
    try {
      size = folder == null ? Image.UNKNOWN : Files.size(folder.resolve(raw));
    } catch (IOException e) {
      size = Image.UNKNOWN;
    }
    writer.add(part, path, raw, label, word("domain"), 0, size);
  }

  /** The path within the list's folder, spelled as the file is. */
  private String path(String said) {
    String slashed = said.replace('\\', '/');
    if (folder == null && slashed.startsWith(place + "/")) {
      slashed = slashed.substring(place.length() + 1);
    }
    if (slashed.contains("://")) {
      throw refused(
          "leads to another machine, %s; bring the pictures here".formatted(SetPath.shown(said)));
    }
    if (folder == null) {
      String plain = slashed.startsWith("/") ? null : SetPath.plain(slashed);
      if (plain != null && !plain.isEmpty()) {
        return plain;
      }
      throw refused(
          "leads out of the list's folder, %s; put the list above all its pictures"
              .formatted(SetPath.shown(said)));
    }
    try {
      Path full = folder.resolve(slashed).normalize();
      if (full.startsWith(folder) && !full.equals(folder)) {
        return folder.relativize(full).toString().replace('\\', '/');
      }
    } catch (InvalidPathException e) {
      throw refused("has a path that cannot be: " + SetPath.shown(said));
    }
    throw refused(
        "leads out of the list's folder, %s; put the list in a folder above all its pictures"
            .formatted(SetPath.shown(said)));
  }

  private String word(String column) {
    for (String name : NAMES.get(column)) {
      String value = row.get(name);
      if (value != null && !value.isBlank()) {
        return column.equals("path") ? value.strip() : SetPath.normal(value.strip());
      }
    }
    for (String name : NAMES.get(column)) {
      if (noNames.containsKey(name)) {
        throw refused(
            "has the %s %s, expected a text or a number".formatted(name, noNames.get(name)));
      }
    }
    return null;
  }

  private IllegalArgumentException refused(String what) {
    return UsageException.ofWord("line %d of %s %s".formatted(line, file, what));
  }
}
