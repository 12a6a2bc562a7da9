package dev.millrace.recipe;

import dev.millrace.learn.run.WhenChecked;
import dev.millrace.refusal.Require;
import dev.millrace.setting.Knob;
import dev.millrace.stream.source.Folders;
import java.util.List;

/**
 * Which pictures a run learns from. Immutable.
 *
 * @param sets known names, paths, or {@code generated}; at least one
 * @param ownClasses whether a class is of its set alone where there are several: digits and clothes
 *     may both be called 0 to 9; else a name is one class, as in sets that are domains of one
 * @param layout what the folders of sets mean
 * @param images how many training pictures of each set to use, chosen once and for all; 0 for all
 * @param imagesPerClass instead of a number of each set: of each class of each set; 0 for all
 * @param maxBad share of a chunk's pictures that may fail to decode, in [0, 1]
 * @param check when they are decoded to find that out
 * @param shuffleBuffer pictures among which the next is drawn where a chunk is read as it lies; 0
 *     to draw among all
 */
public record DataSettings(
    @Knob(
            value =
                "sets, with commas between (`\\,` for one in a name): a known name (`millrace data list`), a folder, an archive, a Parquet file, a list (.csv, .jsonl), these three at s3://BUCKET/KEY, or `generated`",
            name = "data",
            label = "SET[,SET…]",
            housekeeping = true)
        List<String> sets,
    @Knob(
            value =
                "of several sets each has classes of its own, even where two call one alike, such as 0; else a name is one class",
            neutral = "false")
        boolean ownClasses,
    @Knob(
            "what the folders of a set mean: auto (guessed, a doubt refused), flat (nothing), class (CLASS/image), domain (DOMAIN/CLASS/image), split (train/, val/, test/ around or below classes), shards (tars with KEY.cls or KEY.json beside KEY.jpg), or folders (auto, without looking for shards)")
        Folders layout,
    @Knob("training pictures of each set to use; 0 for all") int images,
    @Knob("training pictures per class and set, instead of --images; 0 for all") int imagesPerClass,
    @Knob("share of a chunk's pictures that may fail to decode") double maxBad,
    @Knob(
            value =
                "when a chunk's pictures are decoded to find the bad ones: before (its first step waits), meanwhile (as they are drawn, with another in the place of a bad one), or auto (meanwhile from 100,000 pictures on)",
            neutral = "auto")
        WhenChecked check,
    @Knob(
            value =
                "read a chunk nearly as it lies in its files, in stretches of N pictures, and draw the next picture among N: for sets that are slow to read at random, as at s3://; 0 draws among all",
            neutral = "0")
        int shuffleBuffer) {

  /** Refuses values outside their ranges. */
  public DataSettings {
    sets = List.copyOf(sets);
    Require.component(!sets.isEmpty(), "sets", "names no set; see `millrace data list`");
    Require.component(images >= 0, "images", images + " is below 0; 0 means all");
    Require.component(
        imagesPerClass >= 0, "imagesPerClass", imagesPerClass + " is below 0; 0 means all");
    Require.component(
        images == 0 || imagesPerClass == 0,
        "images",
        images + " and {images-per-class} " + imagesPerClass + " exclude each other; give one");
    Require.component(
        shuffleBuffer >= 0, "shuffleBuffer", shuffleBuffer + " is below 0; 0 draws among all");
    Require.component(maxBad >= 0 && maxBad <= 1, "maxBad", maxBad + " is not a share in 0 … 1");
  }

  /** With these sets. */
  public DataSettings sets(List<String> sets) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** With classes that are of their set alone; or without. */
  public DataSettings ownClasses(boolean ownClasses) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** With another meaning of folders. */
  public DataSettings layout(Folders layout) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** With this many training pictures of each set. */
  public DataSettings images(int images) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** With this many training pictures of each class. */
  public DataSettings imagesPerClass(int imagesPerClass) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** With another share of bad pictures. */
  public DataSettings maxBad(double maxBad) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** With another time of the check. */
  public DataSettings check(WhenChecked check) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** With another buffer. */
  public DataSettings shuffleBuffer(int shuffleBuffer) {
    return new DataSettings(
        sets, ownClasses, layout, images, imagesPerClass, maxBad, check, shuffleBuffer);
  }

  /** These sets. */
  public DataSettings sets(String... sets) {
    return sets(List.of(sets));
  }
}
