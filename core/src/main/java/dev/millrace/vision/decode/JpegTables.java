package dev.millrace.vision.decode;

/** The tables that a JPEG has defined so far; later ones replace earlier ones. */
final class JpegTables {
  final JpegBits.Table[] dc = new JpegBits.Table[4];
  final JpegBits.Table[] ac = new JpegBits.Table[4];

  /** Steps of the mean of a block, by table. */
  final int[] quantisation = {1, 1, 1, 1};

  /** Reads a segment of Huffman tables. */
  void huffman(byte[] b, int from, int end) {
    int at = from;
    while (at + 17 <= end) {
      int kind = b[at] & 0xFF;
      int symbols = 0;
      for (int i = 1; i <= 16; i++) {
        symbols += b[at + i] & 0xFF;
      }
      if ((kind & 15) < 4 && symbols <= 256) {
        (kind < 16 ? dc : ac)[kind & 3] = new JpegBits.Table(b, at + 1, symbols);
      }
      at += 17 + symbols;
    }
  }

  /** Reads a segment of quantisation tables. */
  void quantisation(byte[] b, int from, int end) {
    int at = from;
    while (at + 65 <= end) {
      boolean wide = b[at] >> 4 != 0;
      quantisation[b[at] & 3] = (int) Bytes.big(b, at + 1, wide ? 2 : 1);
      at += wide ? 129 : 65;
    }
  }
}
