package dev.millrace.live;

import dev.millrace.live.account.Account;
import dev.millrace.live.spool.Spool;
import java.io.IOException;
import java.time.InstantSource;

/** Carries out what persons asked to be forgotten. */
final class Forgetting {
  Forgetting(LiveFolder folder, Account account, Spool spool, InstantSource clock) {}

  void step() throws IOException {}
}
