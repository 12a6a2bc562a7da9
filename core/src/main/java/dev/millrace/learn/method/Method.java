package dev.millrace.learn.method;

import dev.millrace.engine.Parameters;
import dev.millrace.vision.encoder.ResNet;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A way to learn an encoder from batches of views. Not thread-safe; close it to free its nets. */
public interface Method extends AutoCloseable {
  /** Views it needs of each picture. */
  int views();

  /** Whether its batches need labels. */
  boolean labels();

  /**
   * What the optimiser trains: the encoder's weights first, then the head's; owned by the method.
   */
  Parameters weights();

  /** How many of the flat weights, from the front, are the encoder's. */
  long encoderSize();

  /** The encoder being learned; owned by the method. */
  ResNet encoder();

  /**
   * Takes over an encoder in place of the drawn one, its running statistics too; called before the
   * first step alone.
   *
   * @param encoder by torchvision's names, float32; copied
   * @throws IllegalArgumentException if one is missing or has another shape
   */
  void startFrom(Map<String, Tensor> encoder);

  /** Told before the first step of a chunk, on a resume within it as well not. */
  void startChunk(int chunk);

  /**
   * The loss of one batch, a scalar float32 with its graph; the caller's scope owns it.
   *
   * @param batch as many views as {@link #views()}
   */
  Tensor loss(Batch batch);

  /**
   * The loss of one batch to look at from many weights, at the present state of everything else;
   * neither this nor asking it changes the method.
   *
   * @param batch copied; as many views as {@link #views()}
   * @return closed by the caller
   */
  FixedLoss fix(Batch batch);

  /**
   * What is worth watching beside the loss of the last step, by name, each a finite number; empty
   * where a method has nothing to say.
   */
  default Map<String, Double> watched() {
    return Map.of();
  }

  /**
   * Everything a later run needs to go on exactly, by name; live tensors, owned by the method.
   * Writing into them restores the method.
   */
  Map<String, Tensor> state();

  @Override
  void close();
}
