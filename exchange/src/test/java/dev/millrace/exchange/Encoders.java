package dev.millrace.exchange;

import dev.millrace.draw.Draw;
import dev.millrace.engine.Device;
import dev.millrace.engine.Natives;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.file.EncoderFile;
import dev.millrace.vision.view.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Small encoders whose normalisations do something, so that folding them wrongly is seen. */
public final class Encoders {
  private Encoders() {}

  /** A net of drawn weights and statistics; the caller closes it. */
  public static EncoderFile of(EncoderSpec shape, int size) {
    Natives.load();
    EncoderFile encoder =
        EncoderFile.untrained(
            shape,
            size,
            Map.of("mean", "[0.485, 0.456, 0.406]", "std", "[0.229, 0.224, 0.225]"),
            new Device("cpu"));
    encoder.net().initialise(Draw.of(7, "encoder"));
    change(encoder, "running_mean", t -> t.copy_(like(t, 0.3, 0)));
    change(encoder, "running_var", t -> t.copy_(like(t, 0.3, 1)));
    encoder
        .net()
        .state()
        .forEach(
            (name, t) -> {
              if (t.dim() == 1 && name.endsWith("weight")) {
                change(encoder, name, w -> w.copy_(like(w, 0.2, 0.9)));
              } else if (name.endsWith("bias")) {
                change(encoder, name, b -> b.copy_(like(b, 0.2, 0)));
              }
            });
    return encoder;
  }

  private static Tensor like(Tensor t, double amplitude, double middle) {
    return torch
        .arange(new Scalar((double) t.numel()))
        .mul(new Scalar(1.7))
        .sin()
        .mul(new Scalar(amplitude))
        .add(new Scalar(middle));
  }

  /** Something done to tensors in place. */
  public interface Change {
    /** Writes into the tensor. */
    void to(Tensor tensor);
  }

  /** Changes all weights and statistics whose name ends so. */
  public static void change(EncoderFile encoder, String ending, Change change) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      encoder
          .net()
          .state()
          .forEach(
              (name, t) -> {
                if (name.endsWith(ending)) {
                  change.to(t.detach());
                }
              });
    }
  }

  /** Writes an encoder as training does. */
  public static Path write(Path file, EncoderFile encoder) throws IOException {
    EncoderFile.write(
        file,
        encoder.net(),
        encoder.size(),
        Normalisation.imagenet(),
        Map.of("settings", "{\"method\":\"moco-v2\",\"stream\":\"class\"}", "data", "abc"));
    return file;
  }

  /** Pixels in [0, 1], {@code [n, 3, height, width] float32}; the caller's scope owns them. */
  public static Tensor pixels(long n, long height, long width) {
    return torch
        .arange(new Scalar((double) (n * 3 * height * width)))
        .mul(new Scalar(0.37))
        .sin()
        .mul(new Scalar(0.5))
        .add(new Scalar(0.5))
        .view(n, 3, height, width);
  }

  /** What libtorch makes of pixels; the caller's scope owns it. */
  public static Tensor truth(EncoderFile encoder, Tensor pixels) {
    Normalisation normalisation = encoder.normalisation();
    Tensor mean = torch.tensor(normalisation.mean()).view(1, 3, 1, 1);
    Tensor std = torch.tensor(normalisation.std()).view(1, 3, 1, 1);
    try (NoGradGuard guard = new NoGradGuard()) {
      return encoder.net().forward(pixels.sub(mean).div(std), false);
    }
  }

  /** The largest absolute difference. */
  public static double apart(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item_double();
  }
}
