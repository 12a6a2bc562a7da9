package dev.millrace.app.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetNamesTest {
  @TempDir Path folder;

  @Test
  void aCommaPartsSetsUnlessItBelongsToAPathOrIsEscaped() throws IOException {
    String path = Files.createDirectory(folder.resolve("Smith, John")).toString();
    assertThat(SetNames.split(path)).containsExactly(path);
    assertThat(SetNames.split("cifar10," + path + ",generated:images=1,classes=2"))
        .containsExactly("cifar10", path, "generated:images=1,classes=2");
    assertThat(SetNames.split("a\\,b,c")).containsExactly("a,b", "c");
  }

  @Test
  void aSetWithoutANameIsRefusedAndNotTheWorkingFolder() {
    for (String value : List.of("", " ", "a,", ",a", "a,,b")) {
      assertThatThrownBy(() -> SetNames.split(value))
          .as("`%s`", value)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("--data has a set without a name");
    }
    assertThatThrownBy(() -> Catalogue.standard().open("")).isInstanceOf(UsageException.class);
  }

  @Test
  void theWorkingFolderHasItsOwnName() {
    String own = Path.of("").toAbsolutePath().getFileName().toString();
    assertThat(SetNames.shortName(List.of("."))).isEqualTo(own);
  }
}
