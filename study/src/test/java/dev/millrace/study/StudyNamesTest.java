package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.recipe.Methods;
import dev.millrace.recipe.RemedyParts;
import dev.millrace.study.record.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report calls things comes from the lists of methods and remedies. */
class StudyNamesTest {
  @TempDir Path folder;

  @Test
  void everyMethodAndRemedyIsShownByItsNameForPeople() {
    Names names = StudyNames.current();
    Methods.shown().forEach((name, shown) -> assertThat(names.method(name)).contains(shown));
    RemedyParts.shown()
        .forEach((name, shown) -> assertThat(names.remedy(name)).isEqualTo("ST + " + shown));
    assertThat(names.method("moco-v2")).isEqualTo("SSL (MoCo v2)");
    assertThat(names.method("supervised-mlp-full")).isEqualTo("SL + MLP, full head");
  }

  @Test
  void namesReadBackAreTheNamesWritten() throws IOException {
    StudyNames.current().write(folder);
    assertThat(Names.read(folder)).isEqualTo(StudyNames.current());
  }

  @Test
  void aFolderOfAnOlderVersionShowsWhatItsFileSays() throws IOException {
    Names none = Names.read(folder);
    assertThat(none.method("moco-v2")).isEqualTo("SSL (moco-v2)");
    assertThat(none.labels("supervised")).isTrue();
    assertThat(none.remedy("cassle")).isEqualTo("cassle");
    assertThat(none.remedy("jt")).isEqualTo("JT");
  }

  @Test
  void noneIsFirstAndJointTrainingAfterEveryRemedy() {
    Names names = StudyNames.current();
    assertThat(Stream.of("raw", "jt", "cassle", "both", "st", "replay").sorted(names.byRemedy()))
        .containsExactly("st", "replay", "cassle", "both", "jt", "raw");
    assertThat(Stream.of("supervised", "simclr", "moco-v2").sorted(names.byMethod()))
        .containsExactly("moco-v2", "simclr", "supervised");
  }

  @Test
  void ofWhatAStudyUsesEachHasAPlaceOfItsOwn() {
    Names used =
        StudyNames.current()
            .only(
                List.of("byol", "moco-v2", "supervised-full"),
                List.of("st", "cassle", "replay", "jt", "mine"));
    assertThat(Stream.of("replay", "cassle", "mine").map(used::remedyPlace))
        .containsExactly(0, 1, 2);
    assertThat(Stream.of("moco-v2", "byol").map(used::methodPlace)).containsExactly(0, 1);
    assertThat(used.method("supervised-full")).isEqualTo("SL, full head");
  }
}
