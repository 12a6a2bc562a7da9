package dev.millrace.live;

import dev.millrace.file.Reason;
import dev.millrace.vision.decode.BadPictureException;
import dev.millrace.vision.decode.Decoder;
import dev.millrace.vision.decode.Pixels;

/** Decodes each picture, so that none is accepted that could not be learned. */
final class DecodingLook implements Look.Out {
  private final boolean prints;

  DecodingLook(boolean prints) {
    this.prints = prints;
  }

  @Override
  public Look at(byte[] bytes) {
    try {
      Pixels pixels = Decoder.decode(bytes);
      return new Look(null, prints ? NearDuplicates.print(pixels) : 0);
    } catch (BadPictureException e) {
      return new Look(e.reason(), 0);
    } catch (RuntimeException | OutOfMemoryError e) {
      return new Look("cannot be read: " + Reason.of(e), 0);
    }
  }
}
