package dev.millrace.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads pickles (protocols 0 to 5) of tensors and of what is usual around them: dictionaries,
 * lists, tuples, words, numbers. A pickle is a program that may call whatever it names; this reader
 * calls nothing: a name is looked up in {@link TensorCalls}, and one that is not there is refused
 * by name before anything else is read. Not thread-safe.
 */
final class TensorPickle {
  /** Finds the storage that a tensor lies in. */
  @FunctionalInterface
  interface Storages {
    StoredTensor.Storage storage(String key, ElementType type, long elements) throws IOException;
  }

  /** A tuple; Python's lists are {@link ArrayList}s. */
  record Tuple(List<Object> items) {}

  /** Longest pickle that is read: a state dict of thousands of tensors takes a tenth of it. */
  static final int LONGEST = 4 << 20;

  /** Where a group of items begins. */
  private static final Object MARK = new Object();

  private final PickleBytes bytes;
  private final TensorCalls calls;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /**
   * A pickle that begins at a buffer's position, and leaves it behind its end.
   *
   * @param file named in refusals
   */
  TensorPickle(Path file, ByteBuffer pickle, Storages storages) {
    this.bytes = new PickleBytes(file, pickle);
    this.calls = new TensorCalls(file, storages);
  }

  /**
   * What the pickle holds: {@link Map}, {@link List}, {@link Tuple}, {@link StoredTensor}, {@link
   * String}, {@link Number}, {@link Boolean}, bytes or null.
   *
   * @throws IOException if it wants to call something, or is damaged
   */
  Object read() throws IOException {
    while (true) {
      int code = bytes.unsignedByte();
      if (code == '.') {
        return pop();
      }
      step(code);
    }
  }

  private void step(int code) throws IOException {
    switch (code) {
      case 0x80 -> bytes.skip(1); // protocol
      case 0x95 -> bytes.skip(8); // frame
      case '(' -> stack.add(MARK);
      case '0' -> discard();
      case '1' -> group();
      case '2' -> stack.add(peek());
      case 'c' -> stack.add(calls.global(bytes.line(), bytes.line()));
      case 0x93 -> { // STACK_GLOBAL
        String name = pop(String.class);
        stack.add(calls.global(pop(String.class), name));
      }
      case 'R' -> {
        Tuple arguments = pop(Tuple.class);
        stack.add(calls.call(pop(), arguments.items()));
      }
      case 'b' -> { // attributes: those of an ordered dict are of no use here
        pop();
        if (!(peek() instanceof Map)) {
          throw damaged("it gives attributes to something that is no dictionary");
        }
      }
      case 'Q' -> stack.add(calls.stored(pop(Tuple.class).items()));
      case 'i' -> throw calls.refused(bytes.line() + "." + bytes.line());
      case 'o', 0x81, 0x92 -> throw calls.refused("the constructor of a class");
      case 'P' -> throw calls.refused("a loader of " + bytes.line());
      case 0x82, 0x83, 0x84 -> throw calls.refused("what a registry of its writer names");
      case 'q' -> memo.put(bytes.unsignedByte(), peek());
      case 'r' -> memo.put(bytes.signedInt(), peek());
      case 'p' -> memo.put(decimal(bytes.line()).intValue(), peek());
      case 0x94 -> memo.put(memo.size(), peek());
      case 'h' -> stack.add(remembered(bytes.unsignedByte()));
      case 'j' -> stack.add(remembered(bytes.signedInt()));
      case 'g' -> stack.add(remembered(decimal(bytes.line()).intValue()));
      case ']', 0x8f -> stack.add(new ArrayList<>()); // a set is as good as a list
      case 'l', 0x91 -> stack.add(new ArrayList<>(group()));
      case ')' -> stack.add(new Tuple(List.of()));
      case 't' -> stack.add(new Tuple(group()));
      case 0x85, 0x86, 0x87 -> stack.add(new Tuple(last(code - 0x84)));
      case '}' -> stack.add(new LinkedHashMap<>());
      case 'd' -> {
        List<Object> pairs = group();
        stack.add(new LinkedHashMap<>());
        put(pairs);
      }
      case 'a' -> append(last(1));
      case 'e', 0x90 -> append(group());
      case 's' -> put(last(2));
      case 'u' -> put(group());
      default -> stack.add(value(code));
    }
  }

