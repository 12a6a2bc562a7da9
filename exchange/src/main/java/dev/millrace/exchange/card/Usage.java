package dev.millrace.exchange.card;

import java.util.List;
import java.util.stream.Collectors;

/** The part of a card that says how to use a file: what goes in, what comes out, and code. */
final class Usage {
  private static final String PIXELS =
      """
      ```python
      import numpy as np
      from PIL import Image, ImageOps

      def pixels(path, size=SIZE):
          picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
          shorter = min(picture.size)
          picture = picture.resize([size * side // shorter for side in picture.size], Image.BILINEAR)
          left, top = round((picture.width - size) / 2), round((picture.height - size) / 2)
          picture = picture.crop((left, top, left + size, top + size))
          return np.asarray(picture, np.float32).transpose(2, 0, 1)[None] / 255
      ```
      """;

  private static final String ONNX =
      """
      `FILE` in Python (`pip install onnxruntime`), with `pixels` of above:

      ```python
      import onnxruntime

      session = onnxruntime.InferenceSession("FILE")
      features = session.run(["features"], {"pixels": pixels("photo.jpg")})[0]  # [1, DIM]
      ```

      `FILE` in Java (`com.microsoft.onnxruntime:onnxruntime`), with `float[] values` of N pictures:

      ```java
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      long[] shape = {n, 3, SIZE, SIZE};
      try (OrtSession session = environment.createSession("FILE");
          OnnxTensor pixels = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
          OrtSession.Result result = session.run(Map.of("pixels", pixels))) {
        float[][] features = (float[][]) result.get(0).getValue(); // [N, DIM]
      }
      ```
      """;

  private static final String TORCHSCRIPT =
      """
      `FILE` in Python (`pip install torch`), with `pixels` of above:

      ```python
      import torch

      encoder = torch.jit.load("FILE")
      with torch.no_grad():
          features = encoder(torch.from_numpy(pixels("photo.jpg")))  # [1, DIM]
      ```

      `FILE` in Java (`org.bytedeco:pytorch-platform`), with `Tensor pixels`:

      ```java
      JitModule encoder = torch.load("FILE");
      Tensor features = encoder.forward(new IValueVector(new IValue(pixels))).toTensor(); // [N, DIM]
      ```
      """;

  private static final String SAFETENSORS =
      """
      `FILE` in Java, with Millrace:

      ```java
      try (Encoder encoder = Encoder.load(Path.of("FILE"))) {
        float[] features = encoder.embed(Path.of("photo.jpg")); // DIM
      }
      ```

      `FILE` in Python: PYTHON""";

  private Usage() {}

  /** What the files take and give, and Python that makes it of a picture. */
  static String input(Card card, List<Card.Model> models) {
    boolean weights = models.stream().anyMatch(model -> model.format().equals("safetensors"));
    boolean normalises = models.stream().anyMatch(model -> !model.format().equals("safetensors"));
    StringBuilder text = new StringBuilder();
    if (normalises) {
      text.append(
          "The ONNX and TorchScript models take `pixels`, `[N, 3, H, W]` float32: red, green, blue,"
              + " **each in 0 … 1, not normalised**: the model subtracts mean and divides by std"
              + " itself.");
    }
    if (weights) {
      text.append(normalises ? " " : "")
          .append(
              "The net of the safetensors file takes `[N, 3, H, W]` float32: red, green, blue in"
                  + " 0 … 1, **from which mean MEAN was subtracted, divided by std STD**.");
    }
    text.append(
        " Pictures are made SIZE × SIZE pixels: turned upright as EXIF says, shorter side to SIZE"
            + " (antialiased), centre crop; N is free, and H and W "
            + (card.spec().onlySize().isPresent() ? "are these" : "may be others")
            + ". It gives"
            + " `features`, `[N, DIM]` float32, not normalised. Pillow rounds scaled pixels to whole"
            + " numbers, Millrace does not: features differ by up to about 1 % of the largest.\n\n");
    return fill(text + PIXELS, card, "");
  }

  /** How to load the files of one format: code for one of them, the other names beside it. */
  static String of(Card card, String format, List<Card.Model> models) {
    String text =
        switch (format) {
          case "onnx" -> ONNX;
          case "torchscript" -> TORCHSCRIPT;
          default -> SAFETENSORS.replace("PYTHON", card.spec().python());
        };
    // Single precision is what most look for.
    Card.Model shown =
        models.stream().filter(model -> !model.half()).findFirst().orElse(models.get(0));
    String others =
        models.stream()
            .filter(model -> model != shown)
            .map(model -> "`" + model.file() + "`")
            .collect(Collectors.joining(", "));
    return fill(text, card, shown.file())
        + (others.isEmpty() ? "" : "\nIn the same way: " + others + ".\n");
  }

  private static String fill(String text, Card card, String file) {
    return text.replace("SIZE", Integer.toString(card.size()))
        .replace("DIM", Integer.toString(card.spec().dim()))
        .replace("MEAN", card.metadata().getOrDefault("mean", "not known"))
        .replace("STD", card.metadata().getOrDefault("std", "not known"))
        .replace("FILE", file);
  }
}
