package dev.millrace.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.file.Sha256;
import dev.millrace.stream.Image;
import dev.millrace.stream.ImageSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generated:images=24,test=24,domains=3|c9e8345cc36c2cf0b3503c4eced995187a37b7a54d9ac61da83186e6907c4e61",
        "generated:images=24,test=24,domains=3,figures=turned|c9e8345cc36c2cf0b3503c4eced995187a37b7a54d9ac61da83186e6907c4e61",
        "generated:images=16,test=16,size=16,seed=3|c38f259dd1292ee67a41a7bd66fb2a8e3974630b6cdb91de783e0698fadea7e0",
        "generated:images=24,test=24,domains=3,figures=clear|01e12db8df654b147ea1c83fdc742c30bb0627e2f2be0fdf138db1dbd0e730f0"
      })
  void picturesAndTheirNamesStayWhatTheyWereSoThatRunsOnThemGoOn(String set, String digest)
      throws IOException {
    MessageDigest all = Sha256.digest();
    for (ImageSet part : open(set).splits().values()) {
      for (int i = 0; i < part.size(); i++) {
        all.update(part.image(i).id().getBytes(StandardCharsets.UTF_8));
        all.update(part.image(i).bytes());
      }
    }
    assertThat(HexFormat.of().formatHex(all.digest())).isEqualTo(digest);
  }

  @Test
  void clearFiguresAreOtherPicturesUnderOtherNames() throws IOException {
    ImageSet turned = open("generated:images=16,size=16").train();
    ImageSet clear = open("generated:images=16,size=16,figures=clear").train();
    assertThat(clear.classes()).isEqualTo(turned.classes());
    for (int i = 0; i < 16; i++) {
      assertThat(clear.image(i).label()).isEqualTo(turned.image(i).label());
      assertThat(clear.image(i).id()).isNotEqualTo(turned.image(i).id());
      assertThat(clear.image(i).bytes()).isNotEqualTo(turned.image(i).bytes());
    }
  }

  /** Else single pixels would tell classes apart, and a linear probe would need no encoder. */
  @Test
  void noClassOfClearFiguresHasAMeanPictureOfItsOwn() throws IOException {
    ImageSet set = open("generated:images=1600,size=16,figures=clear").train();
    double[][] mean = new double[8][16 * 16];
    for (int i = 0; i < set.size(); i++) {
      byte[] bytes = set.image(i).bytes();
      for (int p = 0; p < 16 * 16; p++) {
        mean[set.image(i).label()][p] += (bytes[bytes.length - 768 + 3 * p] & 0xFF) / 200.0;
      }
    }
    // Of 200 pictures with a deviation of about 60 the mean deviates by 4.
    for (int c = 0; c < 8; c++) {
      assertThat(Arrays.stream(mean[c]).min().orElseThrow()).as("class %d", c).isGreaterThan(106);
      assertThat(Arrays.stream(mean[c]).max().orElseThrow()).as("class %d", c).isLessThan(150);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",figures=clear"})
  void noTwoPicturesOfEitherPartAreTheSame(String figures) throws IOException {
    DataSet set = open("generated:images=200,test=200,size=16,domains=3" + figures);
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
  @CsvSource({"8, turned", "32, turned", "57, turned", "8, clear", "33, clear"})
  void everyPictureIsAPpmOfTheSizeAskedFor(int size, String figures) throws IOException {
    ImageSet set =
        open("generated:images=24,domains=3,size=%d,figures=%s".formatted(size, figures)).train();
    String header = "P6\n%d %d\n255\n".formatted(size, size);
    for (int i = 0; i < set.size(); i++) {
      byte[] bytes = set.image(i).bytes();
      assertThat(bytes).hasSize(header.length() + 3 * size * size);
      assertThat(new String(bytes, 0, header.length(), StandardCharsets.US_ASCII))
          .isEqualTo(header);
      assertThat(set.image(i).id()).endsWith(".ppm");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"turned", "clear"})
  void figureAndGroundDifferInEveryPicture(String figures) throws IOException {
    ImageSet set = open("generated:images=80,figures=" + figures).train();
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
        .hasMessageContaining("[images, test, classes, domains, size, seed, figures]");
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
            List.of("figures=round", "one of [turned, clear]"),
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
