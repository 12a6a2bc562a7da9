package dev.millrace.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.recipe.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a study's file is refused for, with the place and the mend. */
final class RefusedStudyFilesTest {
  private static final String STUDY =
      """
      data:
        cifar10:
          streams: {instance: 5, class: 5}
          settings: {images: 1000}
        pacs:
          streams: {domain: 4}
      methods: {moco-v2: {}, supervised: {lr: 0.05}}
      remedies: {st: {}, replay: {replay: 0.2}, mas: {}, both: {mas: 0.5}, jt: {}}
      seeds: [1, 2]
      settings: {width: 8, epochs: 3}
      exclude:
        - {method: supervised, remedy: [replay, mas, both]}
      questions:
        - {task: [knn, linear], data: [own, cifar10]}
        - {task: few-shot, data: omniglot}
      insight: {parts: [forgetting], against-joint: true}
      """;

  @TempDir private Path folder;

  private StudyFile read(String text) throws IOException {
    return StudyFile.read(Files.writeString(folder.resolve("mine.yaml"), text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seeds: [1, 2] | sead: [1] | key sead is unknown | nearest: seeds",
        "seeds: [1, 2] | seeds: [1, 1] | [1,1] | each once",
        "remedy: [replay | remedy: [replya | remedy replya is unknown | nearest: replay",
        "remedy: [replay | stream: distant, remedy: [replay | distant | allowed: class",
        "width: 8 | witdh: 8 | no setting is called witdh | nearest is width",
        "width: 8 | replay: 0.1 | replay makes a remedy | under a remedy",
        "width: 8 | seed: 4 | seed is set by the study's axes | take it out",
        "width: 8 | threads: 2 | threads differs from machine | --threads",
        "class: 5} | class: few} | class is \"few\" | at least 2",
        "class: 5} | clas: 5} | clas is unknown | nearest: class",
        "mas: {} | mas: {mas: 0} | mas is 0 | above 0",
        "parts: [forgetting] | parts: [forgeting] | forgeting is unknown | nearest: forgetting",
        "task: few-shot | task: few-shots | few-shots is unknown | nearest: few-shot",
        "{method: supervised, remedy: [replay, mas, both]} | {} | exclude[0] | names nothing",
      })
  void aMistakeIsNamedWithWhatIsExpected(
      String right, String wrong, String found, String expected) {
    String text = STUDY.replace(right, wrong);
    assertThat(text).isNotEqualTo(STUDY);
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mine.yaml")
        .hasMessageContaining(found)
        .hasMessageContaining(expected);
  }

  @Test
  void aKeyThatStandsThereTwiceIsRefused() {
    assertThatThrownBy(() -> read(STUDY + "seeds: [5]\n"))
        .hasMessageContaining("mine.yaml")
        .hasMessageContaining("uplicate")
        .hasMessageContaining("seeds");
    assertThatThrownBy(() -> read(STUDY.replace("epochs: 3}", "epochs: 3, epochs: 4}")))
        .hasMessageContaining("epochs");
  }

  @Test
  void aRuleThatExcludesNothingIsRefused() {
    String text = STUDY.replace("method: supervised, remedy", "data: pacs, stream: class, remedy");
    assertThatThrownBy(() -> read(text)).hasMessageContaining("exclude[0]", "matches no run");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../out",
        "/tmp/out",
        "a/b",
        "a\\\\b",
        "..",
        ".",
        "..hidden",
        "a\\nb",
        "C:x",
        " "
      })
  void aNameThatLeavesItsFolderIsRefused(String name) {
    assertThatThrownBy(() -> read("name: \"" + name + "\"\n" + STUDY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be the name of one folder");
  }

  @Test
  void aSettingOfNoEncoderHereIsRefusedWhereItStands() throws IOException {
    assertThatThrownBy(() -> read(STUDY.replace("{width: 8,", "{encoder: vit-tiny, width: 8,")))
        .hasMessageContaining("mine.yaml: settings: --width is a setting of resnet18 and");
    assertThatThrownBy(() -> read(STUDY.replace("{images: 1000}", "{images: 1000, patch: 4}")))
        .hasMessageContaining("data.cifar10.settings: --patch is a setting of vit-tiny and");
    // One of its encoders has it.
    String both = STUDY.replace("{images: 1000}", "{images: 1000, encoder: vit-tiny, patch: 4}");
    assertThat(read(both).runs()).isNotEmpty();
  }

  @Test
  void aTransformerOfOneSetBringsItsOptimiserAndReplacesNothingThatTheStudyGives()
      throws IOException {
    String vit = STUDY.replace("{images: 1000}", "{images: 1000, encoder: vit-tiny, patch: 4}");
    assertThat(read(vit).runs())
        .filteredOn(run -> run.data().equals("cifar10") && run.method().equals("moco-v2"))
        .isNotEmpty()
        .allSatisfy(
            run -> {
              assertThat(run.settings().training().optimiser())
                  .isEqualTo(TrainingSettings.Optimisation.ADAMW);
              assertThat(run.settings().training().lr()).isEqualTo(2.5e-4);
            });
    String given = vit.replace("epochs: 3}", "epochs: 3, optimiser: sgd, lr: 0.03}");
    assertThat(read(given).runs())
        .filteredOn(run -> run.method().equals("moco-v2"))
        .allSatisfy(
            run -> {
              assertThat(run.settings().training().optimiser())
                  .isEqualTo(TrainingSettings.Optimisation.SGD);
              assertThat(run.settings().training().lr()).isEqualTo(0.03);
            });
  }
}
