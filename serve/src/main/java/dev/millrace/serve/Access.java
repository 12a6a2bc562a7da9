package dev.millrace.serve;

import dev.millrace.file.Sha256;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;

/**
 * Who may do what. A request that a page of another site sends is refused, as is one to a name that
 * is not this server's (DNS rebinding); a token is needed for whatever changes something and, off
 * loopback, for everything but the page's own files. Thread-safe.
 */
final class Access {
  private static final Set<String> FILES =
      Set.of("/", "/page.js", "/page.css", "/uplot.js", "/uplot.css", "/session");

  private final ServeSettings settings;

  Access(ServeSettings settings) {
    this.settings = settings;
  }

  /** A refusal. */
  record Refusal(int status, String words) {}

  /** Why a request is refused; null if it is not. */
  Refusal refusal(Context request) {
    String host = request.header("Host");
    if (settings.loopback() && !local(host)) {
      return new Refusal(403, "the name " + host + " is not this server's; use localhost");
    }
    String origin = request.header("Origin");
    String site = request.header("Sec-Fetch-Site");
    boolean foreign =
        origin != null && !origin.equals("http://" + host) && !origin.equals("https://" + host);
    if (foreign || "cross-site".equals(site)) {
      return new Refusal(403, "requests from pages of other sites are refused");
    }
    boolean needed = !settings.loopback() && !FILES.contains(request.path());
    return needed && !authorised(request) ? unauthorised() : null;
  }

  /** Why a change is refused; null if it is not. */
  Refusal changeRefusal(Context request) {
    if (settings.token().isEmpty()) {
      return new Refusal(
          403, "nothing can be changed here: the server was started without --token");
    }
    return authorised(request) ? null : unauthorised();
  }

  private static Refusal unauthorised() {
    return new Refusal(401, "the token is missing or wrong; send Authorization: Bearer TOKEN");
  }

  /** Whether a request brings the token, or the session that it opened. */
  boolean authorised(Context request) {
    if (settings.token().isEmpty()) {
      return false;
    }
    String given = request.header("Authorization");
    if (given != null && given.startsWith("Bearer ")) {
      return equal(given.substring("Bearer ".length()), settings.token());
    }
    String cookie = request.cookie(cookie(request));
    return cookie != null && equal(cookie, session());
  }

  /** The cookie's name, with the port that the browser asks: cookies of all ports are one lot. */
  static String cookie(Context request) {
    return "millrace-session-" + request.req().getServerPort();
  }

  /** What stands for the token in a browser. */
  String session() {
    return Sha256.of("session of " + settings.token());
  }

  private static boolean equal(String a, String b) {
    return MessageDigest.isEqual(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean local(String host) {
    if (host == null) {
      return false;
    }
    String name = host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.equals("127.0.0.1") || name.equals("[::1]");
  }
}
