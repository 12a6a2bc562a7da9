package dev.millrace.live.drift;

import dev.millrace.inference.Encoder;
import dev.millrace.live.encoder.EncoderVersion;
import dev.millrace.live.encoder.KeptEncoders;
import dev.millrace.vision.decode.BadPictureException;
import java.io.IOException;
import java.util.Optional;

/** Looks with the encoder that is served now. Not thread-safe; close it to free the weights. */
public final class ServingEye implements DriftRule.Eye, AutoCloseable {
  private final KeptEncoders encoders;
  private final Encoder.Options options;
  private Encoder encoder;
  private int version;

  /** An eye that has loaded nothing. */
  public ServingEye(KeptEncoders encoders, Encoder.Options options) {
    this.encoders = encoders;
    this.options = options;
  }

  @Override
  public int version() throws IOException {
    Optional<EncoderVersion> served = encoders.served();
    if (served.isPresent() && served.get().version() != version) {
      Encoder next = Encoder.load(encoders.file(served.get()), options);
      close();
      encoder = next;
      version = served.get().version();
    }
    return version;
  }

  @Override
  public float[] see(byte[] picture) {
    try {
      return encoder.embed(picture);
    } catch (BadPictureException e) {
      return null;
    }
  }

  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
      encoder = null;
    }
  }
}
