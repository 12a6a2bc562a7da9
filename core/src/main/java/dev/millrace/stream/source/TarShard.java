package dev.millrace.stream.source;

import static dev.millrace.file.Json.ONE_VALUE;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.Image;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A shard as WebDataset has it: a tar in which files that follow each other and have one name up to
 * its first dot are one sample: {@code KEY.jpg} with its class in {@code KEY.cls}, or with class,
 * domain and part in {@code KEY.json}. Not thread-safe.
 */
final class TarShard implements Tar.Sink {
  /** Fields of a sample's JSON that say the class, the first that is there. */
  private static final List<String> LABELS =
      List.of("cls", "label", "class", "class_name", "category");

  private static final int LONGEST = 1 << 20;

  /** A sample's file: its key, and the rest of its name. */
  private record Member(String key, String ending, Image.Content content) {
    /** A compound ending, such as {@code seg.png}, is of something made for the picture. */
    boolean isPicture() {
      return Listing.picture("." + ending) && ending.indexOf('.') < 0;
    }

    boolean is(String other) {
      return ending.equalsIgnoreCase(other);
    }

    boolean saysClass() {
      if (is("cls")) {
        return true;
      }
      try {
        return is("json")
            && content.size() <= LONGEST
            && label(ONE_VALUE.readTree(content.read())) != null;
      } catch (IOException e) {
        return false;
      }
    }
  }

  private final String file;
  private final String front;
  private final Part part;
  private final int origin;
  private final PackedWriter writer;
  private final ShardTally tally;
  private final BooleanSupplier stop;
  private final NameSet names;
  private final List<Member> sample = new ArrayList<>();

  /**
   * @param file for messages
   * @param front what stands before the names of the shard's pictures
   * @param part that pictures belong to which do not say another
   * @param origin the shard's number
   * @param names that pictures of the set have
   */
  TarShard(
      String file,
      String front,
      Part part,
      int origin,
      NameSet names,
      PackedWriter writer,
      ShardTally tally,
      BooleanSupplier stop) {
    this.file = file;
    this.front = front;
    this.part = part;
    this.origin = origin;
    this.names = names;
    this.writer = writer;
    this.tally = tally;
    this.stop = stop;
  }

  @Override
  public void file(Entries.Name name, Image.Content content) throws IOException {
    Listing.heed(stop);
    Member member = member(name, content);
    if (member == null) {
      tally.leftOut.add(LeftOut.Kind.HIDDEN, SetPath.shown(name.raw()));
      return;
    }
    if (!sample.isEmpty() && !sample.get(0).key.equals(member.key)) {
      flush();
    }
    sample.add(member);
  }

  /** Null for what is hidden. */
  private static Member member(Entries.Name name, Image.Content content) throws IOException {
    Charset charset = NameEncoding.of(List.of(name.raw()));
    String path = SetPath.plain(NameEncoding.decode(name.raw(), charset));
    if (path == null || path.isEmpty()) {
      throw new IOException("the entry '%s' leads nowhere".formatted(SetPath.shown(name.raw())));
    }
    path = SetPath.normal(path);
    if (Listing.hidden(path)) {
      return null;
    }
    int dot = path.indexOf('.', path.lastIndexOf('/') + 1);
    return dot < 0
        ? new Member(path, "", content)
        : new Member(path.substring(0, dot), path.substring(dot + 1), content);
  }

  /** Ends the sample that was gathered. */
  void flush() throws IOException {
    String label = null;
    String domain = null;
    Part its = part;
    List<Member> pictures = new ArrayList<>();
    for (Member member : sample) {
      if (member.isPicture()) {
        pictures.add(member);
      }
    }
    for (Member member : sample) {
      boolean read = !pictures.isEmpty();
      if (read && member.is("cls")) {
        label = text(member);
      } else if (read && member.is("json")) {
        JsonNode json = json(member);
        label = label == null ? label(member, json) : label;
        domain = word(json.get("domain"));
        String split = word(json.get("split"));
        its = split == null ? part : part(split, member);
      } else if (!member.isPicture()) {
        tally.other(member.key + "." + member.ending);
      }
    }
    for (Member member : pictures) {
      add(member, its, label, domain);
    }
    sample.clear();
  }

  private Part part(String split, Member member) {
    Part said = Part.within(split);
    if (said == null) {
      throw UsageException.ofWord(
          "%s: %s.json has the split '%s', expected train, val or test; write the shard again"
              .formatted(file, SetPath.shown(member.key), SetPath.shown(split)));
    }
    return said;
  }

