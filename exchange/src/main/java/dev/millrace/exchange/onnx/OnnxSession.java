package dev.millrace.exchange.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A model file as ONNX Runtime computes it, on the CPU, beside libtorch in one process. Thread-safe
 * except for closing; close it to free the model.
 */
public final class OnnxSession implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;

  /**
   * Reads a model.
   *
   * @param threads that compute, at least 1
   * @throws IOException if ONNX Runtime refuses the file, in its words
   */
  public OnnxSession(Path file, int threads) throws IOException {
    environment = OnnxRuntime.environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      session = environment.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime refuses " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * The features of a batch.
   *
   * @param pixels {@code [N, 3, H, W] float32} in [0, 1], on the CPU
   * @return {@code [N, D] float32}; the caller's scope owns it
   * @throws IOException if ONNX Runtime fails, in its words
   */
  public Tensor features(Tensor pixels) throws IOException {
    Tensor dense = pixels.contiguous();
    long[] shape = {dense.size(0), dense.size(1), dense.size(2), dense.size(3)};
    FloatBuffer values =
        new FloatPointer(dense.data_ptr_float()).capacity(dense.numel()).asBuffer();
    try (OnnxTensor input = OnnxTensor.createTensor(environment, values, shape);
        OrtSession.Result result =
            session.run(Map.of(OnnxModel.INPUT, input), java.util.Set.of(OnnxModel.OUTPUT))) {
      OnnxTensor output = (OnnxTensor) result.get(0);
      float[] features = new float[output.getFloatBuffer().remaining()];
      output.getFloatBuffer().get(features);
      return torch
          .from_blob(
              new FloatPointer(features),
              output.getInfo().getShape(),
              new TensorOptions(ScalarType.Float))
          .clone();
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime cannot run the model: " + e.getMessage(), e);
    }
  }

  /** What the model says of itself: its {@code metadata_props}. */
  public Map<String, String> about() throws IOException {
    try {
      return Map.copyOf(session.getMetadata().getCustomMetadata());
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime cannot read the metadata: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close a session", e);
    }
  }
}
