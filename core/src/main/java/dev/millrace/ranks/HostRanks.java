package dev.millrace.ranks;

import dev.millrace.launch.RankWords;
import dev.millrace.learn.network.Ranks;
import dev.millrace.learn.network.Rendezvous;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The ranks of several machines, seen by the first. Another program, which minds this process by
 * its stdin and stdout, starts the others once this one says where they find it. When a rank is
 * lost the call fails; whoever started the ranks starts all of them again. Close it when the call
 * is over; not thread-safe.
 */
public final class HostRanks implements Rendezvous, AutoCloseable {
  private static final int TOKEN_BYTES = 16;

  private final int count;
  private final String address;
  private final Heartbeat beat;
  private C10dRanks ranks;

  /**
   * Begins to say on stdout that this process is alive, and ends it when stdin does.
   *
   * @param count of ranks, at least 2
   * @param address of this machine that the others reach
   * @param asked done when the minder asks for a stop, by a byte on stdin
   */
  public HostRanks(int count, String address, Runnable asked) {
    this.count = count;
    this.address = address;
    beat = new Heartbeat(System.out);
    Heartbeat.endWithStdin(asked);
    beat.begin();
  }

  @Override
  public boolean sharesProgram() {
    return false;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Ranks meet(Path run) throws IOException {
    if (ranks == null) {
      byte[] drawn = new byte[TOKEN_BYTES];
      new SecureRandom().nextBytes(drawn);
      String token = HexFormat.of().formatHex(drawn);
      ranks = C10dRanks.first(address, count, token);
      beat.say(RankWords.MEETS + new Meeting(address, ranks.port(), token));
      ranks.meet();
    }
    return ranks;
  }

  @Override
  public void close() {
    if (ranks != null) {
      ranks.close();
      ranks = null;
    }
  }
}
