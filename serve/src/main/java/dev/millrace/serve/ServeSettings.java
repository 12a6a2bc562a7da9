package dev.millrace.serve;

import dev.millrace.file.Reason;
import dev.millrace.refusal.Require;
import dev.millrace.refusal.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;

/**
 * How an encoder is served.
 *
 * @param host the address that is listened at; loopback unless another is given
 * @param port 0 for any that is free
 * @param token that a request has to bring: for whatever changes something, and off loopback for
 *     everything but the page's own files; empty only on loopback, where then nothing can be
 *     changed
 * @param maxBody bytes of a request at most
 * @param maxPictures pictures of a request at most
 * @param rate requests per second and address at most, averaged over a few seconds; 0 for any
 * @param together requests that compute at the same time; more are answered 429
 */
public record ServeSettings(
    String host, int port, String token, long maxBody, int maxPictures, int rate, int together) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");
  private static final int LEAST_TOKEN = 16;

  /** Loopback, no token, 32 MiB, 64 pictures. */
  public static ServeSettings standard() {
    return new ServeSettings("127.0.0.1", 8080, "", 32L << 20, 64, 0, 16);
  }

  /** Refuses what is unsafe. */
  public ServeSettings {
    Require.flag(port >= 0 && port <= 65535, "--port", port + " is no port; give 0 … 65535");
    Require.flag(
        token.isEmpty() || isToken(token),
        "--token",
        "is too short or has odd characters; give 16 to 200 letters, digits or signs");
    Require.flag(
        LOOPBACK.contains(host) || !token.isEmpty(),
        "--host",
        host + " can be reached from outside; give a --token, too");
    Require.flag(
        maxBody >= 1024 && maxPictures >= 1 && rate >= 0 && together >= 1,
        "--rate",
        "and the limits of a request are not below 0; expected a body of 1024 bytes or more");
  }

  /** Whether it may be a token. */
  public static boolean isToken(String word) {
    return word.matches("[\\x21-\\x7e]{" + LEAST_TOKEN + ",200}");
  }

  /** Whether an address is reached from this machine only. */
  public static boolean isLoopback(String host) {
    return LOOPBACK.contains(host);
  }

  /**
   * Refuses a port that cannot be listened to, before anything is begun.
   *
   * @param flag that gave it
   * @throws IllegalArgumentException naming place and mend
   */
  public void requireFree(String flag) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw UsageException.of(
          flag,
          "%s:%d cannot be listened to: %s; give another port, or end what listens there"
              .formatted(host, port, Reason.of(e)));
    }
  }

  /** Whether only this machine reaches it. */
  public boolean loopback() {
    return LOOPBACK.contains(host);
  }

  /** Another address; other than loopback only where there is a token. */
  public ServeSettings at(String address, int number) {
    return new ServeSettings(address, number, token, maxBody, maxPictures, rate, together);
  }

  /** Another port. */
  public ServeSettings withPort(int other) {
    return at(host, other);
  }

  /** Another number of requests per second and address. */
  public ServeSettings withRate(int other) {
    return new ServeSettings(host, port, token, maxBody, maxPictures, other, together);
  }

  /** Another token. */
  public ServeSettings withToken(String other) {
    return new ServeSettings(host, port, other, maxBody, maxPictures, rate, together);
  }
}
