package dev.millrace.serve;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;

/**
 * What a server counts, as Prometheus reads it; the names are part of the interface (docs/live.md).
 * Thread-safe.
 */
final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter pictures =
      Counter.builder("millrace.pictures.embedded")
          .description("pictures that were turned into vectors")
          .register(registry);
  private final Counter undecodable =
      Counter.builder("millrace.pictures.undecodable")
          .description("requests refused for a picture that cannot be decoded")
          .register(registry);
  private final Timer embedding =
      Timer.builder("millrace.embed")
          .description("time of a request to embed, from its bytes to its vectors")
          .publishPercentiles(0.5, 0.99)
          .maximumExpectedValue(Duration.ofMinutes(1))
          .register(registry);

  Metrics(Takeover takeover) {
    Gauge.builder("millrace.encoder.version", takeover, Metrics::version)
        .description("version of the encoder that is served; NaN before the first")
        .register(registry);
    Gauge.builder("millrace.encoder.takeovers", takeover, Takeover::takeovers)
        .description("times that an encoder took another's place since the start")
        .register(registry);
    Gauge.builder("millrace.encoder.refused", takeover, t -> t.failure().isEmpty() ? 0 : 1)
        .description("1 while the newest encoder cannot be loaded")
        .register(registry);
  }

  private static double version(Takeover takeover) {
    try (Takeover.Lease lease = takeover.lease().orElse(null)) {
      return lease == null ? Double.NaN : lease.found().version();
    }
  }

  void embedded(int count, Duration time) {
    pictures.increment(count);
    embedding.record(time);
  }

  void undecodable() {
    undecodable.increment();
  }

  void answered(int status) {
    registry.counter("millrace.requests", "status", Integer.toString(status)).increment();
  }

  /** The text that Prometheus reads. */
  String text() {
    return registry.scrape();
  }
}
