package dev.millrace.stream.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A shard that is open to be listed, a file or one of another machine; close it to close the file.
 *
 * @param name for messages
 */
record OpenShard(BoundedBytes.Source source, long size, String name, Closeable file)
    implements Closeable {
  private static OpenShard of(Path file, String name) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new OpenShard(channel::read, channel.size(), name, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Opens a file, here or elsewhere.
   *
   * @param cache where blocks of a file of another machine are kept
   */
  static OpenShard of(Origin origin, Path cache) throws IOException {
    return origin.remote()
        ? new OpenShard(RemoteFile.of(origin, cache), origin.size(), origin.file(), () -> {})
        : of(origin.path(), origin.file());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
