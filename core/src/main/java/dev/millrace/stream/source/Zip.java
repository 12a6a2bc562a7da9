package dev.millrace.stream.source;

import dev.millrace.file.Reason;
import dev.millrace.stream.Image;
import dev.millrace.stream.SourceException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.UnicodePathExtraField;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.apache.commons.compress.compressors.xz.XZUtils;
import org.apache.commons.compress.compressors.zstandard.ZstdUtils;

/**
 * A zip's entries by its central directory (PKWARE, "APPNOTE.TXT", 6.3.10). A name is UTF-8 where
 * its flag or Info-ZIP's Unicode path says so. Every entry's CRC-32 is compared when it is read.
 */
final class Zip {
  private static final int UNIX_TYPE = 0xF000;
  private static final int UNIX_FILE = 0x8000;
  private static final int UNIX_LINK = 0xA000;
  private static final int LONGEST_LINK = 1 << 16;

  private Zip() {}

  /**
   * Lists a zip, which stays open as long as its pictures can be asked for.
   *
   * @throws IOException if it is none, or is cut off
   */
  static Listing list(Path file, BooleanSupplier stop) throws IOException {
    ZipFile zip = open(file);
    try {
      List<ZipArchiveEntry> all = Collections.list(zip.getEntries());
      Entries entries = new Entries(file.toString(), false, backslashes(all), stop);
      for (ZipArchiveEntry entry : all) {
        add(entry, file, zip, entries);
      }
      return entries.listing();
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static ZipFile open(Path file) throws IOException {
    SteadyFile bytes = SteadyFile.open(file);
    try {
      return open(new SteadyChannel(bytes));
    } catch (IOException e) {
      bytes.close();
      // The library's own words name its channel, which is nothing that anybody gave.
      throw e.getCause() instanceof IOException cause ? cause : e;
    } catch (RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  private static ZipFile open(SteadyChannel zip) throws IOException {
    try {
      // An entry's own header is looked at when it is read, and can spoil no other.
      return ZipFile.builder().setSeekableByteChannel(zip).setIgnoreLocalFileHeader(true).get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException("its directory is damaged: " + Reason.of(e), e);
    }
  }

  /**
   * Whether {@code \} stands between the parts of paths, as some programs for Windows write them,
   * against the rule: there it can be nothing else, and elsewhere where no path has a {@code /}.
   */
  private static boolean backslashes(List<ZipArchiveEntry> entries) {
    boolean windows =
        entries.stream().allMatch(entry -> entry.getPlatform() != ZipArchiveEntry.PLATFORM_UNIX);
    return windows || entries.stream().noneMatch(entry -> raw(entry).indexOf('/') >= 0);
  }

  private static String raw(ZipArchiveEntry entry) {
    byte[] raw = entry.getRawName();
    return raw == null ? "" : NameEncoding.raw(raw);
  }

  private static Entries.Name name(ZipArchiveEntry entry) {
    String raw = raw(entry);
    if (entry.getExtraField(UnicodePathExtraField.UPATH_ID)
        instanceof UnicodePathExtraField field) {
      CRC32 crc = new CRC32();
      crc.update(raw.getBytes(StandardCharsets.ISO_8859_1));
      // Where the name was changed since, the field is of the old one.
      if (crc.getValue() == field.getNameCRC32() && field.getUnicodeName() != null) {
        return new Entries.Name(NameEncoding.raw(field.getUnicodeName()), true);
      }
    }
    return new Entries.Name(raw, entry.getGeneralPurposeBit().usesUTF8ForNames());
  }

  private static void add(ZipArchiveEntry entry, Path file, ZipFile zip, Entries entries)
      throws IOException {
    Entries.Name name = name(entry);
    String raw = name.raw();
    if (raw.endsWith("/") || raw.endsWith("\\") && entry.getSize() == 0) {
      entries.folder(name);
      return;
    }
    int type =
        entry.getPlatform() == ZipArchiveEntry.PLATFORM_UNIX
            ? entry.getUnixMode() & UNIX_TYPE
            : UNIX_FILE;
    Member member = new Member(zip, entry, file);
    if (type == UNIX_LINK && member.refusal() == null && entry.getSize() <= LONGEST_LINK) {
      byte[] target = member.read();
      entries.symbolicLink(name, new Entries.Name(NameEncoding.raw(target), name.utf8()));
    } else if (type == UNIX_FILE || type == UNIX_LINK || type == 0) {
      entries.file(name, member);
    } else {
      entries.leaveOut(LeftOut.Kind.SPECIAL, name);
    }
  }

  /** The bytes of an entry. */
  private record Member(ZipFile zip, ZipArchiveEntry entry, Path file) implements Image.Content {
    private String name() {
      return file + ": " + SetPath.shown(entry.getName());
    }

    @Override
    public long size() {
      return entry.getSize();
    }

    /** Why it cannot be read, whatever its bytes; null if nothing is known against it. */
    private String refusal() {
      if (entry.getGeneralPurposeBit().usesEncryption()) {
        return "is encrypted; unpack the archive with its password, and give the folder";
      }
      if (entry.getDiskNumberStart() > 0) {
        return "lies in another volume of the archive; join them with `zip -s 0 ARCHIVE --out WHOLE.zip`";
      }
      ZipMethod method = ZipMethod.getMethodByCode(entry.getMethod());
      if (!zip.canReadEntryData(entry) || !isHere(method)) {
        return "is packed by %s, which is not read; pack it again with plain zip"
            .formatted(
                method == null || method == ZipMethod.UNKNOWN
                    ? "method " + entry.getMethod()
                    : method.toString());
      }
      return null;
    }

    /** Whether the library that unpacks a method, if it is one of its own, is here. */
    private static boolean isHere(ZipMethod method) {
      if (method == ZipMethod.XZ) {
        return XZUtils.isXZCompressionAvailable();
      }
      boolean zstd = method == ZipMethod.ZSTD || method == ZipMethod.ZSTD_DEPRECATED;
      return !zstd || ZstdUtils.isZstdCompressionAvailable();
    }

    private void requireReadable() throws IOException {
      if (refusal() != null) {
        throw new IOException(name() + " " + refusal());
      }
    }

    @Override
    public byte[] head(int bytes) throws IOException {
      requireReadable();
      synchronized (zip) {
        try (InputStream in = zip.getInputStream(entry)) {
          return in.readNBytes(bytes);
        } catch (IllegalArgumentException e) {
          throw new IOException("%s cannot be read: %s".formatted(name(), Reason.of(e)), e);
        }
      }
    }

    @Override
    public InputStream open() throws IOException {
      requireReadable();
      return new Summed(zip.getInputStream(entry));
    }

    /** Compares the checksum where the bytes end, and names the member in what goes wrong. */
    private final class Summed extends FilterInputStream {
      private final CRC32 crc = new CRC32();

      Summed(InputStream in) {
        super(in);
      }

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int read;
        try {
          read = super.read(into, offset, length);
        } catch (SourceException e) {
          throw e; // no picture is to blame
        } catch (IOException | IllegalArgumentException e) {
          throw new IOException("%s cannot be read: %s".formatted(name(), Reason.of(e)), e);
        }
        if (read > 0) {
          crc.update(into, offset, read);
        } else if (read < 0) {
          requireSum(crc);
        }
        return read;
      }
    }

    private void requireSum(CRC32 crc) throws IOException {
      if (crc.getValue() != entry.getCrc()) {
        throw new IOException(
            "%s is damaged: its CRC-32 is %08x, and the archive says %08x; get the archive again"
                .formatted(name(), crc.getValue(), entry.getCrc()));
      }
    }

    @Override
    public byte[] read() throws IOException {
      requireReadable();
      BoundedBytes.require(size(), this::name);
      byte[] bytes;
      try {
        synchronized (zip) {
          try (InputStream in = zip.getInputStream(entry)) {
            bytes = BoundedBytes.of(in, size());
          }
        }
      } catch (SourceException e) {
        throw e; // no picture is to blame
      } catch (IOException | IllegalArgumentException e) {
        throw new IOException("%s cannot be read: %s".formatted(name(), Reason.of(e)), e);
      }
      CRC32 crc = new CRC32();
      crc.update(bytes);
      requireSum(crc);
      return bytes;
    }
  }
}
