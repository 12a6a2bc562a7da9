package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through a tar's headers once: entries with the places of their bytes, names as bytes. Knows
 * ustar, pax and GNU tar's long names and sparse files. Concatenated tars are read as one.
 */
final class Tar {
  private static final Logger LOG = LoggerFactory.getLogger(Tar.class);

  /** What becomes of a tar's entries, in their order. */
  interface Sink {
    void file(Entries.Name name, Image.Content content) throws IOException;

    /** A link to a path that is relative to the link's own folder. */
    void symbolicLink(Entries.Name name, Entries.Name target) throws IOException;

    /** Another name of an entry of the archive. */
    void hardLink(Entries.Name name, Entries.Name target) throws IOException;

    /** Something that is no file. */
    void leaveOut(LeftOut.Kind kind, Entries.Name name);

    /** A folder, which may hold nothing. */
    default void folder(Entries.Name name) {}

    /** Whether somebody else lists all of it, who says what is odd. */
    default boolean isLook() {
      return false;
    }

    /** Whether the entries that follow need not be read. */
    default boolean hasEnough() {
      return false;
    }
  }

  /** A tar whose bytes are no tar. */
  static final class NotTar extends IOException {
    private static final long serialVersionUID = 1;

    NotTar(String message) {
      super(message);
    }
  }

  private static final int BLOCK = TarHeader.BLOCK;

  /** No name or set of attributes is longer. */
  private static final long LONGEST = 16 << 20;

  /** The mark of the end, and zeros up to a whole record, as tar writes them. */
  private static final long PADDING = 2 * BLOCK + 20 * BLOCK;

  /** How much is read ahead: the headers of small pictures lie close together. */
  private static final int AHEAD = 8192;

  /**
   * A tar's bytes.
   *
   * @param source has them, and is read as long as the tar's pictures are asked for
   * @param number of the source among those of its set
   * @param from where they begin
   * @param length how many there are
   * @param file what the tar is called, for messages
   */
  record Bytes(BoundedBytes.Source source, int number, long from, long length, String file) {}

  private final Bytes tar;
  private final BoundedBytes.Source source;

  /** Where it ends. */
  private final long end;

  private final Sink entries;

  private final byte[] ahead = new byte[AHEAD];
  private long aheadAt;
  private int aheadLength;
  private long at;

  private String longName;
  private String longLink;
  private Map<String, String> records = Map.of();
  private final List<Long> sparse = new ArrayList<>();

  private Tar(Bytes tar, Sink entries) {
    this.tar = tar;
    this.source = tar.source;
    this.at = tar.from;
    this.end = tar.from + tar.length;
    this.entries = entries;
  }

  /**
   * Adds everything that a tar holds.
   *
   * @throws NotTar if it is none
   * @throws IOException if it is cut off, damaged, or cannot be read
   */
  static void list(Bytes tar, Sink entries) throws IOException {
    new Tar(tar, entries).list();
  }

  private void list() throws IOException {
    boolean any = false;
    boolean ended = false;
    long endedAt = 0;
    while (at < end && !entries.hasEnough()) {
      TarHeader header = header();
      if (header.isZero()) {
        endedAt = ended ? endedAt : at - BLOCK;
        ended = true;
      } else if (!header.isValid()) {
        if (!any && !ended) {
          throw new NotTar("it does not begin as a tar does");
        }
        throw new IOException(
            "at byte %d there is neither an entry nor the end of a tar".formatted(at - BLOCK));
      } else {
        any = true;
        ended = false;
        entry(header);
      }
    }
    if (!ended && !entries.hasEnough()) {
      throw new IOException("it ends without the mark of a tar's end");
    }
    if (ended && end - endedAt > PADDING && !entries.hasEnough() && !entries.isLook()) {
      LOG.warn(
          "{}: {} bytes of zeros follow its last entry, at byte {}; if a copy of it was broken off, get it again",
          tar.file,
          end - endedAt,
          endedAt);
    }
  }

  private TarHeader header() throws IOException {
    if (at < aheadAt || at + BLOCK > aheadAt + aheadLength) {
      aheadLength = BoundedBytes.fill(source, at, ahead, 0, (int) Math.min(AHEAD, end - at));
      aheadAt = at;
      if (aheadLength < BLOCK) {
        throw new IOException("it ends within an entry's header");
      }
    }
    int from = (int) (at - aheadAt);
    at += BLOCK;
    return new TarHeader(Arrays.copyOfRange(ahead, from, from + BLOCK));
  }

  private void entry(TarHeader header) throws IOException {
    long size = header.size();
    if (size < 0) {
      throw new IOException("the size of " + SetPath.shown(header.name()) + " is no number");
    }
    switch (header.type()) {
      case 'L' -> longName = text(size);
      case 'K' -> longLink = text(size);
      case 'x', 'X' -> {
        records = TarHeader.records(bytes(size), sparse);
        if (records == null) {
          throw new IOException("an extended header is damaged at byte " + (at - BLOCK));
        }
      }
      case 'g' -> skip(size, "an extended header");
      case 'M' ->
          throw new IOException(
              "it is a later volume of an archive in several; unpack all of them, and give the folder");
      default -> {
        named(header, size);
        longName = null;
        longLink = null;
        records = Map.of();
        sparse.clear();
      }
    }
  }

