package dev.millrace.bench;

import dev.millrace.draw.Draw;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Training pictures of PACS as a stream whose domain changes and comes back: photos, paintings,
 * cartoons, sketches, cartoons, paintings, photos, no picture twice. Written as files whose names
 * ascend.
 */
final class DomainsAndBack {
  private static final List<String> ORDER =
      List.of("photo", "art_painting", "cartoon", "sketch", "cartoon", "art_painting", "photo");

  private DomainsAndBack() {}

  /**
   * Writes them.
   *
   * @param args a folder that does not exist, how many pictures of a domain follow each other, and
   *     the seed
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 3 || Files.exists(Path.of(args[0]))) {
      System.err.println("give a FOLDER that does not exist, a number of PICTURES, and a SEED");
      System.exit(2);
    }
    Path folder = Files.createDirectories(Path.of(args[0]));
    int stretch = Integer.parseInt(args[1]);
    Draw draw = Draw.of(Long.parseLong(args[2]), "domains");
    ImageSet set = Catalogue.standard().open("pacs").train();
    int number = 0;
    for (int place = 0; place < ORDER.size(); place++) {
      String domain = ORDER.get(place);
      int index = set.domains().indexOf(domain);
      List<Image> pictures =
          IntStream.range(0, set.size())
              .mapToObj(set::image)
              .filter(image -> image.domain() == index)
              .toList();
      int[] drawn = draw.at(index).sample(pictures.size(), 2 * stretch);
      int from = ORDER.indexOf(domain) == place ? 0 : stretch; // on the way back the others
      for (int i = from; i < from + stretch; i++) {
        Files.write(folder.resolve("%06d.jpg".formatted(number++)), pictures.get(drawn[i]).bytes());
      }
    }
    System.out.printf("%d pictures of %d domains%n", number, set.domains().size());
  }
}
