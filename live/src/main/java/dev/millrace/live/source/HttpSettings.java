package dev.millrace.live.source;

import dev.millrace.refusal.Require;
import dev.millrace.stream.Image;
import java.util.Set;

/**
 * Where pictures over HTTP are listened for. Immutable.
 *
 * @param host an address of this machine
 * @param port 0 for one that is free
 * @param token that senders show; empty for none, which only loopback allows
 * @param maxBytes how large a picture may be, at most {@link Image#MAX_BYTES}
 */
public record HttpSettings(String host, int port, String token, long maxBytes) {
  /** 32 MiB: larger than what cameras make. */
  static final long STANDARD_BYTES = 32L << 20;

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

  /** Refuses an open door: others than this machine need a token. */
  public HttpSettings {
    Require.flag(
        maxBytes >= 1 && maxBytes <= Image.MAX_BYTES,
        SourceWords.FLAG,
        "max-bytes=" + maxBytes + " is not in 1 … " + Image.MAX_BYTES);
    Require.flag(
        LOOPBACK.contains(host) || !token.isEmpty(),
        SourceWords.FLAG,
        host
            + " can be reached from other machines, which needs a token; give token-file=FILE, or 127.0.0.1");
  }
}
