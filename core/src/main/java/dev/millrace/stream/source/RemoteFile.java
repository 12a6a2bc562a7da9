package dev.millrace.stream.source;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A file of another machine, read in blocks that the cache keeps. Thread-safe. */
record RemoteFile(RemoteStore.Found file, RemoteStore store, RemoteBlocks blocks, String name)
    implements BoundedBytes.Source {
  static RemoteFile of(Origin origin, java.nio.file.Path cache) {
    RemoteStore.Found found =
        new RemoteStore.Found(origin.file(), origin.size(), origin.modified(), origin.version());
    return new RemoteFile(
        found, RemoteStore.of(origin.file()), RemoteBlocks.in(cache), RemoteBlocks.name(found));
  }

  @Override
  public int read(ByteBuffer into, long at) throws IOException {
    if (at >= file.size()) {
      return into.hasRemaining() ? -1 : 0;
    }
    long number = at / RemoteBlocks.BLOCK;
    long from = number * RemoteBlocks.BLOCK;
    byte[] block =
        blocks.get(
            name,
            number,
            (int) Math.min(RemoteBlocks.BLOCK, file.size() - from),
            bytes -> store.read(file, from, ByteBuffer.wrap(bytes)));
    int begin = (int) (at - from);
    int many = Math.min(into.remaining(), block.length - begin);
    into.put(block, begin, many);
    return many;
  }
}