  /** Words and numbers. */
  private Object value(int code) throws IOException {
    return switch (code) {
      case 'N' -> null;
      case 0x88 -> true;
      case 0x89 -> false;
      case 'K' -> (long) bytes.unsignedByte();
      case 'M' -> (long) bytes.unsignedShort();
      case 'J' -> (long) bytes.signedInt();
      case 0x8a -> bytes.number(bytes.unsignedByte());
      case 0x8b -> bytes.number(bytes.length(4));
      case 'G' -> bytes.bigEndianDouble();
      case 'X' -> bytes.text(bytes.length(4));
      case 0x8c -> bytes.text(bytes.unsignedByte());
      case 0x8d -> bytes.text(bytes.length(8));
      case 'C' -> bytes.raw(bytes.unsignedByte());
      case 'B' -> bytes.raw(bytes.length(4));
      case 'U' -> bytes.text(bytes.unsignedByte()); // Python 2's words
      case 'T' -> bytes.text(bytes.length(4));
      case 0x8e, 0x96 -> bytes.raw(bytes.length(8));
      case 'I' -> {
        String line = bytes.line();
        yield line.equals("01") ? (Object) true : line.equals("00") ? false : decimal(line);
      }
      case 'L' -> decimal(bytes.line().replaceAll("L$", ""));
      case 'S', 'V', 'F' -> bytes.line(); // of protocol 0, whose words name no tensor
      default -> throw damaged("0x%02x is no code of a pickle".formatted(code));
    };
  }

  private Long decimal(String line) throws IOException {
    try {
      return Long.valueOf(line);
    } catch (NumberFormatException e) {
      throw damaged("it has no number where one belongs");
    }
  }

  private void append(List<Object> items) throws IOException {
    if (!(peek() instanceof ArrayList<?>)) {
      throw damaged("it appends to what is no list");
    }
    @SuppressWarnings("unchecked")
    List<Object> list = (List<Object>) peek();
    list.addAll(items);
  }

  private void put(List<Object> pairs) throws IOException {
    if (!(peek() instanceof Map) || pairs.size() % 2 != 0) {
      throw damaged("it puts into what is no dictionary");
    }
    @SuppressWarnings("unchecked")
    Map<Object, Object> map = (Map<Object, Object>) peek();
    for (int i = 0; i < pairs.size(); i += 2) {
      Object key = pairs.get(i);
      // Tuples could be nested so that finding their hash never ends.
      if (!(key == null
          || key instanceof String
          || key instanceof Number
          || key instanceof Boolean)) {
        throw damaged("a dictionary has a key that is neither a word nor a number");
      }
      map.put(key, pairs.get(i + 1));
    }
  }

  private Object remembered(int index) throws IOException {
    if (!memo.containsKey(index)) {
      throw damaged("it refers to item " + index + ", which is not there");
    }
    return memo.get(index);
  }

  private Object peek() throws IOException {
    if (stack.isEmpty() || stack.get(stack.size() - 1) == MARK) {
      throw damaged("it takes from an empty stack");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws IOException {
    Object top = peek();
    stack.remove(stack.size() - 1);
    return top;
  }

  private void discard() throws IOException {
    if (stack.isEmpty()) {
      throw damaged("it takes from an empty stack");
    }
    stack.remove(stack.size() - 1);
  }

  private <T> T pop(Class<T> kind) throws IOException {
    Object top = pop();
    if (!kind.isInstance(top)) {
      throw damaged("it has another thing where a " + kind.getSimpleName() + " belongs");
    }
    return kind.cast(top);
  }

  private List<Object> last(int count) throws IOException {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(0, pop());
    }
    return items;
  }

  /** All above the last mark, which goes too. */
  private List<Object> group() throws IOException {
    int mark = stack.lastIndexOf(MARK);
    if (mark < 0) {
      throw damaged("a group of items has no beginning");
    }
    List<Object> above = stack.subList(mark, stack.size());
    List<Object> items = new ArrayList<>(above.subList(1, above.size()));
    above.clear();
    return items;
  }

  private IOException damaged(String how) {
    return new IOException(bytes.file() + " is damaged: its pickle cannot be read: " + how);
  }
}
