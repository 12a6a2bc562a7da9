package dev.millrace.probe.detection;

import dev.millrace.stream.Image;
import java.util.List;
import java.util.function.Supplier;

/**
 * An annotation as its file has it, before {@link DetectionSet} applies the rules.
 *
 * @param key what the picture is called in the set's order and split
 * @param id the picture's path
 * @param part of the split: train, val, test; null when it is not said
 * @param content of the picture
 * @param width columns by the annotation; 0 when it does not say
 * @param height rows by the annotation; 0 when it does not say
 */
record Annotation(
    String key,
    String id,
    String part,
    Image.Content content,
    int width,
    int height,
    List<Thing> things) {
  /**
   * One box as annotated.
   *
   * @param name of the class; null when the file does not know it
   * @param called gives how a person finds it
   * @param x1 left edge; the right one may lie left of it
   * @param area square pixels; NaN for the box's own
   */
  record Thing(
      String name,
      Supplier<String> called,
      double x1,
      double y1,
      double x2,
      double y2,
      double area,
      boolean crowd,
      boolean difficult) {}

  Annotation with(String part) {
    return new Annotation(key, id, part, content, width, height, things);
  }
}
