package dev.millrace.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.vision.decode.Pixels;
import dev.millrace.vision.view.Place;
import dev.millrace.vision.view.ViewMaker;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MethodsTest {
  @Test
  void everyKnobOfAMethodIsASetting() {
    Set<String> settings = Settings.defaults().asMap().keySet();
    for (String name : Methods.names()) {
      assertThat(settings)
          .containsAll(Methods.of(Settings.defaults().with("method", name)).knobs());
    }
  }

  @Test
  void aSettingOfAnotherMethodIsRefusedByName() {
    assertThatThrownBy(() -> Methods.requireKnown("simclr", List.of("epochs", "queue")))
        .hasMessage(
            "--queue is a setting of moco-v2 and nnclr and swav, and --method is simclr, which has --temperature,"
                + " --projector-hidden, --dim; leave one of them out");
    assertThatThrownBy(() -> Methods.requireKnown("supervised", List.of("temperature")))
        .hasMessageContaining("--temperature is a setting of moco-v2 and simclr and moco-v3");
    assertThatCode(() -> Methods.requireKnown("byol", List.of("momentum", "dim", "lr")))
        .doesNotThrowAnyException();
  }

  @Test
  void anUnknownMethodNamesTheNearest() {
    assertThatThrownBy(() -> Settings.defaults().with("method", "simcrl"))
        .hasMessageContaining("simclr");
  }

  @Test
  void settingsOfEveryMethodAreCheckedBeforeARunHasAFolder() {
    for (String name :
        List.of("simclr", "byol", "moco-v3", "dcl", "simsiam", "vicreg", "nnclr", "swav", "dino")) {
      assertThatThrownBy(
              () ->
                  Methods.of(Settings.defaults().with("method", name).with("projector-hidden", 0))
                      .check(
                          Settings.defaults()
                              .with(java.util.Map.of("method", name, "projector-hidden", 0)),
                          null))
          .hasMessageContaining("--projector-hidden 0 is below 1");
    }
  }

  @Test
  void viewsOfMaeKeepTheirColoursAndThoseOfOthersDoNot() {
    assertThat(coloursOfViews("mae")).isEqualTo(1);
    assertThat(coloursOfViews("simclr")).isGreaterThan(1);
  }

  /** How many values the first pixel of many views of a picture of one colour has. */
  private static long coloursOfViews(String method) {
    ViewMaker maker = PartSettings.views(Settings.defaults().with("method", method)).full().maker();
    byte[] rgb = new byte[3 * 32 * 32];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (40 + 60 * (i % 3));
    }
    return IntStream.range(0, 20)
        .mapToDouble(
            place -> {
              FloatBuffer out = FloatBuffer.allocate(3 * 32 * 32);
              maker.augment(new Pixels(32, 32, rgb), new Place(1, 0, 0, place, 0), out, 0);
              return Math.round(out.get(0) * 100);
            })
        .distinct()
        .count();
  }

  @Test
  void everyMethodSaysWhatToChangeWhenFeaturesCollapse() {
    for (MethodPart<?> part : Methods.all()) {
      assertThat(part.advice()).as(part.name()).isNotEmpty();
    }
  }
}
