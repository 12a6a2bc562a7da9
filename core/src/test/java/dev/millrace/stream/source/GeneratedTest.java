package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratedTest {
  private static DataSet open(String set) throws IOException {
    return new Catalogue(null, null).open(set);
  }

  @Test
  void needsNoDataAndHasTheSizesItSays() throws IOException {
    DataSet set = open("generated");
    assertThat(set.train().size()).isEqualTo(4000);
    assertThat(set.test().size()).isEqualTo(1000);
    assertThat(set.train().classes()).hasSize(8).isEqualTo(set.test().classes());
    assertThat(set.train().domains()).isEmpty();
    assertThat(set.train().image(0).domain()).isEqualTo(Image.NONE);
    assertThat(Generated.HIERARCHY).containsOnlyKeys(set.train().classes());
  }

  @Test
  void aPictureIsAFunctionOfSeedAndIndex() throws IOException {
    ImageSet few = open("generated:images=20,test=5,seed=3").train();
    ImageSet many = open("generated:images=4000;seed=3").train();
    ImageSet other = open("generated:images=20,seed=4").train();
    for (int i = 19; i >= 0; i--) {
      assertThat(few.image(i).id()).isEqualTo(many.image(i).id());
      assertThat(few.image(i).bytes()).isEqualTo(few.image(i).bytes());
      assertThat(few.image(i).bytes()).isEqualTo(many.image(i).bytes());
      assertThat(few.image(i).bytes()).isNotEqualTo(other.image(i).bytes());
      assertThat(few.image(i).id()).isNotEqualTo(other.image(i).id());
    }
  }

  @Test
  void noTwoPicturesOfEitherPartAreTheSame() throws IOException {
    DataSet set = open("generated:images=200,test=200,size=16,domains=3");
    Set<String> ids = new HashSet<>();
    Set<Integer> contents = new HashSet<>();
    for (ImageSet part : set.splits().values()) {
      for (int i = 0; i < part.size(); i++) {
        ids.add(part.image(i).id());
        contents.add(Arrays.hashCode(part.image(i).bytes()));
      }
    }
    assertThat(ids).hasSize(400);
    assertThat(contents).hasSize(400);
  }

  @Test
  void classesAndDomainsAreBalanced() throws IOException {
    ImageSet set = open("generated:images=240,classes=5,domains=3").train();
    int[][] count = new int[5][3];
    for (int i = 0; i < set.size(); i++) {
      Image image = set.image(i);
      count[image.label()][image.domain()]++;
      assertThat(image.id()).startsWith(set.classes().get(image.label()) + "/");
    }
    assertThat(Arrays.stream(count).flatMapToInt(Arrays::stream)).hasSize(15).containsOnly(16);
    assertThat(set.classes()).hasSize(5);
    assertThat(set.domains()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 32, 57})
  void everyPictureIsAPpmOfTheSizeAskedFor(int size) throws IOException {
    ImageSet set = open("generated:images=24,domains=3,size=" + size).train();
    String header = "P6\n%d %d\n255\n".formatted(size, size);
    for (int i = 0; i < set.size(); i++) {
      byte[] bytes = set.image(i).bytes();
      assertThat(bytes).hasSize(header.length() + 3 * size * size);
      assertThat(new String(bytes, 0, header.length(), StandardCharsets.US_ASCII))
          .isEqualTo(header);
      assertThat(set.image(i).id()).endsWith(".ppm");
    }
  }

  @Test
  void figureAndGroundDifferInEveryPicture() throws IOException {
    ImageSet set = open("generated:images=80").train();
    for (int i = 0; i < set.size(); i++) {
      byte[] bytes = set.image(i).bytes();
      double[] sum = new double[3];
      double[] squares = new double[3];
      for (int p = 13; p < bytes.length; p++) {
        int value = bytes[p] & 0xFF;
        sum[(p - 13) % 3] += value;
        squares[(p - 13) % 3] += value * value;
      }
      double most = 0;
      for (int c = 0; c < 3; c++) {
        double mean = sum[c] / 1024;
        most = Math.max(most, Math.sqrt(squares[c] / 1024 - mean * mean));
      }
      assertThat(most).as(set.image(i).id()).isGreaterThan(12);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generated:pictures=3",
        "generated:images",
        "generated:images=",
        "generated:images=x",
        "generated:images=-1",
        "generated:images=3=4",
        "generated:images=99999999999",
        "generated:",
        "generated:images=3,,test=2"
      })
  void whatItDoesNotKnowIsRefusedWithWhatItKnows(String set) {
    assertThatThrownBy(() -> open(set))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("generated does not know")
        .hasMessageContaining("[images, test, classes, domains, size, seed]");
  }

  @Test
  void valuesOutOfRangeAreRefusedWithTheRange() {
    for (List<String> bad :
        List.of(
            List.of("images=0", "1 to"),
            List.of("classes=9", "1 to 8"),
            List.of("classes=0", "1 to 8"),
            List.of("domains=4", "1 to 3"),
            List.of("size=7", "8 to 1024"),
            List.of("size=1025", "8 to 1024"))) {
      assertThatThrownBy(() -> open("generated:" + bad.get(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(bad.get(0).split("=")[0])
          .hasMessageContaining("expected " + bad.get(1));
    }
  }

  @Test
  void aPictureOutsideTheSetIsRefused() throws IOException {
    ImageSet set = open("generated:images=3").train();
    assertThatThrownBy(() -> set.image(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> set.image(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
