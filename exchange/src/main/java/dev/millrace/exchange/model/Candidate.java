package dev.millrace.exchange.model;

import dev.millrace.engine.Device;
import dev.millrace.engine.Precision;
import dev.millrace.engine.Safetensors;
import dev.millrace.exchange.onnx.OnnxModel;
import dev.millrace.exchange.onnx.OnnxSession;
import dev.millrace.exchange.torchscript.ScriptModel;
import dev.millrace.exchange.torchscript.ScriptSession;
import dev.millrace.file.AtomicFiles;
import dev.millrace.file.Seal;
import dev.millrace.file.WorkFolder;
import dev.millrace.vision.encoder.FrozenEncoder;
import dev.millrace.vision.encoder.file.EncoderFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A model in a folder of its own that nobody looks into, until it has shown that it computes what
 * libtorch does. Not thread-safe; close it to remove it.
 */
final class Candidate implements AutoCloseable {
  private final Format format;
  private final WorkFolder folder;
  private final Path file;

  private Candidate(Format format, WorkFolder folder) {
    this.format = format;
    this.folder = folder;
    // TorchScript keeps the file's name inside, so it is always the same one.
    this.file = folder.path().resolve("encoder." + format.ending());
  }

  /**
   * Writes an encoder as a candidate, on the disk that it is for.
   *
   * @param out where it is going to be
   * @param half for ONNX: compute in float16
   * @param about what the model is to say of itself
   */
  static Candidate write(
      EncoderFile encoder, Format format, boolean half, Map<String, String> about, Path out)
      throws IOException {
    Path place = out.toAbsolutePath().getParent();
    while (!Files.isDirectory(place) && place.getParent() != null) {
      place = place.getParent();
    }
    Candidate candidate = new Candidate(format, WorkFolder.in(place, ".millrace-export"));
    try {
      candidate.write(encoder, half, about);
      return candidate;
    } catch (IOException | RuntimeException e) {
      candidate.close();
      throw e;
    }
  }

  private void write(EncoderFile encoder, boolean half, Map<String, String> about)
      throws IOException {
    if (format == Format.SAFETENSORS) {
      // As Millrace writes them: the names are torchvision's already, and it stays readable to
      // both.
      Safetensors.write(file, encoder.net().state(), encoder.metadata());
      return;
    }
    try (FrozenEncoder net = encoder.net().freeze(Precision.FP32)) {
      if (format == Format.ONNX) {
        OnnxModel.write(
            file,
            net,
            encoder.normalisation(),
            half ? OnnxModel.Arithmetic.FLOAT16 : OnnxModel.Arithmetic.FLOAT32,
            about);
      } else {
        ScriptModel.write(file, net, encoder.normalisation(), about);
      }
    }
  }

  private interface Pass {
    Tensor features(Tensor pictures) throws IOException;
  }

  /**
   * The features of pictures by the program that the format is for: of the first by itself, and of
   * the others in one batch.
   *
   * @return {@code [N, D] float32}; the caller's scope owns it
   */
  Tensor features(CheckPictures pictures, int threads) throws IOException {
    switch (format) {
      case ONNX -> {
        try (OnnxSession session = new OnnxSession(file, threads)) {
          return batches(pictures.pixels(), session::features);
        }
      }
      case TORCHSCRIPT -> {
        try (ScriptSession session = new ScriptSession(file)) {
          return batches(pictures.pixels(), session::features);
        }
      }
      default -> {
        try (EncoderFile read = EncoderFile.read(file, new Device("cpu"));
            NoGradGuard guard = new NoGradGuard()) {
          return batches(pictures.normalised(), x -> read.net().forward(x, false));
        }
      }
    }
  }

  private static Tensor batches(Tensor pictures, Pass pass) throws IOException {
    List<Tensor> parts = new ArrayList<>();
    parts.add(pass.features(pictures.narrow(0, 0, 1)));
    if (pictures.size(0) > 1) {
      parts.add(pass.features(pictures.narrow(0, 1, pictures.size(0) - 1)));
    }
    return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }

  /**
   * Puts a copy in its place, complete or not at all, and its checksum beside it; a kill between
   * leaves a model without.
   */
  void publish(Path out) throws IOException {
    Files.deleteIfExists(Seal.recordOf(out));
    AtomicFiles.copy(file, out);
    Seal.beside(out).add(out);
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }
}
