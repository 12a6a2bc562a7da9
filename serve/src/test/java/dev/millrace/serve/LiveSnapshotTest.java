package dev.millrace.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.LiveFolder;
import dev.millrace.live.encoder.KeptEncoders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSnapshotTest {
  @TempDir Path folder;

  private List<Object> versions(KeptEncoders encoders, LiveFolder live) throws IOException {
    LiveSnapshot snapshot =
        new LiveSnapshot(live, encoders, Map::of, new LivePictures(live.run()), Clock.systemUTC());
    return ((List<?>) snapshot.now().get("encoders"))
        .stream().<Object>map(one -> ((Map<?, ?>) one).get("version")).toList();
  }

  @Test
  void thePageListsTheLastVersionsAndTheOneThatIsServed() throws IOException {
    LiveFolder live = LiveFolder.of(folder);
    KeptEncoders encoders = KeptEncoders.of(live, Clock.systemUTC());
    for (int i = 1; i <= 60; i++) {
      Path made = folder.resolve("made");
      Files.writeString(made, "e" + i);
      encoders.keep(made, live.run().root(), i);
    }
    assertThat(versions(encoders, live)).hasSize(50).startsWith(11).endsWith(60);
    encoders.promotions().promote(3, "");
    Files.writeString(folder.resolve("encoders/1/version.json"), "{");
    assertThat(versions(encoders, live)).hasSize(50).startsWith(3, 12).endsWith(60);
  }
}
