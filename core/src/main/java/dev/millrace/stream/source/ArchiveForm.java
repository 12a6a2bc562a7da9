package dev.millrace.stream.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What an archive is: by its first bytes, whatever it is called. */
enum ArchiveForm {
  ZIP(null, "PK\3\4", "PK\5\6"),
  TAR(null),
  GZIP(null, "\u001f\u008b"),
  BZIP2(null, "BZh"),
  XZ("an xz file, which is not read; unpack it with `xz -d` first", "\u00fd7zXZ\0"),
  ZSTANDARD(
      "a Zstandard file, which is not read; unpack it with `zstd -d` first", "(\u00b5/\u00fd"),
  LZ4("an LZ4 file, which is not read; unpack it with `lz4 -d` first", "\4\"M\u0018"),
  LZIP("an lzip file, which is not read; unpack it with `lzip -d` first", "LZIP"),
  SEVEN_ZIP(
      "a 7z archive, which is not read; unpack it with `7z x` and give the folder",
      "7z\u00bc\u00af'\u001c"),
  RAR("a RAR archive, which is not read; unpack it with `unrar x` and give the folder", "Rar!");

  private static final int USTAR = 257;

  /** So many first bytes tell. */
  static final int HEAD = USTAR + 5;

  private static final List<String> READ =
      List.of(".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz");
  private static final List<String> NOT_READ =
      List.of(".7z", ".rar", ".xz", ".txz", ".zst", ".tzst", ".lz4", ".lz");

  private final String refusal;
  private final List<String> beginnings;

  ArchiveForm(String refusal, String... beginnings) {
    this.refusal = refusal;
    this.beginnings = List.of(beginnings);
  }

  /** What it is, and what to do, where it is not read; else null. */
  String refusal() {
    return refusal;
  }

  /** What a file's first bytes say; null if nothing. */
  private static ArchiveForm begun(Path file) throws IOException {
    byte[] first;
    try (InputStream in = Files.newInputStream(file)) {
      first = in.readNBytes(HEAD);
    }
    return begun(first);
  }

  private static ArchiveForm begun(byte[] first) {
    String text = new String(first, StandardCharsets.ISO_8859_1);
    return Arrays.stream(values())
        .filter(form -> form.beginnings.stream().anyMatch(text::startsWith))
        .findFirst()
        .orElse(text.startsWith("ustar", USTAR) ? TAR : null);
  }

  /** What an archive is; where its first bytes say nothing, by its name. */
  static ArchiveForm of(Path file) throws IOException {
    return or(begun(file), name(file));
  }

  /** What an archive is by its first bytes; where they say nothing, by its name. */
  static ArchiveForm of(String name, byte[] first) {
    return or(begun(first), name);
  }

  private static ArchiveForm or(ArchiveForm begun, String name) {
    // A zip may have a program in front; old tars say nothing.
    return begun != null ? begun : ends(name, List.of(".zip")) ? ZIP : TAR;
  }

  /** Whether a name is that of an archive that is read. */
  static boolean isRead(String name) {
    return ends(name, READ);
  }

  /** Whether a file is called like an archive, or begins like one. */
  static boolean isAny(Path file) throws IOException {
    return ends(name(file), READ) || ends(name(file), NOT_READ) || begun(file) != null;
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static boolean ends(String name, List<String> endings) {
    String small = name.toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(small::endsWith);
  }
}
