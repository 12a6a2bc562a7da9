package dev.millrace.probe.detection;

import dev.millrace.engine.Device;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Features of boxes of any size as grids of one size (He et al., "Mask R-CNN", ICCV 2017, §3): each
 * cell is the mean of a few samples, each sample bilinear between four places. So a cell is a
 * weighted sum of rows of the feature map, which libtorch computes for all cells of all boxes at
 * once, with gradients to the map; the boxes get none. Edges as torchvision's {@code roi_align}
 * with {@code aligned=False}. Immutable.
 *
 * @param side cells a side, at least 1
 * @param samples samples a side of each cell, at least 1
 */
public record RoiAlign(int side, int samples) {
  /** Level and side of the box that stands on the level of stride 16 (Lin et al., §4.2). */
  private static final double CANONICAL_SIDE = 224;

  private static final int CANONICAL_LEVEL = 4;

  /** Refuses sizes below 1. */
  public RoiAlign {
    if (side < 1 || samples < 1) {
      throw new IllegalArgumentException(
          "found %d cells of %d samples a side, expected at least 1: try 7 and 2"
              .formatted(side, samples));
    }
  }

  /**
   * The level of each box: those of 224 pixels on stride 16, half the side one level finer (Lin et
   * al., "Feature Pyramid Networks", CVPR 2017, eq. 1).
   *
   * @param levels strides double from one to the next
   */
  static int[] levels(float[] boxes, List<Level> levels) {
    int first = Integer.numberOfTrailingZeros(levels.get(0).stride());
    int[] of = new int[Boxes.count(boxes)];
    for (int i = 0; i < of.length; i++) {
      double area =
          (double) (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]);
      double level =
          CANONICAL_LEVEL + Math.log(Math.sqrt(area) / CANONICAL_SIDE) / Math.log(2) + 1e-6;
      of[i] = (int) Math.max(0, Math.min(levels.size() - 1, Math.floor(level) - first));
    }
    return of;
  }

  /**
   * The features of boxes, each from its own level.
   *
   * @param maps {@code [Σ images · height · width, C] float32}: by level, picture, row, column
   * @param levels the grids that lie in maps
   * @param images pictures of the batch
   * @param boxes {@code [R, 4]} in the picture's pixels
   * @param image {@code [R]}: picture of each box
   * @return {@code [R, side · side, C] float32}; the caller's scope owns it
   */
  Tensor of(
      Tensor maps, List<Level> levels, int images, float[] boxes, int[] image, Device device) {
    int rois = Boxes.count(boxes);
    int cells = side * side;
    int terms = 4 * samples * samples;
    long[] rows = new long[rois * cells * terms];
    float[] weights = new float[rows.length];
    int[] level = levels(boxes, levels);
    long[] starts = starts(levels, images);
    Axis across = new Axis();
    Axis down = new Axis();
    for (int r = 0; r < rois; r++) {
      Level grid = levels.get(level[r]);
      across.sample(boxes[4 * r], boxes[4 * r + 2], grid.stride(), grid.width());
      down.sample(boxes[4 * r + 1], boxes[4 * r + 3], grid.stride(), grid.height());
      long base = starts[level[r]] + (long) image[r] * grid.places();
      fill(rows, weights, r * cells * terms, base, grid.width(), across, down);
    }
    long[] bags = new long[rois * cells];
    for (int i = 0; i < bags.length; i++) {
      bags[i] = (long) i * terms;
    }
    return torch
        .embedding_bag(
            maps,
            Tensors.of(rows, device, rows.length),
            Tensors.of(bags, device, bags.length),
            false,
            0, // the sum
            false,
            new TensorOptional(Tensors.of(weights, device, weights.length)),
            false)
        .get0()
        .view(rois, cells, maps.size(1));
  }

  private static long[] starts(List<Level> levels, int images) {
    long[] starts = new long[levels.size()];
    for (int l = 1; l < starts.length; l++) {
      starts[l] = starts[l - 1] + (long) images * levels.get(l - 1).places();
    }
    return starts;
  }

  private void fill(
      long[] rows, float[] weights, int at, long base, int width, Axis across, Axis down) {
    float share = 1f / (samples * samples);
    for (int cellY = 0; cellY < side; cellY++) {
      for (int cellX = 0; cellX < side; cellX++) {
        for (int y = cellY * samples; y < (cellY + 1) * samples; y++) {
          for (int x = cellX * samples; x < (cellX + 1) * samples; x++) {
            for (int corner = 0; corner < 4; corner++) {
              int v = 2 * y + (corner >> 1);
              int u = 2 * x + (corner & 1);
              rows[at] = base + (long) down.place[v] * width + across.place[u];
              weights[at++] = share * down.weight[v] * across.weight[u];
            }
          }
        }
      }
    }
  }

  /** The samples of one axis of one box: two places each, and what each counts. */
  private final class Axis {
    private final int[] place = new int[2 * side * samples];
    private final float[] weight = new float[2 * side * samples];

    void sample(float from, float to, int stride, int length) {
      float start = from / stride;
      float cell = Math.max(to / stride - start, 1f) / side;
      for (int i = 0; i < side * samples; i++) {
        float at = start + (i / samples) * cell + (i % samples + 0.5f) * cell / samples;
        if (at < -1 || at > length) {
          // Too far outside to count.
          place[2 * i] = place[2 * i + 1] = 0;
          weight[2 * i] = weight[2 * i + 1] = 0;
          continue;
        }
        float inside = Math.max(at, 0);
        int low = Math.min((int) inside, length - 1);
        float over = low == length - 1 ? 0 : inside - low;
        place[2 * i] = low;
        place[2 * i + 1] = Math.min(low + 1, length - 1);
        weight[2 * i] = 1 - over;
        weight[2 * i + 1] = over;
      }
    }
  }
}
