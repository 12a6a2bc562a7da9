package dev.millrace.bench;

import dev.millrace.draw.Draw;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The training pictures of GTSRB as a camera on a road would give them: track after track, in an
 * order that a seed draws, the frames of each in theirs. Written as files whose names ascend.
 */
final class TrackFrames {
  private TrackFrames() {}

  /**
   * Writes them.
   *
   * @param args a folder that does not exist, and the seed
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 2 || Files.exists(Path.of(args[0]))) {
      System.err.println("give a FOLDER that does not exist, and a SEED");
      System.exit(2);
    }
    Path folder = Files.createDirectories(Path.of(args[0]));
    Draw draw = Draw.of(Long.parseLong(args[1]), "tracks");
    ImageSet set = Catalogue.standard().open("gtsrb").train();
    Map<String, List<Image>> tracks = new TreeMap<>();
    for (int i = 0; i < set.size(); i++) {
      Image image = set.image(i);
      tracks
          .computeIfAbsent(
              image.id().substring(0, image.id().lastIndexOf('_')), t -> new ArrayList<>())
          .add(image);
    }
    List<String> order = new ArrayList<>(tracks.keySet());
    Map<String, Double> place = new TreeMap<>();
    for (int t = 0; t < order.size(); t++) {
      place.put(order.get(t), draw.at(t).uniform());
    }
    order.sort(Comparator.comparingDouble(place::get));
    int number = 0;
    for (String track : order) {
      List<Image> frames = tracks.get(track);
      frames.sort(Comparator.comparing(Image::id));
      for (Image frame : frames) {
        Files.write(folder.resolve("%06d.jpg".formatted(number++)), frame.bytes());
      }
    }
    System.out.printf("%d pictures of %d tracks%n", number, order.size());
  }
}
