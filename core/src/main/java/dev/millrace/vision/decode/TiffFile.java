package dev.millrace.vision.decode;

import org.bytedeco.javacpp.BytePointer;

/** What the first directory of a TIFF 6.0 says, and which kinds are read. */
final class TiffFile {
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int STRIP_OFFSETS = 273;
  static final int SAMPLES = 277;
  static final int STRIP_BYTES = 279;
  static final int PLANES = 284;
  static final int TILE_WIDTH = 322;
  static final int TILE_HEIGHT = 323;
  static final int TILE_OFFSETS = 324;
  static final int TILE_BYTES = 325;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;

  private static final byte ASSOCIATED = 1;

  private TiffFile() {}

  /** Size and orientation, after looking whether it is of a kind that is read, and whole. */
  static Header header(byte[] b) throws BadPictureException {
    if ((b[0] == 'M' ? Bytes.big(b, 4, 4) : Bytes.little(b, 4, 4)) + 2 > b.length) {
      throw new BadPictureException("cut off: the TIFF's directory is beyond its end");
    }
    Directory tags = new Directory(b, 0, b.length);
    long width = tags.value(WIDTH, 0);
    long height = tags.value(HEIGHT, 0);
    refuse(tags);
    within(tags);
    whole(b, tags);
    return new Header(
        Header.Format.TIFF,
        width,
        height,
        Orientation.of(tags.value(Orientation.TAG, 1)),
        false,
        tags.value(BITS, 1) == 16);
  }

  private static void refuse(Directory tags) throws BadPictureException {
    long compression = tags.value(COMPRESSION, 1);
    String packed = compression(compression);
    if (packed != null) {
      throw new BadPictureException(
          "not read: a TIFF compressed by "
              + packed
              + "; save it uncompressed, or with LZW, Deflate or JPEG");
    }
    long samples = tags.value(SAMPLES, 1);
    long bits = tags.value(BITS, 1);
    for (int i = 1; i < Math.min(tags.count(BITS), samples); i++) {
      if (tags.at(BITS, i) != bits) {
        throw new BadPictureException(
            "not read: a TIFF whose samples have %d and %d bits; save it with 8 or 16"
                .formatted(bits, tags.at(BITS, i)));
      }
    }
    long format = tags.value(SAMPLE_FORMAT, 1);
    if (format == 2 || format == 3 || format == 5 || format == 6) {
      String numbers = format == 2 ? "signed" : format == 3 ? "floating-point" : "complex";
      throw new BadPictureException(
          "not read: a TIFF of %s samples of %d bits; save it with 8 or 16 unsigned"
              .formatted(numbers, bits));
    }
    long photometric = tags.value(PHOTOMETRIC, 1);
    if (bits != 8 && bits != 16 && !(bits == 1 && samples == 1)) {
      throw new BadPictureException(
          "not read: a TIFF of " + bits + " bits per sample; save it with 8 or 16");
    }
    String colours = colours(photometric, bits, samples);
    if (colours != null) {
      throw new BadPictureException(
          "not read: a TIFF of " + colours + "; save it as grey or RGB with 8 or 16 bits");
    }
  }

  /** Refuses counts of what {@link #neutralise} changes that reach beyond the file. */
  private static void within(Directory tags) throws BadPictureException {
    for (int tag : new int[] {Orientation.TAG, EXTRA_SAMPLES}) {
      if (!tags.isWithin(tag)) {
        throw new BadPictureException(
            "broken: the TIFF's tag %d says that it has %d numbers, which reach beyond the file"
                .formatted(tag, tags.count(tag)));
      }
    }
  }

  /** The name of a compression that is not read; null for others. */
  private static String compression(long number) {
    return switch ((int) number) {
      case 1, 2, 3, 4, 5, 7, 8, 32946, 32773 -> null;
      case 6 -> "the JPEG of before 1995";
      case 34712 -> "JPEG 2000";
      case 34925 -> "LZMA";
      case 34887 -> "LERC";
      case 50000 -> "Zstandard";
      case 50001 -> "WebP";
      case 50002, 52546 -> "JPEG XL";
      case 34676, 34677 -> "LogLuv";
      default -> "method " + number;
    };
  }

