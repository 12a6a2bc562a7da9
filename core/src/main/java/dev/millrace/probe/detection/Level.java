package dev.millrace.probe.detection;

/**
 * The grid of one level of a feature pyramid.
 *
 * @param height rows
 * @param width columns
 * @param stride pixels of the picture between two places
 */
record Level(int height, int width, int stride) {
  int places() {
    return height * width;
  }
}
