package dev.millrace.probe.detection;

/**
 * What is in a picture by its annotation.
 *
 * @param box where, in the picture's pixels, with area
 * @param label index of the class, 0 or more
 * @param area square pixels by which it is small, medium or large; COCO's is that of the outline
 * @param crowd whether the box holds many of the class: never learned from, and a detection within
 *     it is neither right nor wrong
 * @param difficult whether the annotator marked it so: not learned from, and finding it is neither
 *     right nor wrong
 */
public record Truth(Box box, int label, double area, boolean crowd, boolean difficult) {
  /** An ordinary object. */
  public Truth(Box box, int label) {
    this(box, label, box.area(), false, false);
  }

  /** Whether it counts for nothing in an evaluation. */
  boolean ignored() {
    return crowd || difficult;
  }
}
