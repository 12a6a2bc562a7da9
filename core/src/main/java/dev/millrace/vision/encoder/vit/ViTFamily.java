package dev.millrace.vision.encoder.vit;

import dev.millrace.vision.encoder.EncoderSpec;
import dev.millrace.vision.encoder.Family;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Vision transformers in files, by timm's names, which DeiT's and DINO's files have too. */
public final class ViTFamily implements Family {
  private static final String TOKEN = "cls_token";
  private static final String PATCHES = "patch_embed.proj.weight";
  private static final String POSITIONS = "pos_embed";

  /** Width of its authors' ViT-S; of vit-tiny they have none. */
  private static final int MOCO_V3_WIDTH = 384;

  /** More than bf16 loses of numbers up to 1. */
  private static final double HALF_PRECISION = 0.01;

  /** Names that are a transformer's own, and no head's. */
  private static final Pattern OWN =
      Pattern.compile("(cls_token|dist_token|pos_embed|(patch_embed|blocks|norm)\\..*)");

  @Override
  public String noun() {
    return "vision transformer";
  }

  @Override
  public List<String> names() {
    return ViTShape.NAMES;
  }

  @Override
  public String marks() {
    return TOKEN + ", " + PATCHES + " and " + block(0);
  }

  @Override
  public EncoderSpec claimed(String name, Claims claims) throws IOException {
    int size = claims.size();
    String patch =
        claims.word("patch", ViTShape.divisors(size).stream().map(String::valueOf).toList());
    return ViTShape.of(name, Integer.parseInt(patch), size);
  }

  @Override
  public List<Place> places(Collection<String> names) {
    List<Place> places = new ArrayList<>();
    for (String name : names) {
      String prefix = name.substring(0, Math.max(0, name.length() - TOKEN.length()));
      if (name.equals(prefix + TOKEN)
          && (prefix.isEmpty() || prefix.endsWith("."))
          && names.contains(prefix + PATCHES)
          && names.contains(prefix + block(0))) {
        places.add(new Place(prefix, bare -> OWN.matcher(bare).matches() ? bare : null));
      }
    }
    return places;
  }

  /** The shape that class token, patches, positions and blocks name. */
  @Override
  public Optional<EncoderSpec> inferred(Map<String, List<Long>> shapes) {
    List<Long> patches = shapes.getOrDefault(PATCHES, List.of());
    List<Long> positions = shapes.getOrDefault(POSITIONS, List.of());
    if (patches.size() != 4 || positions.size() != 3) {
      return Optional.empty();
    }
    long patch = patches.get(3);
    long grid = Math.round(Math.sqrt(Math.max(0, positions.get(1) - 1)));
    if (patch < 1 || grid < 1 || grid * grid + 1 != positions.get(1) || patch * grid > 4096) {
      return Optional.empty();
    }
    for (String name : ViTShape.NAMES) {
      ViTShape shape = ViTShape.of(name, (int) patch, (int) (patch * grid));
      if (shape.dim() == patches.get(0) && shape.depth() == depth(shapes)) {
        return Optional.of(shape);
      }
    }
    return Optional.empty();
  }

  /**
   * MoCo v3's small transformer has twelve heads, which no shape shows. It is told by its
   * positions, which are fixed and lie in its order in whatever is made of such a file; not by the
   * name that its authors' script gives an encoder, under which others train theirs.
   */
  @Override
  public String otherwise(EncoderSpec spec, String prefix, Numbers numbers) throws IOException {
    if (!(spec instanceof ViTShape shape)
        || shape.dim() != MOCO_V3_WIDTH
        || !fixedByMocoV3(numbers.of(POSITIONS), shape)) {
      return "";
    }
    return "its fixed positions say that it is MoCo v3's ViT-S, which has 12 heads of %d; expected %d heads of %d, as DeiT's, DINO's and timm's have, and with other heads all features are wrong"
        .formatted(shape.dim() / 12, shape.heads(), shape.dim() / shape.heads());
  }

  /** Whether positions are sines and cosines of the row, then of the column; the token's are 0. */
  private static boolean fixedByMocoV3(float[] positions, ViTShape shape) {
    int dim = shape.dim();
    int grid = shape.size() / shape.patch();
    int quarter = dim / 4;
    for (int i = 0; i < positions.length; i++) {
      int token = i / dim;
      int kind = i % dim / quarter;
      int along = kind < 2 ? (token - 1) / grid : (token - 1) % grid;
      double angle = along / Math.pow(10_000, (double) (i % quarter) / quarter);
      double expected = token == 0 ? 0 : kind % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
      if (!(Math.abs(positions[i] - expected) < HALF_PRECISION)) {
        return false;
      }
    }
    return grid > 1; // of a single patch the order is that of others, too
  }

  /** The name by which a block is known. */
  private static String block(int number) {
    return "blocks." + number + ".attn.qkv.weight";
  }

  private static int depth(Map<String, List<Long>> shapes) {
    int depth = 0;
    while (shapes.containsKey(block(depth))) {
      depth++;
    }
    return depth;
  }

  @Override
  public String found(Map<String, List<Long>> shapes) {
    return "it has %d blocks, patches %s and positions %s; known are vit-tiny, 12 blocks of width 192, and vit-small, 12 of 384, with patches [width, 3, P, P] and positions [1, 1 + (S / P)², width]"
        .formatted(depth(shapes), shapes.get(PATCHES), shapes.get(POSITIONS));
  }
}
