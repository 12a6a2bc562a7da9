package dev.millrace.pickle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What stands here for the names that a pickle would call. Nothing of the pickle's is executed. */
public interface Calls {
  /** What a name means; {@link Pickle.Inert} where it is not known. */
  Object global(String module, String name) throws IOException;

  /** What a call would give. */
  Object call(Object callable, Object arguments) throws IOException;

  /** What making an object of a class without calling it would give. */
  Object made(Object type) throws IOException;

  /** What a persistent id stands for. */
  Object stored(Object id) throws IOException;

  /** Takes an object's attributes; false if it is no object that has some. */
  boolean state(Object object, Object state) throws IOException;

  /** A byte string of Python 2; the buffer is a view of the pickle. */
  default Object word(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return new String(copy, StandardCharsets.UTF_8);
  }

  /** What to do about a pickle of too many steps, as the end of a sentence. */
  String tooLong();
}
