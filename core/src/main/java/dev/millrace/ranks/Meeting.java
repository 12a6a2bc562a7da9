package dev.millrace.ranks;

/**
 * Where the ranks of several machines meet.
 *
 * @param address of the first rank's machine
 * @param port that it has bound
 * @param token of the attempt, without blanks
 */
record Meeting(String address, int port, String token) {
  private static final int PARTS = 3;

  /** From what {@link #toString} made. */
  static Meeting of(String words) {
    String[] parts = words.split(" ", -1);
    if (parts.length != PARTS) {
      throw new IllegalArgumentException(words + " is no ADDRESS PORT TOKEN");
    }
    return new Meeting(parts[0], Integer.parseInt(parts[1]), parts[2]);
  }

  @Override
  public String toString() {
    return address + " " + port + " " + token;
  }
}