  private static String colours(long photometric, long bits, long samples) {
    long least =
        switch ((int) photometric) {
          case 0, 1, 3, 4 -> 1;
          case 5 -> 4;
          default -> 3;
        };
    if (samples < least || samples > least + 1) {
      return samples + " samples per pixel";
    }
    return switch ((int) photometric) {
      case 0, 1, 2 -> null;
      case 3 -> bits == 8 ? null : "a palette of " + bits + " bits";
      case 5 -> bits == 8 ? null : "CMYK with " + bits + " bits per sample";
      case 6 -> bits == 8 ? null : "YCbCr with " + bits + " bits per sample";
      case 4 -> "a mask";
      case 8, 9, 10 -> "CIE L*a*b* colours";
      case 32803 -> "a sensor's raw values";
      case 32844, 32845 -> "LogLuv colours";
      default -> "colours of kind " + photometric;
    };
  }

  /** The tag that has the lengths of strips or tiles. */
  static int lengths(Directory tags) {
    return tags.has(TILE_OFFSETS) && tags.has(TILE_BYTES) ? TILE_BYTES : STRIP_BYTES;
  }

  private static void whole(byte[] b, Directory tags) throws BadPictureException {
    boolean tiled = tags.has(TILE_OFFSETS);
    int places = tiled ? TILE_OFFSETS : STRIP_OFFSETS;
    int lengths = lengths(tags);
    if (!tags.has(places)) {
      throw new BadPictureException("broken: the TIFF does not say where its pixels are");
    }
    if (tiled) {
      long tile = tags.value(TILE_WIDTH, 0) * tags.value(TILE_HEIGHT, 0);
      if (tile < 1 || tile > Limits.STANDARD.maxPixels()) {
        throw new BadPictureException(
            "broken: the TIFF's tiles are of %d×%d pixels"
                .formatted(tags.value(TILE_WIDTH, 0), tags.value(TILE_HEIGHT, 0)));
      }
    }
    for (int i = 0; i < Math.min(tags.count(places), tags.count(lengths)); i++) {
      long end = tags.at(places, i) + tags.at(lengths, i);
      if (end > b.length) {
        throw new BadPictureException(
            "cut off: the TIFF's part %d of %d ends at byte %d, the file at %d"
                .formatted(i + 1, tags.count(places), end, b.length));
      }
    }
  }

  /** Whether its colours are stored multiplied by alpha. */
  static boolean isMultiplied(byte[] b) {
    Directory tags = new Directory(b, 0, b.length);
    long samples = tags.value(SAMPLES, 1);
    return tags.value(EXTRA_SAMPLES, 0) == ASSOCIATED
        && tags.value(PHOTOMETRIC, 1) <= 2
        && (samples == 2 || samples == 4);
  }

  /** Whether 0 is white in what OpenCV hands on as it stands: 16 bits of grey alone. */
  static boolean isInverted(byte[] b) {
    Directory tags = new Directory(b, 0, b.length);
    return tags.value(PHOTOMETRIC, 1) == 0
        && tags.value(SAMPLES, 1) == 1
        && tags.value(BITS, 1) == 16;
  }

  /**
   * Bytes of a tile that is not compressed; OpenCV reads those of a multiple of 1024. 0: others.
   */
  static long plainTile(byte[] b) {
    Directory tags = new Directory(b, 0, b.length);
    boolean plain = tags.has(TILE_OFFSETS) && tags.value(COMPRESSION, 1) == 1;
    long bytes = tags.value(lengths(tags), 0);
    return plain && bytes % 1024 != 0 ? bytes : 0;
  }

  /** Whether each colour lies apart. */
  static boolean isPlanar(byte[] b) {
    Directory tags = new Directory(b, 0, b.length);
    return tags.value(PLANES, 1) == 2 && tags.value(SAMPLES, 1) > 1;
  }

  /**
   * Changes a copy of the file so that libtiff neither turns the picture, which is done elsewhere,
   * nor multiplies colours by alpha: they count as multiplied already.
   */
  static void neutralise(byte[] b, BytePointer copy) {
    Directory tags = new Directory(b, 0, b.length);
    tags.overwrite(Orientation.TAG, (byte) 1, 1, copy::put);
    tags.overwrite(EXTRA_SAMPLES, ASSOCIATED, tags.value(SAMPLES, 1), copy::put);
  }
}
