package dev.millrace.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.run.RunEvent;
import dev.millrace.recipe.Millrace;
import dev.millrace.recipe.Resumption;
import dev.millrace.recipe.Settings;
import dev.millrace.stream.SourceException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.RemoteStore;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Against a server that speaks as S3 does, and one between that fails. */
class S3MockIT {
  private static final String BUCKET = "pictures";

  @TempDir static Path folder;
  private static S3Server server;
  private static S3Client client;
  private FaultyProxy proxy;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = S3Server.start(folder);
    client =
        S3Client.builder()
            .httpClient(UrlConnectionHttpClient.create())
            .endpointOverride(server.endpoint())
            .forcePathStyle(true)
            .region(Region.US_EAST_1)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .build();
    client.createBucket(one -> one.bucket(BUCKET));
  }

  @AfterAll
  static void end() throws InterruptedException {
    client.close();
    server.close();
  }

  @BeforeEach
  void between() throws IOException {
    proxy = new FaultyProxy(server.port());
  }

  @AfterEach
  void gone() throws IOException {
    proxy.close();
  }

  private static byte[] put(String key, int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    client.putObject(one -> one.bucket(BUCKET).key(key), RequestBody.fromBytes(bytes));
    return bytes;
  }

  private S3Store store() {
    return new S3Store(new S3Options(proxy.endpoint(), true, true));
  }

  private static RemoteStore.Found found(S3Store store, String key) throws IOException {
    List<RemoteStore.Found> all = store.list("s3://" + BUCKET + "/" + key);
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private static byte[] read(S3Store store, RemoteStore.Found file, int at, int many)
      throws IOException {
    byte[] bytes = new byte[many];
    store.read(file, at, ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Test
  void objectsBelowAPlaceAreListedInOrderAndRangesAreTheirs() throws IOException {
    byte[] first = put("set/a.tar", 5000, 1);
    put("set/b/c.tar", 10, 2);
    put("settle.tar", 10, 3);
    S3Store store = store();
    List<RemoteStore.Found> all = store.list("s3://pictures/set/");
    assertThat(all.stream().map(RemoteStore.Found::place))
        .containsExactly("s3://pictures/set/a.tar", "s3://pictures/set/b/c.tar");
    assertThat(all.get(0).size()).isEqualTo(5000);
    assertThat(all.get(0).version()).isNotBlank().isEqualTo(found(store, "set/a.tar").version());
    assertThat(read(store, all.get(0), 1000, 500))
        .isEqualTo(java.util.Arrays.copyOfRange(first, 1000, 1500));
    assertThat(store.read("s3://pictures/set/a.tar", 1 << 20)).isEqualTo(first);
    assertThat(store.read("s3://pictures/set/a.tar", 99)).hasSize(100);
    assertThat(store.list("s3://pictures/none")).isEmpty();
    put("empty", 0, 1);
    assertThat(store.read("s3://pictures/empty", 99)).isEmpty();
  }

  @Test
  void aConnectionThatIsCutInTheMidstIsMadeAgain() throws IOException {
    byte[] all = put("cut.tar", 300_000, 4);
    S3Store store = store();
    RemoteStore.Found file = found(store, "cut.tar");
    int before = proxy.requests.get();
    proxy.cut.set(2);
    assertThat(read(store, file, 0, all.length)).isEqualTo(all);
    assertThat(proxy.requests.get() - before).isEqualTo(3);
    proxy.cut.set(100);
    assertThatThrownBy(() -> read(store, file, 0, all.length))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("s3://pictures/cut.tar: the connection was cut 5 times");
  }

  @Test
  void aBusyServerIsAskedAgainAndOneThatStaysBusyIsNamed() throws IOException {
    byte[] all = put("busy.tar", 100, 5);
    S3Store store = store();
    RemoteStore.Found file = found(store, "busy.tar");
    proxy.busy.set(3);
    assertThat(read(store, file, 0, 100)).isEqualTo(all);
    int before = proxy.requests.get();
    proxy.busy.set(100);
    assertThatThrownBy(() -> read(store, file, 0, 100))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("s3://pictures/busy.tar: the server answers 503")
        .hasMessageContaining("try again later");
    assertThat(proxy.requests.get() - before).isEqualTo(5);
  }

  @Test
  void anObjectThatChangedOrWentIsNotRead() throws IOException {
    put("changed.tar", 100, 6);
    S3Store store = store();
    RemoteStore.Found file = found(store, "changed.tar");
    put("changed.tar", 100, 7);
    assertThatThrownBy(() -> read(store, file, 0, 10))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("s3://pictures/changed.tar changed since it was listed");
    client.deleteObject(one -> one.bucket(BUCKET).key("changed.tar"));
    assertThatThrownBy(() -> read(store, file, 0, 10))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("is no longer there");
    assertThatThrownBy(() -> store.read("s3://pictures/changed.tar", 10))
        .isInstanceOf(FileNotFoundException.class);
  }

  @ParameterizedTest
  @CsvSource({"'',no ETag", "W/\"1\",the ETag W/\"1\""})
  void aServerWhoseObjectsHaveNoVersionIsRefused(String tag, String said) throws IOException {
    put("untagged/x.tar", 100, 8);
    proxy.tag = tag;
    S3Store store = store();
    for (String place : List.of("s3://pictures/untagged", "s3://pictures/untagged/x.tar")) {
      assertThatThrownBy(() -> store.list(place))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("s3://pictures/untagged/x.tar: the server says " + said)
          .hasMessageContaining("expected a strong ETag");
    }
  }

  @Test
  void aBucketThatIsNotThereAndAServerThatDoesNotAnswerAreNamed() throws IOException {
    assertThatThrownBy(() -> store().list("s3://nobodys/x.tar"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("s3://nobodys/x.tar");
    S3Store nowhere = new S3Store(new S3Options(URI.create("http://127.0.0.1:1"), true, true));
    assertThatThrownBy(() -> nowhere.list("s3://pictures/x.tar"))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("cannot be reached at http://127.0.0.1:1");
  }

  @Test
  void withoutCredentialsTheMendIsNamed() {
    String profile = System.getProperty("aws.sharedCredentialsFile");
    String metadata = System.getProperty("aws.disableEc2Metadata");
    System.setProperty("aws.sharedCredentialsFile", folder.resolve("none").toString());
    System.setProperty("aws.disableEc2Metadata", "true");
    try {
      S3Store signed = new S3Store(new S3Options(proxy.endpoint(), true, false));
      assertThatThrownBy(() -> signed.list("s3://pictures/x.tar"))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("no credentials are found")
          .hasMessageContaining("MILLRACE_S3_ANONYMOUS=true");
    } finally {
      restore("aws.sharedCredentialsFile", profile);
      restore("aws.disableEc2Metadata", metadata);
    }
  }

  private static byte[] shard() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < 40; i++) {
        byte[] head = "P6 16 16 255\n".getBytes(StandardCharsets.US_ASCII);
        byte[] picture = Arrays.copyOf(head, head.length + 3 * 16 * 16);
        for (int at = head.length; at < picture.length; at++) {
          picture[at] = (byte) (at * (i + 3));
        }
        entry(tar, "%02d.ppm".formatted(i), picture);
        entry(tar, "%02d.cls".formatted(i), new byte[] {(byte) ('0' + i % 2)});
      }
    }
    return bytes.toByteArray();
  }

  private static void entry(TarArchiveOutputStream tar, String name, byte[] bytes)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static void resume(Path run, Catalogue sets) throws IOException {
    Millrace.resume(run, sets, Resumption.unchanged(), event -> {}, () -> false);
  }

  /** The store of a run is the one that the SDK's own settings lead to. */
  @Test
  void aRunOnS3GoesOnFromACopyHereAndOneThatBeganHereGoesOnThere(@TempDir Path place)
      throws IOException {
    Map<String, String> said =
        Map.of(
            "aws.endpointUrlS3",
            server.endpoint().toString(),
            "aws.accessKeyId",
            "nobody",
            "aws.secretAccessKey",
            "nothing");
    Map<String, String> before = new HashMap<>();
    said.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
    try {
      String there = "s3://" + BUCKET + "/run/x.tar";
      client.putObject(one -> one.bucket(BUCKET).key("run/x.tar"), RequestBody.fromBytes(shard()));
      String here = Files.write(place.resolve("x.tar"), shard()).toString();
      Catalogue sets = new Catalogue(null, place.resolve("cache"));
      List<Path> runs = new ArrayList<>();
      for (String set : List.of(there, there, here, here)) {
        Path run = place.resolve("run" + runs.size());
        runs.add(run);
        int[] steps = new int[1];
        Millrace.pretrain(
            Settings.defaults(set)
                .with(Map.of("width", 4, "size", 8, "epochs", 2, "batch", 10))
                .with(Map.of("queue", 20, "threads", 1)),
            sets,
            run,
            event -> steps[0] += event instanceof RunEvent.Stepped ? 1 : 0,
            () -> steps[0] >= 3);
      }
      Millrace.moved(runs.get(1), there, here);
      Millrace.moved(runs.get(3), here, there);
      for (Path run : runs) {
        resume(run, sets);
        assertThat(run.resolve("encoder.safetensors"))
            .hasSameBinaryContentAs(runs.get(0).resolve("encoder.safetensors"));
      }
    } finally {
      before.forEach(S3MockIT::restore);
    }
  }

  private static void restore(String name, String value) {
    if (value == null) {
      System.clearProperty(name);
    } else {
      System.setProperty(name, value);
    }
  }

  @Test
  void whatTheEnvironmentSaysIsUnderstoodOrRefused() {
    assertThat(S3Options.of(Map.of())).isEqualTo(new S3Options(null, false, false));
    assertThat(
            S3Options.of(
                Map.of("MILLRACE_S3_ENDPOINT", "http://x:9000", "MILLRACE_S3_ANONYMOUS", "true")))
        .isEqualTo(new S3Options(URI.create("http://x:9000"), true, true));
    assertThatThrownBy(() -> S3Options.of(Map.of("MILLRACE_S3_ENDPOINT", "x:9000")))
        .hasMessageContaining("MILLRACE_S3_ENDPOINT is 'x:9000'");
    assertThatThrownBy(
            () -> S3Options.of(Map.of("MILLRACE_S3_ENDPOINT", "http://me:secret@x:9000")))
        .hasMessageContaining("MILLRACE_S3_ENDPOINT holds a name or a password")
        .hasMessageContaining("AWS_SECRET_ACCESS_KEY")
        .hasMessageNotContainingAny("secret@", "me:", "x:9000");
    assertThatThrownBy(() -> S3Options.of(Map.of("MILLRACE_S3_PATH_STYLE", "yes")))
        .hasMessageContaining("MILLRACE_S3_PATH_STYLE is 'yes'");
  }
}
