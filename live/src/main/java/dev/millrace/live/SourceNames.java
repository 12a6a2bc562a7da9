package dev.millrace.live;

import dev.millrace.live.account.Account;
import java.io.IOException;

/** A folder's word, with a slash at its end or without, names one source. Stateless. */
final class SourceNames {
  private static final String FOLDER = "folder:";

  private SourceNames() {}

  /** What the spellings of a name have in common. */
  static String plain(String name) {
    String plain = name;
    while (name.startsWith(FOLDER) && plain.endsWith("/") && plain.length() > FOLDER.length() + 1) {
      plain = plain.substring(0, plain.length() - 1);
    }
    return plain;
  }

  /** The other spelling of a name; the same where there is none. */
  static String other(String name) {
    String plain = plain(name);
    return !name.startsWith(FOLDER) || !plain.equals(name) || name.endsWith("/")
        ? plain
        : name + "/";
  }

  /** The name under which an account has a source, if it has: runs keep their ids. */
  static String kept(Account account, String name) throws IOException {
    String other = other(name);
    return !account.knows(name) && account.knows(other) ? other : name;
  }
}
