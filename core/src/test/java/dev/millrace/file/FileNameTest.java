package dev.millrace.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNameTest {
  @ParameterizedTest
  @ValueSource(strings = {"cifar10", "cat.1", "猫", "a_b-c"})
  void aPlainNameIsItself(String name) {
    assertThat(FileName.of(name)).isEqualTo(name);
  }

  @Test
  void aPictureOfAFolderCanStillBeRead() {
    assertThat(FileName.of("test/left/1.jpg")).matches("test-left-1\\.jpg-[0-9a-f]{8}");
  }

  @Test
  void namesThatCouldBeTakenForOneAnotherAreTwoFiles() {
    assertThat(
            List.of("a/b", "a-b", "a b", "A-b", "b", "/b", "..", ".", "", "b/", "é", "e\u0301")
                .stream()
                .map(FileName::of)
                .map(String::toLowerCase))
        .doesNotHaveDuplicates();
  }

  @Property(tries = 2000)
  void anyWordsNameAFileInTheFolderItself(@ForAll String words) {
    String name = FileName.of(words) + ".png";
    Path folder = Path.of("folder");
    assertThat(folder.resolve(name).normalize().getParent()).isEqualTo(folder);
    assertThat(name).doesNotContain("\n", "\u001b", "/", "\\", ":").doesNotStartWith(".");
    assertThat(name.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(255);
  }

  @Property(tries = 500)
  void aWayOutOfTheFolderIsNone(@ForAll String words) {
    String name = FileName.of("../../" + words);
    assertThat(Path.of("folder").resolve(name).normalize().getParent())
        .isEqualTo(Path.of("folder"));
  }

  @Test
  void namesThatNeedLessSayWhatTheyLose() {
    assertThat(FileName.hyphened("Cifar 10 — MoCo v2")).isEqualTo("cifar-10-moco-v2");
    assertThat(FileName.hyphened("(a)")).isEqualTo("-a-");
    assertThat(FileName.bare("-a-b-")).isEqualTo("a-b");
    assertThat(FileName.words("Frühling 2024/")).isEqualTo("frühling-2024");
    assertThat(FileName.words("…")).isEmpty();
    assertThat(FileName.ascii("Früh ling")).isEqualTo("Fr_h ling");
  }
}
