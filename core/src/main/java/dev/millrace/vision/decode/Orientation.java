package dev.millrace.vision.decode;

import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * How a picture lies in its file, by EXIF's numbers 1 to 8: what must be done to its pixels so that
 * it stands upright. The constants are in the order of those numbers.
 */
enum Orientation {
  UPRIGHT,
  MIRRORED,
  UPSIDE_DOWN,
  MIRRORED_UPSIDE_DOWN,
  TRANSPOSED,
  QUARTER_TURN,
  TRANSPOSED_UPSIDE_DOWN,
  THREE_QUARTER_TURN;

  /** EXIF's and TIFF's tag. */
  static final int TAG = 0x0112;

  private static final int ABOUT_X = 0;
  private static final int ABOUT_Y = 1;
  private static final int ABOUT_BOTH = -1;

  /** By EXIF's number; any other than 2 to 8 means upright. */
  static Orientation of(long number) {
    return number >= 2 && number <= 8 ? values()[(int) number - 1] : UPRIGHT;
  }

  /** Whether columns become rows. */
  boolean swaps() {
    return compareTo(TRANSPOSED) >= 0;
  }

  /**
   * The picture upright.
   *
   * @param stored as it lies in the file
   * @return the same if nothing is to be done, else a new one that the caller's scope owns
   */
  Mat turn(Mat stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    Mat turned = new Mat();
    switch (this) {
      case MIRRORED -> opencv_core.flip(stored, turned, ABOUT_Y);
      case UPSIDE_DOWN -> opencv_core.flip(stored, turned, ABOUT_BOTH);
      case MIRRORED_UPSIDE_DOWN -> opencv_core.flip(stored, turned, ABOUT_X);
      case TRANSPOSED -> opencv_core.transpose(stored, turned);
      case QUARTER_TURN -> opencv_core.rotate(stored, turned, opencv_core.ROTATE_90_CLOCKWISE);
      case THREE_QUARTER_TURN ->
          opencv_core.rotate(stored, turned, opencv_core.ROTATE_90_COUNTERCLOCKWISE);
      default -> {
        Mat transposed = new Mat();
        opencv_core.transpose(stored, transposed);
        opencv_core.flip(transposed, turned, ABOUT_BOTH);
      }
    }
    return turned;
  }
}
