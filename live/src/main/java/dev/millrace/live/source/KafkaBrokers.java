package dev.millrace.live.source;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What a source asks of brokers beside their messages; a test has its own. */
interface KafkaBrokers {
  /** A consumer without partitions, closed by whoever asked. */
  Consumer<byte[], byte[]> consumer();

  /** The id of a topic, which another one of that name does not have. */
  String topicId(String topic, Duration patience) throws IOException;

  /** Real ones. */
  static KafkaBrokers of(KafkaSettings settings) {
    return new KafkaBrokers() {
      @Override
      public Consumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(settings.client());
      }

      @Override
      public String topicId(String topic, Duration patience) throws IOException {
        Map<String, Object> client = settings.client();
        client.keySet().retainAll(AdminClientConfig.configNames());
        client.putAll(settings.config());
        client.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
        client.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
        try (Admin admin = Admin.create(client)) {
          return admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get(patience.toMillis(), TimeUnit.MILLISECONDS)
              .get(topic)
              .topicId()
              .toString();
        } catch (ExecutionException e) {
          if (e.getCause() instanceof UnknownTopicOrPartitionException) {
            throw new IOException("there is no topic " + topic + "; make it, or mend its name", e);
          }
          throw new IOException(
              "brokers at %s: %s".formatted(settings.servers(), e.getCause().getMessage()), e);
        } catch (TimeoutException e) {
          throw new IOException("brokers at %s do not answer".formatted(settings.servers()), e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", e);
        }
      }
    };
  }
}
