package dev.millrace.live;

import dev.millrace.file.Reason;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;

/**
 * Decodes each picture, so that none is accepted that could not be learned. What the bytes are to
 * blame for is a fault, an unforeseen exception of a decoder too: no picture may stop all others.
 * What the machine is to blame for, such as memory that runs out, is thrown and says nothing of the
 * picture. Thread-safe.
 */
final class DecodingLook implements Look.Out {
  /** Makes pixels of encoded bytes. */
  @FunctionalInterface
  interface Decoding {
    Pixels of(byte[] bytes) throws BadPictureException;
  }

  private final boolean prints;
  private final Decoding decoding;

  DecodingLook(boolean prints) {
    this(prints, Decoder::decode);
  }

  DecodingLook(boolean prints, Decoding decoding) {
    this.prints = prints;
    this.decoding = decoding;
  }

  @Override
  public Look at(byte[] bytes) {
    try {
      Pixels pixels = decoding.of(bytes);
      return new Look(null, prints ? NearDuplicates.print(pixels) : null);
    } catch (BadPictureException e) {
      return new Look(e.reason(), null);
    } catch (RuntimeException e) {
      return new Look("cannot be read: " + Reason.of(e), null);
    }
  }
}
