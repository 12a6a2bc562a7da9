package dev.millrace.pickle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads pickles (protocols 0 to 5) of dictionaries, lists, tuples, words, numbers, and what a
 * {@link Calls} understands. A pickle is a program that may call whatever it names; this reader
 * calls nothing: a name is looked up in the {@link Calls}, and one that is not there becomes an
 * {@link Inert} thing, as does whatever is made with it. Time and memory are bounded by the
 * pickle's length and {@link #STEPS}; nothing recurses. Not thread-safe.
 */
public final class Pickle {
  /** A tuple; Python's lists are {@link ArrayList}s. */
  public record Tuple(List<Object> items) {}

  /**
   * What would have to be called or known to be had, and is neither here: a Namespace of arguments,
   * a numpy number, a class of the writer's.
   *
   * @param name of the first thing that is not known, such as {@code argparse.Namespace}
   */
  public record Inert(String name) {}

  /** Stands for a key that is neither a word nor a plain number; equal to nothing else. */
  private static final class OtherKey {}

  /** Most codes in a pickle, and most items that calls may copy: each can cost some 100 bytes. */
  public static final int STEPS = 2_000_000;

  /** Where a group of items begins. */
  private static final Object MARK = new Object();

  private final PickleBytes bytes;

  /** Characters of a module's name and a member's together. */
  private static final int LONGEST_NAME = 1024;

  private final Calls calls;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private int steps;

  /**
   * A pickle that begins at a buffer's position, and leaves it behind its end.
   *
   * @param file named in refusals
   */
  public Pickle(String file, ByteBuffer pickle, Calls calls) {
    this.bytes = new PickleBytes(file, pickle);
    this.calls = calls;
  }

  /**
   * What the pickle holds: {@link Map}, {@link List}, {@link Tuple}, {@link String}, {@link
   * Number}, {@link Boolean}, bytes, what its calls give, {@link Inert} or null.
   *
   * @throws IOException if it is damaged, or longer than any of tensors
   */
  public Object read() throws IOException {
    while (true) {
      int code = bytes.unsignedByte();
      if (code == '.') {
        return pop();
      }
      if (++steps > STEPS) {
        throw new IOException(
            "%s has a pickle of more than %d steps, %s"
                .formatted(bytes.file(), STEPS, calls.tooLong()));
      }
      step(code);
    }
  }

  /** Names are joined by those who take them: long ones, again and again, would fill the heap. */
  private Object global(String module, String name) throws IOException {
    if (module.length() + name.length() > LONGEST_NAME) {
      throw damaged("it calls something by a name longer than any of Python's");
    }
    return calls.global(module, name);
  }

  private void step(int code) throws IOException {
    switch (code) {
      case 0x80 -> bytes.skip(1); // protocol
      case 0x95 -> bytes.skip(8); // frame
      case '(' -> stack.add(MARK);
      case '0' -> discard();
      case '1' -> group();
      case '2' -> stack.add(peek());
      case 'c' -> stack.add(global(bytes.line(), bytes.line()));
      case 0x93 -> { // STACK_GLOBAL
        String name = pop(String.class);
        stack.add(global(pop(String.class), name));
      }
      case 'R' -> {
        Object arguments = pop();
        stack.add(calls.call(pop(), arguments));
      }
      case 'b' -> { // attributes
        Object state = pop();
        if (!(peek() instanceof Map || peek() instanceof Inert || calls.state(peek(), state))) {
          throw damaged("it gives attributes to something that is no object");
        }
      }
      case 'Q' -> stack.add(calls.stored(pop()));
      case 'P' -> stack.add(new Inert("a loader of " + bytes.line()));
      case 'i' -> {
        Inert made = new Inert(bytes.line() + "." + bytes.line());
        group();
        stack.add(made);
      }
      case 'o' -> {
        List<Object> parts = group();
        if (parts.isEmpty()) {
          throw damaged("an object has no class");
        }
        stack.add(calls.made(parts.get(0)));
      }
      case 0x81 -> { // NEWOBJ
        pop();
        stack.add(calls.made(pop()));
      }
      case 0x92 -> { // NEWOBJ_EX, with named arguments
        pop();
        pop();
        stack.add(calls.made(pop()));
      }
      case 0x82 -> stack.add(extension(bytes.unsignedByte()));
      case 0x83 -> stack.add(extension(bytes.unsignedShort()));
      case 0x84 -> stack.add(extension(bytes.signedInt()));
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
      case 'U' -> calls.word(bytes.view(bytes.unsignedByte())); // Python 2's words
      case 'T' -> calls.word(bytes.view(bytes.length(4)));
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

  private static Inert extension(int code) {
    return new Inert("number " + code + " of its writer's registry");
  }

  private Long decimal(String line) throws IOException {
    try {
      return Long.valueOf(line);
    } catch (NumberFormatException e) {
      throw damaged("it has no number where one belongs");
    }
  }

  private void append(List<Object> items) throws IOException {
    if (peek() instanceof Inert) {
      return;
    }
    if (!(peek() instanceof ArrayList<?>)) {
      throw damaged("it appends to what is no list");
    }
    @SuppressWarnings("unchecked")
    List<Object> list = (List<Object>) peek();
    list.addAll(items);
  }

  private void put(List<Object> pairs) throws IOException {
    if (peek() instanceof Inert) {
      return;
    }
    if (!(peek() instanceof Map) || pairs.size() % 2 != 0) {
      throw damaged("it puts into what is no dictionary");
    }
    @SuppressWarnings("unchecked")
    Map<Object, Object> map = (Map<Object, Object>) peek();
    for (int i = 0; i < pairs.size(); i += 2) {
      map.put(key(pairs.get(i)), pairs.get(i + 1));
    }
  }

  /** Tuples could be nested, and numbers so long, that finding their hash never ends. */
  public static Object key(Object key) {
    return key == null
            || key instanceof String
            || key instanceof Long
            || key instanceof Double
            || key instanceof Boolean
        ? key
        : new OtherKey();
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
