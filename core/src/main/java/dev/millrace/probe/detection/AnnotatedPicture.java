package dev.millrace.probe.detection;

import dev.millrace.stream.Image;
import java.util.List;

/**
 * A picture and what is in it.
 *
 * @param image the picture; its label is {@link Image#NONE}
 * @param width columns that the annotation is of
 * @param height rows
 * @param truths may be empty: a picture of nothing
 */
public record AnnotatedPicture(Image image, int width, int height, List<Truth> truths) {
  /** Makes the list immutable. */
  public AnnotatedPicture {
    truths = List.copyOf(truths);
  }
}
