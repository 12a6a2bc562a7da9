package dev.millrace.vision.decode;

/** Formats that are known, but not read: what to say of them. */
enum Foreign {
  BIG_TIFF("a BigTIFF", "as an ordinary TIFF or a PNG"),
  HEIF("a HEIF photo (HEIC)", "as JPEG or PNG"),
  AVIF("an AVIF", "as JPEG or PNG"),
  FILM("a film", "as single pictures"),
  JPEG_2000("a JPEG 2000", "as JPEG or PNG"),
  JPEG_XL("a JPEG XL", "as JPEG or PNG"),
  JPEG_XR("a JPEG XR", "as JPEG or PNG"),
  JPEG_LS("a JPEG-LS", "as PNG"),
  PHOTOSHOP("a Photoshop document", "as PNG or TIFF"),
  ICON("a Windows icon or cursor", "as PNG"),
  TARGA("a TGA", "as PNG"),
  SVG("an SVG drawing", "as PNG"),
  PDF("a PDF", "as pictures"),
  POSTSCRIPT("a PostScript file", "as pictures"),
  WEB_PAGE("a web page, perhaps an error that was downloaded instead", null),
  OPEN_EXR("an OpenEXR", "with 8 or 16 bits as PNG"),
  RADIANCE("a Radiance HDR", "with 8 or 16 bits as PNG"),
  FITS("a FITS", "with 8 or 16 bits as PNG or TIFF"),
  DICOM("a DICOM", "as PNG"),
  PCX("a PCX", "as PNG"),
  RAW("a camera's raw file", "as JPEG or PNG"),
  GIMP("a GIMP document", "as PNG"),
  DDS("a DirectDraw surface", "as PNG"),
  QOI("a QOI", "as PNG"),
  ANYMAP("a PAM or PFM", "as PPM or PNG"),
  ARCHIVE("an archive", "unpacked"),
  LFS("a Git LFS pointer: the picture itself was not downloaded (git lfs pull)", null),
  APPLE_DOUBLE("what macOS keeps beside a file", null);

  private static final String READABLE = "JPEG, PNG, GIF, BMP, WebP, TIFF or PPM/PGM";

  private final String what;
  private final String save;

  Foreign(String what, String save) {
    this.what = what;
    this.save = save;
  }

  /** Why a file that no reader here takes is refused. */
  static String reason(byte[] b) {
    Foreign known = of(b);
    if (known == null) {
      return "not a picture: it starts with "
          + Bytes.beginning(b)
          + ", which is none of "
          + READABLE
          + "; convert or remove it";
    }
    return known.save == null
        ? "not a picture: it is " + known.what + "; replace or remove it"
        : "not read: " + known.what + "; save it " + known.save;
  }

  /** Whether a reason is one of these, for which a file's beginning is enough. */
  static boolean gives(String reason) {
    return reason.startsWith("not a picture: ") || reason.startsWith("not read: ");
  }

  private static Foreign of(byte[] b) {
    if (Bytes.starts(b, 4, "ftyp")) {
      return box(b);
    }
    Object[][] magic = {
      {"II+\0", BIG_TIFF},
      {"MM\0+", BIG_TIFF},
      {"\0\0\0\fjP  ", JPEG_2000},
      {"\u00ffO\u00ffQ", JPEG_2000},
      {"\u00ff\n", JPEG_XL},
      {"\0\0\0\fJXL ", JPEG_XL},
      {"II\u00bc", JPEG_XR},
      {"8BPS", PHOTOSHOP},
      {"\0\0\1\0", ICON},
      {"\0\0\2\0", b.length > 18 && b[4] != 0 && b[5] == 0 ? ICON : TARGA},
      {"%PDF", PDF},
      {"%!PS", POSTSCRIPT},
      {"\u00c5\u00d0\u00d3\u00c6", POSTSCRIPT},
      {"v/1\1", OPEN_EXR},
      {"#?RADIANCE", RADIANCE},
      {"#?RGBE", RADIANCE},
      {"SIMPLE  =", FITS},
      {"\u001aE\u00df\u00a3", FILM},
      {"\0\0\1\u00ba", FILM},
      {"\0\0\1\u00b3", FILM},
      {"FLV\1", FILM},
      {"IIRO", RAW},
      {"IIRS", RAW},
      {"IIU\0", RAW},
      {"FUJIFILMCCD-RAW", RAW},
      {"gimp xcf", GIMP},
      {"DDS ", DDS},
      {"qoif", QOI},
      {"P7\n", ANYMAP},
      {"PF\n", ANYMAP},
      {"Pf\n", ANYMAP},
      {"PK\3\4", ARCHIVE},
      {"Rar!", ARCHIVE},
      {"7z\u00bc\u00af", ARCHIVE},
      {"\u001f\u008b", ARCHIVE},
      {"version https://git-lfs", LFS},
      {"\0\5\26\7", APPLE_DOUBLE},
      {"\n\5\1\b", PCX},
      {"\n\5\1\1", PCX},
    };
    for (Object[] one : magic) {
      if (Bytes.starts(b, 0, (String) one[0])) {
        return (Foreign) one[1];
      }
    }
    if (Bytes.starts(b, 0, "RIFF") && Bytes.starts(b, 8, "AVI ")) {
      return FILM;
    }
    if (Bytes.starts(b, 128, "DICM")) {
      return DICOM;
    }
    if (Bytes.starts(b, b.length - 18, "TRUEVISION-XFILE.\0") || isTarga(b)) {
      return TARGA;
    }
    return text(b);
  }

  /** By the brand of an ISO base media file: films and photographs share their boxes. */
  private static Foreign box(byte[] b) {
    String brand = Bytes.starts(b, 8, "avi") ? "avi" : "";
    if (brand.equals("avi")) {
      return AVIF;
    }
    for (String photo : new String[] {"hei", "hev", "mif1", "msf1", "mia"}) {
      if (Bytes.starts(b, 8, photo)) {
        return HEIF;
      }
    }
    return Bytes.starts(b, 8, "crx ") ? RAW : FILM;
  }

  /** A TGA has no magic number: its first 18 bytes must make sense, all of them. */
  private static boolean isTarga(byte[] b) {
    if (b.length < 19 || (b[1] & 0xFE) != 0) {
      return false;
    }
    int type = b[2] & ~8;
    int bits = b[16];
    return type >= 1
        && type <= 3
        && (b[2] == type || b[2] == type + 8)
        && (b[1] == 1) == (type == 1)
        && (bits == 8 || bits == 15 || bits == 16 || bits == 24 || bits == 32)
        && Bytes.little(b, 12, 2) > 0
        && Bytes.little(b, 14, 2) > 0
        && (b[17] & 0xC0) == 0;
  }

  private static Foreign text(byte[] b) {
    String head =
        new String(b, 0, Math.min(b.length, 1024), java.nio.charset.StandardCharsets.ISO_8859_1)
            .toLowerCase(java.util.Locale.ROOT);
    String start = head.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading();
    if (!start.startsWith("<")) {
      return null;
    }
    if (start.contains("<svg")) {
      return SVG;
    }
    return start.startsWith("<html") || start.startsWith("<!doctype html") ? WEB_PAGE : null;
  }
}
