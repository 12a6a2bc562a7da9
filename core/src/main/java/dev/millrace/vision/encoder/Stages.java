package dev.millrace.vision.encoder;

import dev.millrace.engine.Parameters;

/**
 * Stages of falling resolution, of which detection builds its pyramid: only an encoder that has
 * them can be fine-tuned to detect.
 */
public interface Stages {
  /** Pixels of the picture between two places of each stage, the finest first. */
  int[] strides();

  /** Channels of each stage's output, the finest first. */
  int[] channels();

  /** Channels of the first stage, by which a detector's own layers are sized; 64 is standard. */
  int width();

  /**
   * Adds the weights that learn to a layout: those of the stages after the frozen ones.
   *
   * @param frozen stages that do not learn, from the finest, which includes what is before them
   * @throws IllegalArgumentException if there are not so many
   */
  void tunedLayout(
      int frozen, Normalisations normalisations, Parameters.Layout.Builder into, String prefix);

  /**
   * The encoder under fine-tuning, from its present weights.
   *
   * @param encoder of these stages; stays the caller's, unchanged, and may be closed before this is
   * @param weights hold {@link #tunedLayout}, stay the caller's, and are written to here
   */
  TunedEncoder tuned(
      EncoderNet encoder,
      int frozen,
      Normalisations normalisations,
      Parameters weights,
      String prefix);
}
