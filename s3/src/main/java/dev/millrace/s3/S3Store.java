package dev.millrace.s3;

import dev.millrace.refusal.UsageException;
import dev.millrace.stream.SourceException;
import dev.millrace.stream.source.RemoteStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects of S3, or of a server that speaks as S3 does: {@code s3://BUCKET/KEY}. Ranges are read of
 * the version that was listed (by its ETag), and anew where the connection is cut or the server is
 * busy, five times in all. Thread-safe; its client lives as long as the process.
 */
public final class S3Store implements RemoteStore {
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MILLIS = 50;
  private static final int CHANGED = 412;
  private static final int NO_RANGE = 416;
  private static final int NOT_FOUND = 404;
  private static final int FORBIDDEN = 403;
  private static final int BAD_REQUEST = 400;

  private final S3Options options;
  private S3Client client;

  /** As the environment says. */
  public S3Store() {
    this(S3Options.of(System.getenv()));
  }

  S3Store(S3Options options) {
    this.options = options;
  }

  @Override
  public String scheme() {
    return "s3";
  }

  private synchronized S3Client client() {
    if (client == null) {
      S3ClientBuilder builder =
          S3Client.builder()
              .httpClientBuilder(
                  UrlConnectionHttpClient.builder()
                      .connectionTimeout(Duration.ofSeconds(10))
                      .socketTimeout(Duration.ofSeconds(30)))
              .overrideConfiguration(
                  all ->
                      all.retryStrategy(
                          AwsRetryStrategy.standardRetryStrategy().toBuilder()
                              .maxAttempts(ATTEMPTS)
                              .build()))
              .forcePathStyle(options.pathStyle())
              .crossRegionAccessEnabled(options.endpoint() == null)
              .credentialsProvider(
                  options.anonymous()
                      ? AnonymousCredentialsProvider.create()
                      : DefaultCredentialsProvider.builder().build())
              .region(region());
      if (options.endpoint() != null) {
        builder.endpointOverride(options.endpoint());
      }
      client = builder.build();
    }
    return client;
  }

  /** Buckets of other regions are found from any. */
  private static Region region() {
    try {
      return new DefaultAwsRegionProviderChain().getRegion();
    } catch (SdkClientException e) {
      return Region.US_EAST_1; // nobody said one
    }
  }

  /** A bucket and a key, which may be empty. */
  private record Place(String bucket, String key) {
    static Place of(String place) {
      String path = place.substring("s3://".length());
      int slash = path.indexOf('/');
      String bucket = slash < 0 ? path : path.substring(0, slash);
      if (bucket.isEmpty()) {
        throw UsageException.of("--data", place + " names no bucket, expected s3://BUCKET/KEY");
      }
      return new Place(bucket, slash < 0 ? "" : path.substring(slash + 1).replaceAll("/+$", ""));
    }

    private String of(S3Object object) {
      return "s3://" + bucket + "/" + object.key();
    }
  }

  /** What is asked of the server. */
  private interface Call<T> {
    T made() throws IOException;
  }

  private <T> T call(String place, Call<T> call) throws IOException {
    try {
      return call.made();
    } catch (S3Exception e) {
      throw refused(place, e);
    } catch (SdkException e) {
      throw unreachable(place, e);
    }
  }

  @Override
  public List<Found> list(String word) throws IOException {
    Place place = Place.of(word);
    return call(
        word,
        () -> {
          if (!place.key.isEmpty()) {
            Found one = one(place);
            if (one != null) {
              return List.of(one);
            }
          }
          String below = place.key.isEmpty() ? "" : place.key + "/";
          List<S3Object> objects = new ArrayList<>();
          client()
              .listObjectsV2Paginator(all -> all.bucket(place.bucket).prefix(below))
              .contents()
              .forEach(
                  object -> {
                    if (!object.key().endsWith("/")) { // as consoles mark a folder
                      objects.add(object);
                    }
                  });
          List<Found> found = new ArrayList<>();
          for (S3Object object : objects) {
            String key = place.of(object);
            String version = version(key, object.eTag());
            found.add(new Found(key, object.size(), millis(object.lastModified()), version));
          }
          found.sort(Comparator.comparing(Found::place));
          return found;
        });
  }

  /** An ETag that a range can be asked by; a weak one matches nothing. */
  private static String version(String place, String tag) throws SourceException {
    if (tag == null || tag.isBlank() || tag.startsWith("W/")) {
      throw new SourceException(
          "%s: the server says %s, expected a strong ETag, by which what is read is told from what changes meanwhile; ask it past whatever takes that off, or bring the data here"
              .formatted(place, tag == null || tag.isBlank() ? "no ETag" : "the ETag " + tag));
    }
    return tag;
  }

  private static long millis(Instant time) {
    return time == null ? 0 : time.toEpochMilli();
  }

  /** The object of a key; null if there is none. */
  private Found one(Place place) throws SourceException {
    try {
      HeadObjectResponse head = client().headObject(one -> one.bucket(place.bucket).key(place.key));
      return new Found(
          "s3://" + place.bucket + "/" + place.key,
          head.contentLength(),
          millis(head.lastModified()),
          version("s3://" + place.bucket + "/" + place.key, head.eTag()));
    } catch (S3Exception e) {
      if (e.statusCode() == NOT_FOUND) {
        return null; // of a bucket that is not there, the list says so
      }
      throw e;
    }
  }

  @Override
  public void read(Found file, long at, ByteBuffer into) throws IOException {
    int wanted = into.remaining();
    if (wanted == 0) {
      return;
    }
    GetObjectRequest request =
        request(file.place())
            .range("bytes=" + at + "-" + (at + wanted - 1))
            .ifMatch(file.version())
            .build();
    byte[] bytes;
    try {
      bytes = call(file.place(), () -> got(request));
    } catch (FileNotFoundException e) {
      throw new SourceException(file.place() + " is no longer there; bring it back", e);
    }
    if (bytes.length != wanted) {
      throw new SourceException(
          "%s: the server sent %d bytes from byte %d on, expected %d; try again later"
              .formatted(file.place(), bytes.length, at, wanted));
    }
    into.put(bytes);
  }

  @Override
  public byte[] read(String place, long most) throws IOException {
    GetObjectRequest request = request(place).range("bytes=0-" + most).build();
    return call(
        place,
        () -> {
          try {
            return got(request);
          } catch (S3Exception e) {
            if (e.statusCode() == NO_RANGE) {
              return new byte[0]; // an empty object has no first byte
            }
            throw e;
          }
        });
  }

  private static GetObjectRequest.Builder request(String word) {
    Place place = Place.of(word);
    return GetObjectRequest.builder().bucket(place.bucket).key(place.key);
  }

  /**
   * The bytes of an answer. The JDK's connection takes an answer that is cut off for its end, so
   * that its length is compared, and what is missing is asked for again.
   */
  private byte[] got(GetObjectRequest request) throws IOException {
    for (int attempt = 1; ; attempt++) {
      ResponseBytes<GetObjectResponse> answer =
          client().getObject(request, ResponseTransformer.toBytes());
      byte[] bytes = answer.asByteArrayUnsafe();
      Long length = answer.response().contentLength();
      if (length == null || length == bytes.length) {
        return bytes;
      }
      if (attempt == ATTEMPTS) {
        throw new SourceException(
            "s3://%s/%s: the connection was cut %d times, the last time after %d of %d bytes; try again later"
                .formatted(request.bucket(), request.key(), attempt, bytes.length, length));
      }
      pause(attempt);
    }
  }

  private static void pause(int attempt) throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS << attempt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted between two attempts");
    }
  }

  /** What the server said no to, in words. */
  private IOException refused(String place, S3Exception e) {
    String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
    String said = "%s: %s".formatted(place, words(e, code));
    if (e.statusCode() == CHANGED) {
      return new SourceException(
          place + " changed since it was listed; bring it back, or start again", e);
    }
    if (e.statusCode() == NOT_FOUND) {
      FileNotFoundException gone =
          new FileNotFoundException(
              "NoSuchBucket".equals(code)
                  ? said + "; check the bucket's name, and " + S3Options.ENDPOINT
                  : place + " is not there; check its name");
      gone.initCause(e);
      return gone;
    }
    if (e.statusCode() == FORBIDDEN || e.statusCode() == BAD_REQUEST) {
      return new SourceException(
          options.anonymous()
              ? "%s; %s=true asks as nobody: unset it to ask with credentials"
                  .formatted(said, S3Options.ANONYMOUS)
              : said
                  + "; check the credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID) and what they may read",
          e);
    }
    return new SourceException(said + "; try again later", e);
  }

  private static String words(S3Exception e, String code) {
    String message = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
    return "the server answers %d%s"
        .formatted(
            e.statusCode(),
            message == null || message.isBlank()
                ? code == null || code.isBlank() ? "" : " " + code
                : " (" + message + ")");
  }

  private IOException unreachable(String place, SdkException e) {
    String said = String.valueOf(e.getMessage());
    if (said.contains("Unable to load credentials")) {
      return new SourceException(
          "%s: no credentials are found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or %s=true for a public bucket"
              .formatted(place, S3Options.ANONYMOUS),
          e);
    }
    return new SourceException(
        "%s cannot be reached%s: %s; check the network%s"
            .formatted(
                place,
                options.endpoint() == null ? "" : " at " + options.endpoint(),
                said.replaceAll("\\s*\\(SDK Attempt Count.*", ""),
                options.endpoint() == null ? "" : " and " + S3Options.ENDPOINT),
        e);
  }
}
