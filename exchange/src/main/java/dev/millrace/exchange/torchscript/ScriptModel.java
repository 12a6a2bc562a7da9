package dev.millrace.exchange.torchscript;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.view.Normalisation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An encoder as a TorchScript module, normalisations folded into the convolutions.
 *
 * <p>Its {@code forward} takes {@code [N, 3, H, W] float32}, red, green, blue, each in [0, 1],
 * which it normalises itself, and gives {@code [N, D] float32}. Weights are buffers: {@code
 * to(device)} moves them, and nothing trains them. What is known about the encoder lies in the file
 * as {@value #ABOUT}.
 */
public final class ScriptModel {
  /** The extra file with what is known about the encoder, a JSON object of strings. */
  public static final String ABOUT = "millrace.json";

  private ScriptModel() {}

  /**
   * Writes a module. Equal encoders give equal bytes under equal file names: the format keeps the
   * name.
   *
   * @param file is replaced, not atomically
   * @param net on the CPU
   */
  public static void write(
      Path file, FrozenEncoder net, Normalisation normalisation, Map<String, String> about) {
    try (PointerScope scope = new PointerScope()) {
      JitModule module = new JitModule(new QualifiedName("Encoder"));
      module.register_buffer("mean", channels(normalisation.mean()));
      module.register_buffer("std", channels(normalisation.std()));
      ScriptSource source = new ScriptSource(module);
      String features = net.transcribe("x", source);
      module.define(source.text(features));
      module.eval();
      ExtraFilesMap extra = new ExtraFilesMap();
      extra.put(new BytePointer(ABOUT), new BytePointer(json(about), StandardCharsets.UTF_8));
      module.save(file.toString(), extra);
    }
  }

  private static String json(Map<String, String> about) {
    try {
      return JSON.writeValueAsString(new TreeMap<>(about));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings are always JSON", e);
    }
  }

  private static Tensor channels(float[] values) {
    return torch
        .from_blob(
            new FloatPointer(values),
            new long[] {1, values.length, 1, 1},
            new TensorOptions(ScalarType.Float))
        .clone();
  }
}
