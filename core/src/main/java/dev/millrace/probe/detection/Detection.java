package dev.millrace.probe.detection;

/**
 * What a detector says is in a picture.
 *
 * @param box where, in the picture's pixels
 * @param label index of the class, 0 or more
 * @param score how sure it is, 0 … 1
 */
public record Detection(Box box, int label, double score) {}
