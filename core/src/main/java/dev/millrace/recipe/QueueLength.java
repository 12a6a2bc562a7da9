package dev.millrace.recipe;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.millrace.refusal.UsageException;
import java.io.IOException;

/**
 * How many keys MoCo's queue holds in a stream. A queue that outlasts a chunk makes negatives of
 * the past chunk's keys for a good part of the next, and of older views of a query's own picture;
 * so by itself it is no longer than a quarter of the smallest chunk.
 */
public final class QueueLength extends StdDeserializer<Integer> {
  /** What {@code auto} is as a number; no number that anyone would give. */
  public static final int AUTO = Integer.MIN_VALUE;

  /** As MoCo's published example for CIFAR has it. */
  private static final int MOST = 4096;

  private static final int QUARTER = 4;

  /** Writes the word, or the number. */
  static final class Written extends StdSerializer<Integer> {
    Written() {
      super(Integer.class);
    }

    @Override
    public void serialize(Integer queue, JsonGenerator to, SerializerProvider provider)
        throws IOException {
      if (queue == AUTO) {
        to.writeString("auto");
      } else {
        to.writeNumber(queue);
      }
    }
  }

  QueueLength() {
    super(Integer.class);
  }

  /**
   * The largest multiple of the batch up to 4096 and up to a quarter of the smallest chunk; one
   * batch where that is none.
   *
   * @param smallest pictures of the smallest chunk that is learned, at least 1
   * @param batch pictures per step, at least 1
   */
  static int automatic(int smallest, int batch) {
    int step = Math.min(batch, smallest);
    return Math.max(step, Math.min(MOST, smallest / QUARTER) / step * step);
  }

  /** These settings with a number where the queue is {@code auto}. */
  static Settings decided(Settings settings, RunChunks chunks) {
    return settings.queue() == AUTO
        ? settings.with("queue", automatic(smallest(chunks), settings.batch()))
        : settings;
  }

  /** Pictures of the smallest chunk that is large enough for a step. */
  static int smallest(RunChunks chunks) {
    return chunks.entries().stream()
        .mapToInt(RunChunks.Entry::images)
        .filter(images -> images > 1)
        .min()
        .orElse(1);
  }

  /** {@code auto}, or a whole number. */
  public static int parse(String text) {
    try {
      return text.equals("auto") ? AUTO : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw UsageException.of(
          "--queue", text + " is neither auto nor a number of keys such as 4096");
    }
  }

  @Override
  public Integer deserialize(JsonParser from, DeserializationContext context) throws IOException {
    if (from.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return from.getIntValue();
    }
    if (from.currentToken() == JsonToken.VALUE_STRING) {
      return parse(from.getText().strip());
    }
    return (Integer) context.handleUnexpectedToken(int.class, from);
  }
}
