package dev.millrace.exchange.torchscript;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A TorchScript file as libtorch reads it back, on the CPU. Not thread-safe; close it to free it.
 */
public final class ScriptSession implements AutoCloseable {
  private final JitModule module;

  /**
   * Reads a module.
   *
   * @throws IOException if libtorch refuses the file, in its words
   */
  public ScriptSession(Path file) throws IOException {
    try {
      module = torch.load(file.toString());
    } catch (RuntimeException e) {
      throw new IOException("libtorch refuses " + file + ": " + e.getMessage(), e);
    }
    module.eval();
  }

  /**
   * The features of a batch.
   *
   * @param pixels {@code [N, 3, H, W] float32} in [0, 1], on the CPU
   * @return {@code [N, D] float32}; the caller's scope owns it
   */
  public Tensor features(Tensor pixels) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return module.forward(new IValueVector(new IValue(pixels))).toTensor();
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
