package dev.millrace.exchange.onnx;

import dev.millrace.engine.Natives;
import dev.millrace.exchange.Encoders;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A process that loads ONNX Runtime and libtorch in the order it is told, and uses both. */
final class BothRuntimes {
  private BothRuntimes() {}

  /** Arguments: {@code onnx} or {@code torch}, whichever is loaded first; a model of width 4. */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("torch")) {
      Natives.load();
      try (PointerScope scope = new PointerScope()) {
        torch.ones(64, 64).matmul(torch.ones(64, 64));
      }
    }
    try (OnnxSession session = new OnnxSession(Path.of(args[1]), 2)) {
      Natives.load();
      for (int i = 0; i < 3; i++) {
        try (PointerScope scope = new PointerScope()) {
          Tensor features = session.features(Encoders.pixels(4, 16, 16));
          Tensor product = features.matmul(features.t());
          System.out.println(product.size(0) + " " + product.isfinite().all().item_bool());
        }
      }
    }
  }
}
