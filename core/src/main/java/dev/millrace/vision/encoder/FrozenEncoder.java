package dev.millrace.vision.encoder;

import org.bytedeco.pytorch.Tensor;

/**
 * An encoder in evaluation mode, as it stood when it was frozen: what features are taken with, and
 * what exports are written from. Thread-safe; close it, after the last pass, to free the weights.
 */
public interface FrozenEncoder extends AutoCloseable {
  /** Which network this is. */
  EncoderSpec spec();

  /**
   * The features of a batch; no gradient is kept.
   *
   * @param x {@code [N, 3, S, S] float32} on any device
   * @return {@code [N, D] float32} on the network's device; the caller's scope owns it
   * @throws IllegalArgumentException if the pictures are of a size that the encoder cannot see
   * @throws IllegalStateException after {@link #close}
   */
  Tensor forward(Tensor x);

  /** Refuses a pass through weights that were freed. */
  static void requireOpen(boolean open) {
    if (!open) {
      throw new IllegalStateException("this encoder is closed; load it again");
    }
  }

  /**
   * Reports the way of a batch through the network to one who writes it down for another program,
   * in single precision whatever this computes in.
   *
   * @param x stands for the batch, {@code [N, 3, S, S] float32}
   * @return what the transcript made of the features
   */
  <T> T transcribe(T x, Transcript<T> transcript);

  @Override
  void close();
}
