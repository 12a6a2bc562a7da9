package dev.millrace.vision.encoder.vit;

import dev.millrace.engine.Parameters;
import dev.millrace.refusal.UsageException;
import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.Patches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which vision transformer: Touvron et al., "Training data-efficient image transformers", ICML
 * 2021, table 1, without the distillation token.
 *
 * @param name {@code vit-tiny} or {@code vit-small}
 * @param dim width D of tokens and features
 * @param depth blocks
 * @param heads of each attention; they divide the width
 * @param patch side of a patch, pixels
 * @param size side of the pictures, pixels, a multiple of the patch
 */
public record ViTShape(String name, int dim, int depth, int heads, int patch, int size)
    implements EncoderSpec {
  /** The networks there are. */
  public static final List<String> NAMES = List.of("vit-tiny", "vit-small");

  private static final int DEPTH = 12;

  /** Width of an MLP's hidden layer over that of the tokens. */
  static final int RATIO = 4;

  /** Refuses what no transformer can be. */
  public ViTShape {
    if (patch < 1 || size < 1 || size % patch != 0) {
      throw UsageException.of(
          "--patch",
          "%d does not divide pictures of %d pixels; expected one of %s"
              .formatted(patch, size, divisors(size)));
    }
    if (heads < 1 || dim % heads != 0 || depth < 1) {
      throw new IllegalArgumentException(
          "found %d blocks of width %d with %d heads, expected at least 1, and heads that divide the width"
              .formatted(depth, dim, heads));
    }
  }

  /**
   * A network of the list.
   *
   * @param patch side of a patch, pixels; 0 for the usual one, 4 up to pictures of 64 pixels, 16
   *     above
   * @throws IllegalArgumentException if the name is unknown or the patch does not divide the size
   */
  public static ViTShape of(String name, int patch, int size) {
    int side = patch == 0 ? usual(size) : patch;
    return switch (name) {
      case "vit-tiny" -> new ViTShape(name, 192, DEPTH, 3, side, size);
      case "vit-small" -> new ViTShape(name, 384, DEPTH, 6, side, size);
      default ->
          throw UsageException.of(
              "--encoder", name + " is unknown; allowed: " + String.join(", ", NAMES));
    };
  }

  private static int usual(int size) {
    return size <= 64 ? 4 : 16;
  }

  /** Sides of patches that tile pictures of a size, pixels. */
  static List<Integer> divisors(int size) {
    List<Integer> divisors = new ArrayList<>();
    for (int patch = 1; patch <= size; patch++) {
      if (size % patch == 0) {
        divisors.add(patch);
      }
    }
    return divisors;
  }

  /** Tokens of a picture, T: a patch each, and the class token before them. */
  int tokens() {
    return 1 + (size / patch) * (size / patch);
  }

  /** {@code patches}, {@code block1} …, {@code features}. */
  @Override
  public List<String> layers() {
    List<String> layers = new ArrayList<>(List.of("patches"));
    for (int block = 1; block <= depth; block++) {
      layers.add("block" + block);
    }
    layers.add("features");
    return List.copyOf(layers);
  }

  @Override
  public Map<String, String> claims() {
    return Map.of("patch", Integer.toString(patch));
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("encoder", name);
    settings.put("patch", patch);
    settings.put("size", size);
    return settings;
  }

  @Override
  public String words() {
    return "%s with patches of %d pixels for pictures of %d".formatted(name, patch, size);
  }

  @Override
  public String kind() {
    return "vision transformer";
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("width, blocks, heads", "%s, %s, %s".formatted(dim, depth, heads));
    facts.put("patches", "%s×%s pixels".formatted(patch, patch));
    return facts;
  }

  @Override
  public String python() {
    return """
        the names are timm's, without `head`. With `pixels` of above:

        ```python
        import timm, torch
        from safetensors.torch import load_file

        net = timm.models.VisionTransformer(
            img_size=%s, patch_size=%s, embed_dim=%s, depth=%s, num_heads=%s, num_classes=0)
        net.load_state_dict(load_file("FILE"))
        net.eval()
        mean = torch.tensor(MEAN).view(1, 3, 1, 1)
        std = torch.tensor(STD).view(1, 3, 1, 1)
        with torch.no_grad():
            features = net((torch.from_numpy(pixels("photo.jpg")) - mean) / std)  # [1, DIM]
        ```
        """
        .formatted(size, patch, dim, depth, heads);
  }

  @Override
  public Optional<Patches> patches() {
    return Optional.of(new Patches(patch, size / patch));
  }

  @Override
  public Optional<Integer> onlySize() {
    return Optional.of(size);
  }

  @Override
  public int cropStep() {
    return patch;
  }

  @Override
  public void layout(Parameters.Layout.Builder into, String prefix) {
    into.add(prefix + "cls_token", 1, 1, dim).add(prefix + "pos_embed", 1, tokens(), dim);
    into.add(prefix + "patch_embed.proj.weight", dim, 3, patch, patch)
        .add(prefix + "patch_embed.proj.bias", dim);
    for (int block = 0; block < depth; block++) {
      String own = prefix + "blocks." + block + ".";
      pair(into, own + "norm1", dim);
      pair(into, own + "attn.qkv", 3 * dim, dim);
      pair(into, own + "attn.proj", dim, dim);
      pair(into, own + "norm2", dim);
      pair(into, own + "mlp.fc1", RATIO * dim, dim);
      pair(into, own + "mlp.fc2", dim, RATIO * dim);
    }
    pair(into, prefix + "norm", dim);
  }

  private static void pair(Parameters.Layout.Builder into, String name, long... weight) {
    into.add(name + ".weight", weight).add(name + ".bias", weight[0]);
  }

  /** Layer normalisation has no running statistics. */
  @Override
  public void statisticsLayout(Parameters.Layout.Builder into, String prefix) {}

  @Override
  public ViT over(
      Parameters weights, String prefix, Parameters statistics, String statisticsPrefix) {
    return new ViT(this, weights, prefix);
  }
}
