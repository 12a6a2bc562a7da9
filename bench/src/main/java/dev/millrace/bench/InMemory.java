package dev.millrace.bench;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.util.List;

/** A set whose encoded pictures are in memory, so that making them is not measured. */
record InMemory(String name, List<String> classes, List<String> domains, List<Image> images)
    implements ImageSet {
  static InMemory copy(ImageSet set) throws IOException {
    Image[] images = new Image[set.size()];
    for (int i = 0; i < images.length; i++) {
      Image image = set.image(i);
      byte[] bytes = image.bytes();
      images[i] = new Image(image.id(), image.label(), image.domain(), () -> bytes);
    }
    return new InMemory(set.name(), set.classes(), set.domains(), List.of(images));
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public Image image(int index) {
    return images.get(index);
  }
}
