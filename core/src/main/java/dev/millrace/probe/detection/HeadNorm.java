package dev.millrace.probe.detection;

/** How the layers of pyramid and box head are normalised. */
public enum HeadNorm {
  /** Not at all, as in torchvision. */
  NONE,
  /**
   * In groups of some 16 channels (Wu and He, "Group Normalization", ECCV 2018), which do not
   * depend on the batch. MoCo normalises there, too, over the batches of eight cards.
   */
  GROUP
}
