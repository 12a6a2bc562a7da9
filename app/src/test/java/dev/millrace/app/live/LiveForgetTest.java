package dev.millrace.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveForgetTest {
  @TempDir private Path folder;

  @Test
  void keysWithLineEndsAreGivenAsJsonAndAllOthersAsTheyAre() throws IOException {
    Path file = folder.resolve("ids.txt");
    Files.writeString(
        file,
        """
        folder:incoming/\tcat.jpg
        {"source": "kafka:b:9092/cams", "key": "\\u0000\\n\\r7"}
        {"key": "a\\nb"}
        {"id": 3}
        {"key": "a", "id": 3}
        {no JSON

        kafka:b:9092/cams\t{"key": "a"}
        """);
    assertThat(LiveForget.ids(file))
        .containsExactly(
            "folder:incoming/\tcat.jpg",
            "kafka:b:9092/cams\t\0\n\r7",
            "a\nb",
            "{\"id\": 3}",
            "{\"key\": \"a\", \"id\": 3}",
            "{no JSON",
            "kafka:b:9092/cams\t{\"key\": \"a\"}");
  }

  @Test
  void aLineOfWhichAnObjectIsOnlyTheBeginningIsAKeyAsItStands() throws IOException {
    List<String> lines =
        List.of(
            "{\"key\": \"a\"}, {\"key\": \"b\"}",
            "{\"key\":\"a\"}{\"key\":\"b\"}",
            "{\"key\":\"a\"}.jpg");
    Path file = Files.write(folder.resolve("ids.txt"), lines);
    assertThat(LiveForget.ids(file)).isEqualTo(lines);
  }
}