  private void named(TarHeader header, long stored) throws IOException {
    String given = records.getOrDefault("GNU.sparse.name", records.get("path"));
    String raw = given != null ? given : longName != null ? longName : header.name();
    Entries.Name name = new Entries.Name(raw, given != null);
    long size = sizeOr(stored, "size");
    switch (header.type()) {
      case '1', '2' -> {
        String path = records.get("linkpath");
        Entries.Name target =
            path != null
                ? new Entries.Name(path, true)
                : new Entries.Name(longLink != null ? longLink : header.link(), false);
        if (header.type() == '1') {
          entries.hardLink(name, target);
        } else {
          entries.symbolicLink(name, target);
        }
        // pax lets a hard link bring its bytes along; GNU tar says a size and brings none.
        if (size > 0 && at < end && !isHeaderNext()) {
          skip(size, raw);
        }
      }
      case '3', '4', '6' -> {
        entries.leaveOut(LeftOut.Kind.SPECIAL, name);
        skip(size, raw);
      }
      case '5' -> {
        entries.folder(name);
        skip(size, raw);
      }
      case 'D', 'V', 'N', 'A', 'I' -> skip(size, raw);
      default -> {
        if (!raw.endsWith("/")) { // before POSIX, a folder was a file with such a name
          entries.file(name, content(header, size, raw));
        }
        skip(size, raw);
      }
    }
  }

  private long sizeOr(long otherwise, String key) throws IOException {
    String said = records.get(key);
    if (said == null) {
      return otherwise;
    }
    if (!said.matches("\\d{1,18}")) {
      throw new IOException("an extended header says a " + key + " that is no number");
    }
    return Long.parseLong(said);
  }

  private boolean isHeaderNext() throws IOException {
    long here = at;
    TarHeader next = header();
    at = here;
    return next.isZero() || next.isValid();
  }

  private Image.Content content(TarHeader header, long size, String raw) throws IOException {
    if (header.type() == 'S') {
      TarHeader.sparse(header, 386, 4, sparse);
      boolean more = header.block()[482] != 0;
      while (more) {
        TarHeader next = header();
        TarHeader.sparse(next, 0, 21, sparse);
        more = next.block()[504] != 0;
      }
      return new SparseContent(
          source, at, size, header.number(483, 12), List.copyOf(sparse), name(raw));
    }
    if ("1".equals(records.get("GNU.sparse.major"))) {
      return new SparseContent(
          source, at, size, sizeOr(size, "GNU.sparse.realsize"), null, name(raw));
    }
    if (records.containsKey("GNU.sparse.size")) {
      String map = records.get("GNU.sparse.map");
      return new SparseContent(
          source,
          at,
          size,
          sizeOr(size, "GNU.sparse.size"),
          map == null ? List.copyOf(sparse) : TarHeader.numbers(map),
          name(raw));
    }
    return new Whole(tar, at, size, raw);
  }

  /** An entry's bytes, one after another; its name is put together only for a message. */
  record Whole(Bytes tar, long at, long size, String raw) implements Image.Content {
    String name() {
      return Tar.name(tar, raw);
    }

    /** As a tar of its own. */
    Bytes bytes() {
      return new Bytes(tar.source, tar.number, at, size, name());
    }

    @Override
    public byte[] read() throws IOException {
      return BoundedBytes.of(tar.source, at, size, this::name);
    }

    @Override
    public InputStream open() {
      return new BoundedBytes.Stretch(tar.source, at, size, this::name);
    }

    @Override
    public byte[] head(int bytes) throws IOException {
      byte[] head = new byte[(int) Math.min(bytes, size)];
      BoundedBytes.fill(tar.source, at, head, 0, head.length);
      return head;
    }

    @Override
    public long place() {
      return (long) tar.number << PLACE_BITS | at;
    }
  }

  private String name(String raw) {
    return name(tar, raw);
  }

  private static String name(Bytes tar, String raw) {
    return tar.file + ": " + SetPath.shown(NameEncoding.decode(raw, NameEncoding.of(List.of(raw))));
  }

  private byte[] bytes(long size) throws IOException {
    if (size > LONGEST) {
      throw new IOException("a name or an extended header of " + size + " bytes cannot be");
    }
    byte[] bytes = BoundedBytes.of(source, at, size, () -> "a name");
    skip(size, "a name");
    return bytes;
  }

  private String text(long size) throws IOException {
    String text = new String(bytes(size), StandardCharsets.ISO_8859_1);
    int end = text.indexOf(0);
    return end < 0 ? text : text.substring(0, end);
  }

  private void skip(long size, String name) throws IOException {
    if (size > end - at) {
      throw new IOException("it ends within " + SetPath.shown(name));
    }
    at += (size + BLOCK - 1) / BLOCK * BLOCK;
  }
}
