package dev.millrace.probe.detection;

/**
 * Which layers of pyramid and box head are normalised: in groups of some 16 channels (Wu and He,
 * "Group Normalization", ECCV 2018), which do not depend on the batch.
 */
public enum HeadNorm {
  /** None, as in torchvision. */
  NONE,
  /**
   * The pyramid's. MoCo normalises there, too, over the batches of eight cards; the two fully
   * connected layers of a box head have no normalisation in the code base that it builds on.
   */
  PYRAMID,
  /** The pyramid's, and those of the box head over each proposal's features. */
  GROUP;

  boolean ofPyramid() {
    return this != NONE;
  }

  boolean ofBoxHead() {
    return this == GROUP;
  }
}