  private void add(Member member, Part its, String label, String domain) throws IOException {
    String path = member.key + "." + member.ending;
    if (!(member.content instanceof Tar.Whole bytes)) {
      throw new IOException(SetPath.shown(path) + " is a sparse file; pack it again without these");
    }
    String id = front + path;
    if (!names.add(id)) {
      throw twice(file, path, id);
    }
    tally.picture(id, label);
    writer.add(its, id, label, domain, origin, bytes.at(), bytes.size());
  }

  static IllegalArgumentException twice(String file, String path, String id) {
    return UsageException.ofWord(
        "%s holds %s twice, or another shard has %s; write the shard again, each sample under a key of its own"
            .formatted(file, SetPath.shown(path), SetPath.shown(id)));
  }

  private String text(Member member) throws IOException {
    String raw = NameEncoding.raw(bytes(member));
    String text = NameEncoding.decode(raw, NameEncoding.of(List.of(raw))).strip();
    if (text.isEmpty() || text.lines().count() > 1) {
      throw UsageException.ofWord(
          "%s: %s.cls holds no class but '%.40s', expected a number or a name in one line; write the shard again"
              .formatted(file, SetPath.shown(member.key), SetPath.shown(text)));
    }
    return SetPath.normal(text);
  }

  private JsonNode json(Member member) throws IOException {
    JsonNode json;
    try {
      json = ONE_VALUE.readTree(bytes(member));
    } catch (JacksonException e) {
      json = null;
    }
    if (json == null || !json.isObject()) {
      throw UsageException.ofWord(
          "%s: %s.json is no JSON object, or more than one; write the shard again, or take these files out"
              .formatted(file, SetPath.shown(member.key)));
    }
    return json;
  }

  private byte[] bytes(Member member) throws IOException {
    if (member.content.size() > LONGEST) {
      throw new IOException(
          "%s.%s has %d bytes, which no class needs"
              .formatted(SetPath.shown(member.key), member.ending, member.content.size()));
    }
    return member.content.read();
  }

  /** The class that a sample's JSON says; one that is no name is counted. */
  private String label(Member member, JsonNode json) {
    String label = label(json);
    if (label == null) {
      for (String field : LABELS) {
        JsonNode value = json.get(field);
        boolean blank = value == null || value.isNull() || value.isTextual();
        if (!blank) {
          tally.noName("%s.json has the %s %.40s".formatted(member.key, field, value));
          return null;
        }
      }
    }
    return label;
  }

  private static String label(JsonNode json) {
    for (String field : LABELS) {
      String word = word(json.get(field));
      if (word != null) {
        return word;
      }
    }
    return null;
  }

  /** A text or a whole number; null for anything else. */
  private static String word(JsonNode value) {
    return value != null
            && (value.isTextual() && !value.asText().isBlank() || value.isIntegralNumber())
        ? SetPath.normal(value.asText().strip())
        : null;
  }

  @Override
  public void symbolicLink(Entries.Name name, Entries.Name target) {
    link(name);
  }

  @Override
  public void hardLink(Entries.Name name, Entries.Name target) {
    link(name);
  }

  private void link(Entries.Name name) {
    throw UsageException.ofWord(
        "%s: %s is a link, and a shard is read file by file; pack it again with files (tar -h --hard-dereference)"
            .formatted(file, SetPath.shown(name.raw())));
  }

  @Override
  public void leaveOut(LeftOut.Kind kind, Entries.Name name) {
    tally.leftOut.add(kind, SetPath.shown(name.raw()));
  }

  /** Looks at the first entries of a tar. */
  static final class Look implements Tar.Sink {
    private static final int ENTRIES = 64;

    private final List<Member> met = new ArrayList<>();
    private boolean links;

    @Override
    public boolean isLook() {
      return true;
    }

    @Override
    public void file(Entries.Name name, Image.Content content) {
      try {
        Member member = member(name, content);
        if (member != null) {
          met.add(member);
        }
      } catch (IOException e) {
        links = true; // what it is, whoever lists it says
      }
    }

    @Override
    public void symbolicLink(Entries.Name name, Entries.Name target) {
      links = true;
    }

    @Override
    public void hardLink(Entries.Name name, Entries.Name target) {
      links = true;
    }

    @Override
    public void leaveOut(LeftOut.Kind kind, Entries.Name name) {}

    @Override
    public boolean hasEnough() {
      return links || met.size() >= ENTRIES;
    }

    /** Whether pictures have their class beside them. */
    boolean isShard() {
      Set<String> pictures = new java.util.HashSet<>();
      met.stream().filter(Member::isPicture).forEach(member -> pictures.add(member.key));
      return !links && met.stream().anyMatch(m -> pictures.contains(m.key) && m.saysClass());
    }
  }
}
