package dev.millrace.s3;

import dev.millrace.refusal.UsageException;
import java.net.URI;
import java.util.Map;

/**
 * How this machine reaches S3: a fact of the machine, as where data lies, and so of the environment
 * and of no run. Credentials and the region are those of the SDK's own chains ({@code
 * AWS_ACCESS_KEY_ID}, {@code ~/.aws}, the machine's role; {@code AWS_REGION}). Immutable.
 *
 * @param endpoint of a server other than Amazon's; null for Amazon's
 * @param pathStyle whether buckets are named in the path and not in the host
 * @param anonymous whether requests are signed by nobody, for public buckets
 */
record S3Options(URI endpoint, boolean pathStyle, boolean anonymous) {
  static final String ENDPOINT = "MILLRACE_S3_ENDPOINT";
  static final String PATH_STYLE = "MILLRACE_S3_PATH_STYLE";
  static final String ANONYMOUS = "MILLRACE_S3_ANONYMOUS";

  /**
   * What variables say.
   *
   * @throws IllegalArgumentException naming one that cannot be understood
   */
  static S3Options of(Map<String, String> environment) {
    String said = environment.getOrDefault(ENDPOINT, "").strip();
    URI endpoint = null;
    if (!said.isEmpty()) {
      if (said.contains("@")) {
        throw UsageException.ofWord(
            "%s holds a name or a password; give them by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and the address alone here"
                .formatted(ENDPOINT));
      }
      if (!said.matches("https?://[^/?#\\s]+/?")) {
        throw UsageException.ofWord(
            "%s is '%s', expected an address such as http://storage.example:9000"
                .formatted(ENDPOINT, said));
      }
      endpoint = URI.create(said);
    }
    return new S3Options(
        endpoint,
        isTrue(environment, PATH_STYLE, endpoint != null),
        isTrue(environment, ANONYMOUS, false));
  }

  private static boolean isTrue(Map<String, String> environment, String name, boolean otherwise) {
    String said = environment.getOrDefault(name, "").strip();
    return switch (said) {
      case "" -> otherwise;
      case "true" -> true;
      case "false" -> false;
      default ->
          throw UsageException.ofWord("%s is '%s', expected true or false".formatted(name, said));
    };
  }
}
