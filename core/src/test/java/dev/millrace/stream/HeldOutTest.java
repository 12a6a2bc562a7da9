package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HeldOutTest {
  private static Image picture(String name, int label, int domain) {
    return new Image(name, label, domain, () -> new byte[0]);
  }

  private static List<Image> pictures(int label, int domain, int count) {
    List<Image> pictures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pictures.add(picture(domain + "/" + label + "/" + i + ".jpg", label, domain));
    }
    return pictures;
  }

  private static Set<String> held(List<Image> pictures) {
    Set<String> names = new TreeSet<>();
    Arrays.stream(HeldOut.places(pictures.size(), pictures::get))
        .forEach(place -> names.add(pictures.get(place).id()));
    return names;
  }

  @Property(tries = 60)
  void aFifthOfEachClassIsHeldOutAndSomethingIsLeftToLearnFrom(
      @ForAll @IntRange(max = 40) int one, @ForAll @IntRange(max = 40) int other) {
    List<Image> pictures = pictures(0, -1, one);
    pictures.addAll(pictures(1, -1, other));
    Set<String> held = held(pictures);
    for (int label = 0; label < 2; label++) {
      int count = label == 0 ? one : other;
      String front = "-1/" + label + "/";
      long found = held.stream().filter(name -> name.startsWith(front)).count();
      assertThat(found).isEqualTo(count < 2 ? 0 : Math.max(1, Math.round(count / 5.0)));
    }
  }

  @Test
  void theOrderOfThePicturesDoesNotMatter() {
    List<Image> pictures = pictures(0, 0, 30);
    pictures.addAll(pictures(1, 1, 17));
    Set<String> held = held(pictures);
    Collections.shuffle(pictures, new Random(1));
    assertThat(held(pictures)).isEqualTo(held);
  }

  @Test
  void aClassIsHeldOutFromItsDomainsByTheirSizes() {
    List<Image> pictures = pictures(0, 0, 40);
    pictures.addAll(pictures(0, 1, 10));
    assertThat(held(pictures).stream().filter(name -> name.startsWith("1/"))).hasSize(2);
    assertThat(held(pictures)).hasSize(10);
  }

  @Test
  void aClassOfOnePictureInEachDomainIsHeldOutOfOne() {
    List<Image> pictures = new ArrayList<>();
    for (int domain = 0; domain < 3; domain++) {
      pictures.addAll(pictures(0, domain, 1));
    }
    assertThat(held(pictures)).hasSize(1);
  }

  @Test
  void aPictureMoreMovesAtMostOneOther() {
    List<Image> pictures = pictures(0, -1, 50);
    Set<String> before = held(pictures);
    pictures.add(picture("new.jpg", 0, -1));
    Set<String> after = held(pictures);
    after.removeAll(before);
    assertThat(after).hasSizeLessThan(2);
  }

  @Test
  void theChoiceIsTheSameInEveryVersion() {
    assertThat(held(pictures(0, -1, 10))).containsExactly("-1/0/1.jpg", "-1/0/5.jpg");
  }
}
