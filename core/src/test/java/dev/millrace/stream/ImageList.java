package dev.millrace.stream;

import java.util.List;

/** Pictures that a test made, without classes and domains. */
public record ImageList(String name, List<Image> images) implements ImageSet {
  @Override
  public int size() {
    return images.size();
  }

  @Override
  public Image image(int index) {
    return images.get(index);
  }

  @Override
  public List<String> classes() {
    return List.of();
  }

  @Override
  public List<String> domains() {
    return List.of();
  }
}
