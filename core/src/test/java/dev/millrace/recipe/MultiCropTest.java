package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.refusal.UsageException;
import dev.millrace.vision.view.ViewMaker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultiCropTest {
  private static Settings settings(String words) {
    Map<String, Object> changes = new LinkedHashMap<>();
    for (String word : words.split(" ")) {
      String[] pair = word.split("=");
      changes.put(
          pair[0],
          pair[0].endsWith("scale")
              ? List.of(pair[1].split(";")).stream().map(Double::valueOf).toList()
              : pair[1].matches("[0-9.]+") ? (Object) Double.valueOf(pair[1]) : pair[1]);
    }
    changes.replaceAll(
        (name, value) ->
            value instanceof Double number && number % 1 == 0 && !name.equals("crop-min")
                ? (Object) number.intValue()
                : value);
    return Settings.defaults().with(changes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "method=simclr local-crops=4 | --local-crops 4 is of lejepa, swav and dino, and --method is simclr | method=swav local-crops=4",
        "method=byol global-scale=0.3;1 | --global-scale 0.3,1.0 is of lejepa, swav and dino | method=dino local-crops=2 global-scale=0.3;1",
        "method=vicreg local-crops=2 | --local-crops 2 is of lejepa, swav and dino | method=lejepa local-crops=2",
        "method=swav local-size=16 | --local-size 16 is of small crops, and there are none | method=swav local-crops=1 local-size=16",
        "method=swav local-crops=1 crop-min=0.3 global-scale=0.5;1 | --global-scale 0.5,1.0 says what --crop-min 0.3 does | method=swav local-crops=1 crop-min=0.3",
        "method=dino encoder=vit-tiny local-crops=1 local-size=18 | --local-size 18: vit-tiny sees small crops in patches of 4 pixels; give a multiple of that, such as 20 | method=dino encoder=vit-tiny local-crops=1 local-size=20",
      })
  void whatCannotBeHadIsRefusedByNameAndTheMendWorks(String wrong, String words, String mended) {
    Settings refused = settings(wrong);
    assertThatThrownBy(() -> Methods.of(refused).check(refused, null))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(words);
    Settings taken = settings(mended);
    assertThatCode(() -> Methods.of(taken).check(taken, null)).doesNotThrowAnyException();
  }

  @Test
  void wholeViewsComeFirstAndSmallCropsAreSmaller() {
    ViewMaker maker = PartSettings.views(settings("method=swav local-crops=3")).full().maker();
    assertThat(List.of(maker.size(0), maker.size(1), maker.size(2), maker.size(4)))
        .containsExactly(32, 32, 16, 16);
    assertThat(maker.smallest()).isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource({
    "method=swav local-crops=3 size=37, 19",
    "method=dino encoder=vit-tiny local-crops=3, 16",
    "method=dino encoder=vit-tiny local-crops=3 size=36, 20",
    "method=dino encoder=vit-tiny local-crops=3 local-size=24, 24",
    "method=dino encoder=vit-tiny, 0"
  })
  void aRunBeginsWithSmallCropsOfHalfASideInWholePatches(String words, int side) {
    assertThat(MultiCrop.decided(settings(words)).views().localSize()).isEqualTo(side);
  }

  @Test
  void aTransformersRunThatBeganWithoutASideGoesOnWithCropsOfTheWholeSide() {
    Settings older = settings("method=dino encoder=vit-tiny local-crops=3");
    assertThat(PartSettings.views(older).full().maker().smallest()).isEqualTo(32);
    assertThat(PartSettings.views(MultiCrop.decided(older)).full().maker().smallest())
        .isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource({
    "method=dino encoder=vit-tiny local-crops=3, 16",
    "method=swav local-crops=3, ",
    "method=dino encoder=vit-tiny, "
  })
  void aStudyTellsCropsOfATransformersWholeSideFromThoseOfHalfASideAndNamesAllOthersAsBefore(
      String words, Integer side) {
    Settings run = settings(words);
    assertThat(SettingsV1.training(run).get("local-size")).isEqualTo(side);
    assertThat(SettingsV1.training(run)).doesNotContainKey("local-scale");
  }

  @Test
  void sharesOfASmallCropEndWhereThoseOfAWholeViewBegin() {
    assertThat(MultiCrop.small(settings("crop-min=0.14").views())).containsExactly(0.05, 0.14);
    assertThat(MultiCrop.small(settings("global-scale=0.4;1").views())).containsExactly(0.05, 0.4);
    assertThat(MultiCrop.small(settings("local-scale=0.1;0.3").views())).containsExactly(0.1, 0.3);
    assertThat(MultiCrop.whole(settings("global-scale=0.4;0.9").views())).containsExactly(0.4, 0.9);
  }
}
