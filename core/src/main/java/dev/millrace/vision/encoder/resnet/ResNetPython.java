package dev.millrace.vision.encoder.resnet;

/** How Python loads a residual network's weights, in the words of a model card. */
final class ResNetPython {
  private static final String NAMES = "the names are torchvision's, without `fc`. ";

  private static final String TORCHVISION =
      """
      With `pixels` of above:

      ```python
      import torch, torchvision
      from safetensors.torch import load_file

      net = torchvision.models.ARCHITECTURE()
      net.fc = torch.nn.Identity()
      STEMnet.load_state_dict(load_file("FILE"))
      net.eval()
      mean = torch.tensor(MEAN).view(1, 3, 1, 1)
      std = torch.tensor(STD).view(1, 3, 1, 1)
      with torch.no_grad():
          features = net((torch.from_numpy(pixels("photo.jpg")) - mean) / std)  # [1, DIM]
      ```
      """;

  private static final String SMALL_STEM =
      """
      net.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)  # the stem for small pictures
      net.maxpool = torch.nn.Identity()
      """;

  private ResNetPython() {}

  static String of(ResNetShape shape) {
    boolean small = shape.stem() == ResNetShape.Stem.SMALL;
    if (shape.width() != 64) {
      return NAMES
          + """
          torchvision itself makes nets of width 64 only, and this one has %s%s: \
          `golden/safetensors_resnet.py` of Millrace has a net of any width.
          """
              .formatted(
                  shape.width(), small ? ", with a 3×3 `conv1` of stride 1 and no `maxpool`" : "");
    }
    return NAMES
        + TORCHVISION
            .replace("STEM", small ? SMALL_STEM : "")
            .replace("ARCHITECTURE", shape.name());
  }
}
