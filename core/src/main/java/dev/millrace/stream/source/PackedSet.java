package dev.millrace.stream.source;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.util.List;
import java.util.Objects;

/** A part of a packed set: some of its rows, made into pictures when they are asked for. */
record PackedSet(String name, PackedFile file, int from, int size) implements ImageSet {
  @Override
  public Image image(int index) {
    int row = from + Objects.checkIndex(index, size);
    return new Image(
        file.name(row), file.label(row), file.domain(row), file.origins().content(file, row));
  }

  @Override
  public List<String> classes() {
    return file.head().classes();
  }

  @Override
  public List<String> domains() {
    return file.head().domains();
  }
}
