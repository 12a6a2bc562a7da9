package dev.millrace.live.source;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How far a topic is read: the topic's id, then a line per partition with its number and the next
 * offset. Not thread-safe.
 */
final class KafkaPlace {
  /** The topic that the offsets are of; a topic that is made anew has another id. */
  private final String topicId;

  private final Map<Integer, Long> next = new TreeMap<>();

  KafkaPlace(String topicId) {
    this.topicId = topicId;
  }

  /** Reads a place; null and nothing are null. */
  static KafkaPlace parse(String words) {
    if (words == null || words.isEmpty()) {
      return null;
    }
    String[] lines = words.split("\n", -1);
    KafkaPlace place = new KafkaPlace(lines[0]);
    for (int i = 1; i < lines.length; i++) {
      String[] numbers = lines[i].split(" ", 2);
      place.next(Integer.parseInt(numbers[0]), Long.parseLong(numbers[1]));
    }
    return place;
  }

  String topicId() {
    return topicId;
  }

  /** The offset that comes next; null for a partition that was not begun. */
  Long next(int partition) {
    return next.get(partition);
  }

  void next(int partition, long offset) {
    next.put(partition, offset);
  }

  /** Every partition that was begun, and its next offset. */
  Map<Integer, Long> all() {
    return Map.copyOf(next);
  }

  @Override
  public String toString() {
    return next.entrySet().stream()
        .map(one -> "\n" + one.getKey() + " " + one.getValue())
        .collect(Collectors.joining("", topicId, ""));
  }
}
