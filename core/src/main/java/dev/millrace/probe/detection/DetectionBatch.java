package dev.millrace.probe.detection;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Pictures as a detector takes them, each in the upper left corner of its place, with what is in
 * them.
 *
 * @param pictures {@code [N, 3, H, W] float32}; zero beside a picture
 * @param sizes width and height of each picture within its place
 * @param truths true boxes of each picture, {@code [T, 4]} in the batch's pixels
 * @param labels their classes
 */
@SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
record DetectionBatch(Tensor pictures, int[][] sizes, List<float[]> truths, List<int[]> labels) {
  int size() {
    return sizes.length;
  }
}
