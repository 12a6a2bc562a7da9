package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.stream.ImageSet;
import dev.millrace.stream.source.Catalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Live runs over a real broker in a process of its own. {@code -Dmillrace.kills=50} takes long. */
final class KafkaIT {
  private static final int KILLS = Integer.getInteger("millrace.kills", 4);
  private static final int EACH = 24;
  private static final int CHUNK = 40;

  private static final List<String> LEARNING = TinyLive.learning(1, 2);

  @TempDir private Path temp;

  private final ImageSet pictures =
      openQuietly("generated:images=%d,classes=4,size=16".formatted((KILLS + 1) * EACH));

  private static ImageSet openQuietly(String set) {
    try {
      return Catalogue.standard().open(set).learnable();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private KafkaProducer<String, byte[]> producer(KafkaBroker broker) {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address()),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  private static String[] line(Path run, List<String> sources, String... more) {
    return TinyLive.line(run, sources, CHUNK, LEARNING, more);
  }

  private byte[] picture(int number) throws Exception {
    return pictures.image(number).bytes();
  }

  @Test
  void killsOfTheRunAndOfTheBrokerLoseNothingAndChangeNoWeight() throws Exception {
    Path incoming = Files.createDirectory(temp.resolve("incoming"));
    Path run = temp.resolve("run");
    SplittableRandom random = new SplittableRandom(28);
    try (KafkaBroker broker = new KafkaBroker(temp.resolve("kafka"))) {
      broker.topic("frames", 3);
      List<String> sources =
          List.of("folder:" + incoming + ";settle=0s", "kafka://" + broker.address() + "/frames");
      int again = 0;
      int offered = 0;
      for (int kill = 0; kill <= KILLS; kill++) {
        Command live = kill == KILLS ? null : Command.start(line(run, sources));
        try (KafkaProducer<String, byte[]> producer = producer(broker)) {
          for (int i = 0; i < EACH; i++) {
            int number = kill * EACH + i;
            if (number % 4 == 0) {
              TinyLive.drop(incoming, Integer.toString(number), picture(number));
            } else {
              producer.send(new ProducerRecord<>("frames", "p" + number, picture(number)));
            }
            offered++;
            if (random.nextInt(6) == 0 && number > 0) { // a producer that was not answered
              int old = random.nextInt(number);
              producer.send(new ProducerRecord<>("frames", "again" + again++, picture(old)));
            }
          }
        }
        if (live != null) {
          TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(4000));
          assertThat(live.alive()).as("alive when it is killed").isTrue();
          if (kill % 10 == 1) { // its broker dies first, and is there again before the next start
            broker.kill();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(2000));
            assertThat(live.alive()).as("alive without its broker").isTrue();
            live.kill();
            broker.start();
          } else {
            live.kill();
          }
        }
      }
      JsonNode account = Command.done(line(run, sources, "--until-idle", "--json")).json();
      assertThat(account.path("offered").asInt()).isEqualTo(offered + again);
      assertThat(account.path("duplicate").asInt()).isEqualTo(again);
      assertThat(account.path("learned").asInt()).isEqualTo(offered / CHUNK * CHUNK);
      assertThat(account.path("pending").asInt()).isEqualTo(offered % CHUNK);
      assertThat(Tiny.sha256(run.resolve("run"))).isEqualTo(TinyLive.given(temp, run, LEARNING));
    }
  }

  @Test
  void expiredOffsetsStopTheSourceByNameAndAreRecordedOnDemand() throws Exception {
    Path run = temp.resolve("run");
    try (KafkaBroker broker = new KafkaBroker(temp.resolve("kafka"));
        KafkaProducer<String, byte[]> producer = producer(broker)) {
      broker.topic("frames", 1);
      List<String> sources = List.of("kafka://" + broker.address() + "/frames");
      for (int i = 0; i < 5; i++) {
        producer.send(new ProducerRecord<>("frames", "p" + i, picture(i)));
      }
      producer.flush();
      Command.done(line(run, sources, "--until-idle"));
      for (int i = 5; i < 20; i++) {
        producer.send(new ProducerRecord<>("frames", "p" + i, picture(i)));
      }
      producer.flush();
      broker.expire("frames", 0, 15);

      Command.Ended stopped = Command.run(line(run, sources, "--until-idle"));
      assertThat(stopped.code()).isEqualTo(1);
      assertThat(stopped.err())
          .contains("goes on at offset 15 and was read up to 5: 10 offsets are gone");
      JsonNode account = Command.done("live", "status", run.toString(), "--json").json();
      assertThat(account.path("offered").asInt()).isEqualTo(5);

      Command.Ended on = Command.done(line(run, sources, "--until-idle", "--on-gap", "record"));
      assertThat(on.out()).contains("frames 0 from 5 to 15, 10 missing");
      account = Command.done("live", "status", run.toString(), "--json").json();
      assertThat(account.path("offered").asInt()).isEqualTo(10);
    }
  }
}
