package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskTest {
  private static final long MUCH = 1L << 40;

  @TempDir private Path folder;

  @Test
  void wordsOfTheSystemTellAFullDiskAndAQuota() {
    for (String words :
        new String[] {"No space left on device", "Disk quota exceeded", "disk is full"}) {
      assertThat(FullDisk.is(new IOException(new IOException(words)), MUCH)).as(words).isTrue();
    }
    assertThat(FullDisk.is(new IOException("Input/output error"), MUCH)).isFalse();
  }

  @Test
  void aWriteThatFailsWhereThereIsNoRoomIsOfAFullDiskInAnyLanguage() {
    IOException german =
        new FileSystemException(
            "spool.tar", null, "Auf dem Gerät ist kein Speicherplatz mehr verfügbar");
    assertThat(FullDisk.is(german, 4096)).isTrue();
    assertThat(FullDisk.is(german, MUCH)).isFalse();
  }

  @Test
  void anErrorOfSqliteIsNoFullDiskWhereABlockCanBeWritten() {
    IOException failure = new IOException("account.db: [SQLITE_IOERR] (disk I/O error)");
    assertThat(FullDisk.is(failure, folder)).isFalse();
    assertThat(folder).isEmptyDirectory();
  }
}
