package dev.millrace.vision.encoder.vit;

import dev.millrace.engine.Device;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The learned positions of one grid of patches, brought to smaller grids by cubic convolution, as
 * DINO does for small crops (Keys, "Cubic Convolution Interpolation for Digital Image Processing",
 * IEEE ASSP 1981, with a = −0.75 and borders repeated, as PyTorch's bicubic interpolation without
 * aligned corners). A fixed linear map: so its gradient is one sum in one order, on a card too.
 * Thread-safe; close it to free the maps.
 */
final class Positions implements AutoCloseable {
  private static final double A = -0.75;

  private final int grid;
  private final Device device;

  /** By the smaller grid's side: {@code [g², G², 1] float32}. */
  private final Map<Integer, Tensor> maps = new ConcurrentHashMap<>();

  /**
   * @param grid patches along a side of what was learned, G
   */
  Positions(int grid, Device device) {
    this.grid = grid;
    this.device = device;
  }

  /**
   * Positions for a grid, the class token's first.
   *
   * @param learned {@code [1, 1 + G², D] float32}; the gradient flows into them
   * @param side of the grid, g, 1 … G
   * @return {@code [1, 1 + g², D] float32}; the caller's scope owns it
   */
  Tensor of(Tensor learned, int side) {
    if (side == grid) {
      return learned;
    }
    Tensor patches = learned.narrow(1, 1, (long) grid * grid);
    // Not as a product of matrices, which autocast would round.
    Tensor between = patches.mul(maps.computeIfAbsent(side, this::map)).sum(1).unsqueeze(0);
    return torch.cat(new TensorVector(learned.narrow(1, 0, 1), between), 1);
  }

  private Tensor map(int side) {
    double[][] along = weights(side);
    float[] values = new float[side * side * grid * grid];
    int at = 0;
    for (double[] y : along) {
      for (double[] x : along) {
        for (double down : y) {
          for (double right : x) {
            values[at++] = (float) (down * right);
          }
        }
      }
    }
    try (PointerScope scope = new PointerScope()) {
      return torch
          .from_blob(
              new FloatPointer(values), new long[] {(long) side * side, (long) grid * grid, 1})
          .clone()
          .to(device.torch(), ScalarType.Float)
          .retainReference();
    }
  }

  /** What each place of the smaller grid takes of each of the learned ones, along one side. */
  private double[][] weights(int side) {
    double[][] weights = new double[side][grid];
    for (int to = 0; to < side; to++) {
      double from = (to + 0.5) * grid / side - 0.5;
      int left = (int) Math.floor(from);
      for (int near = left - 1; near <= left + 2; near++) {
        weights[to][Math.min(Math.max(near, 0), grid - 1)] += cubic(Math.abs(from - near));
      }
    }
    return weights;
  }

  private static double cubic(double away) {
    return away <= 1
        ? ((A + 2) * away - (A + 3)) * away * away + 1
        : ((A * away - 5 * A) * away + 8 * A) * away - 4 * A;
  }

  @Override
  public void close() {
    maps.values().forEach(Tensor::releaseReference);
    maps.clear();
  }
}
