package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadAlongTest {
  private record At(long place) implements Image.Content {
    @Override
    public byte[] read() {
      return new byte[0];
    }
  }

  /** Pictures in files of equal length. */
  private record Filed(int size, int each) implements ImageSet {
    @Override
    public String name() {
      return "filed";
    }

    @Override
    public Image image(int index) {
      long place = (long) (index / each) << Image.Content.PLACE_BITS | index % each * 100L;
      return new Image("" + index, Image.NONE, Image.NONE, new At(place));
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

  @ParameterizedTest
  @CsvSource({"1000,1000,50", "1000,37,50", "1000,100,1", "1000,100,5000", "1,1,3"})
  void anEpochHasEachPictureOnceAndIsAFunctionOfItsPlace(int size, int each, int buffer) {
    ImageSet set = new Filed(size, each);
    int[] epoch = ReadAlong.of(set, buffer).sequence(1, 2, 3);
    assertThat(Arrays.stream(epoch).sorted().toArray())
        .isEqualTo(IntStream.range(0, size).toArray());
    assertThat(ReadAlong.of(set, buffer).sequence(1, 2, 3)).isEqualTo(epoch);
    if (size > 1) {
      assertThat(ReadAlong.of(set, buffer).sequence(2, 2, 3)).isNotEqualTo(epoch);
      assertThat(ReadAlong.of(set, buffer).sequence(1, 2, 4)).isNotEqualTo(epoch);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anOrderIsMadeOfTheNumbersItTells(boolean mixed) {
    int[] order = IntStream.range(0, 300).map(i -> mixed ? i * 7 % 300 : i).toArray();
    ReadAlong along = ReadAlong.of(new Filed(300, 37).subset("x", order), 20);
    ReadAlong again = ReadAlong.of(along.numbers());
    assertThat(again.sequence(1, 2, 3)).isEqualTo(along.sequence(1, 2, 3));
    assertThat(again.size()).isEqualTo(300);
    assertThat(along.numbers().length >= 300).isEqualTo(mixed);
  }

  /** A set in which one picture says of no place. */
  private record Without(ImageSet all, int gone) implements ImageSet {
    @Override
    public String name() {
      return all.name();
    }

    @Override
    public Image image(int index) {
      Image image = all.image(index);
      return index == gone
          ? new Image(image.id(), Image.NONE, Image.NONE, new At(Image.UNKNOWN))
          : image;
    }

    @Override
    public int size() {
      return all.size();
    }

    @Override
    public List<String> classes() {
      return all.classes();
    }

    @Override
    public List<String> domains() {
      return all.domains();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 36, 38, 500, 998})
  void aPictureTakenAwayFromAmongOthersOfItsFileChangesNobodysOrder(int gone) {
    ImageSet all = new Filed(1000, 37);
    assertThat(ReadAlong.of(new Without(all, gone), 50).sequence(1, 2, 3))
        .isEqualTo(ReadAlong.of(all, 50).sequence(1, 2, 3));
  }

  /** How many files lie within so many draws, on average. */
  private static double files(int[] epoch, int each, int window) {
    int windows = epoch.length / window;
    long sum = 0;
    for (int w = 0; w < windows; w++) {
      sum +=
          Arrays.stream(epoch, w * window, (w + 1) * window).map(i -> i / each).distinct().count();
    }
    return (double) sum / windows;
  }

  @Test
  void neighboursAreDrawnTogetherAndFilesInAnyOrder() {
    ImageSet set = new Filed(100_000, 1000);
    int[] epoch = ReadAlong.of(set, 1000).sequence(1, 0, 0);
    assertThat(files(epoch, 1000, 1000)).isBetween(2.0, 12.0);
    assertThat(IntStream.range(1, epoch.length).filter(i -> epoch[i] == epoch[i - 1] + 1).count())
        .isLessThan(2000); // a buffer mixes within a file, too
    int[] firsts =
        IntStream.range(0, 20)
            .map(e -> ReadAlong.of(set, 1000).sequence(1, 0, e)[0] / 1000)
            .distinct()
            .toArray();
    assertThat(firsts).hasSizeGreaterThan(10);
  }

  @Test
  void aSetInAnotherOrderIsReadAsItLies() {
    ImageSet lies = new Filed(10_000, 100);
    List<Integer> mixed = new java.util.ArrayList<>(IntStream.range(0, 10_000).boxed().toList());
    java.util.Collections.shuffle(mixed, new Random(1));
    int[] order = mixed.stream().mapToInt(Integer::intValue).toArray();
    int[] epoch = ReadAlong.of(lies.subset("mixed", order), 100).sequence(1, 0, 0);
    int[] places = Arrays.stream(epoch).map(i -> order[i]).toArray();
    assertThat(files(places, 100, 100)).isBetween(2.0, 12.0);
    assertThat(places).isEqualTo(ReadAlong.of(lies, 100).sequence(1, 0, 0));
  }

  @Test
  void whatReplayKeepsStaysWhereItWasDrawn() {
    ImageSet set = new Filed(600, 600);
    for (Sampler.Mix mix : Sampler.Mix.values()) {
      int[] drawn = Sampler.epoch(1, 2, 0, 600, new int[] {50, 80}, mix, 20);
      int[] along = ReadAlong.of(set, 30).along(drawn, 1, 2, 0);
      for (int i = 0; i < drawn.length; i++) {
        assertThat(along[i] < 600).isEqualTo(drawn[i] < 600);
        if (drawn[i] >= 600) {
          assertThat(along[i]).isEqualTo(drawn[i]);
        }
      }
      assertThat(Arrays.stream(along).filter(i -> i < 600)).doesNotHaveDuplicates();
    }
  }
}
