package dev.millrace.live;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.Kept;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.Source;
import dev.millrace.live.source.Wait;
import dev.millrace.live.spool.ChunkNames;
import dev.millrace.live.spool.Spool;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes pictures in, step by step: whoever calls {@link #step} decides when. A batch counts from
 * the transaction on that accepts it, after its bytes are on disk; what a crash leaves beyond is
 * cut off by {@link #begin}. Starts no thread and asks no clock but the one it is handed. A failure
 * of a source is its own; a failure of the account or the spool is thrown, and the next {@link
 * #step} begins where the account stands: a batch that was not accepted comes again. Not
 * thread-safe.
 */
final class Ingest {
  private static final int MOST = 256;

  /** The rule by which a chunk closes that has no room for what a slow source has brought. */
  static final String LATE = "late";

  /** For so long others may fill the chunk before. */
  private static final long LATE_SECONDS = 2;

  private final Account account;
  private final Spool spool;
  private final List<Port> ports;
  private final List<CloseRule> rules;
  private final IngestSettings settings;
  private final Intake intake;
  private final Forgetting forgetting;
  private final InstantSource clock;
  private final LiveEvent.Listener listener;

  /** The rule by which the open chunk is to close as soon as another one has room; else null. */
  private String due;

  /** When the open chunk grew last beyond all that it has been. */
  private Instant grew = Instant.MIN;

  /** The most pictures that the open chunk has had: in a sample they give way to each other. */
  private long largest;

  private List<Integer> passed = List.of();

  /** Whether a step failed in the middle. */
  private boolean torn;

  /** The account, spool and sources are closed by whoever made them. */
  Ingest(
      Account account,
      Spool spool,
      LearnedRun run,
      List<Source> sources,
      List<CloseRule> rules,
      IngestSettings settings,
      Look.Out looks,
      InstantSource clock,
      LiveEvent.Listener listener)
      throws IOException {
    this.account = account;
    this.spool = spool;
    List<Port> all = new ArrayList<>();
    for (Source source : sources) {
      all.add(new Port(source, account, clock, listener));
    }
    this.ports = List.copyOf(all);
    this.rules = List.copyOf(rules);
    this.rules.forEach(rule -> rule.numbers(account::number));
    this.settings = settings;
    this.intake = new Intake(account, spool, settings, looks);
    this.forgetting = new Forgetting(account, spool, run, clock);
    this.clock = clock;
    this.listener = listener;
  }

  /** Brings the spool to what the account says; called once, before the first step. */
  void begin() throws IOException {
    spool.cut(account.spooled());
    forgetting.open(); // before its chunk gets a file
    finishClosing();
    intake.begin();
    due = account.chunks().open().rule(); // one that waited for room still does
    largest = account.chunks().open().pictures();
    passed = forgetting.passed();
    for (ChunkRecord chunk : account.chunks().closed()) {
      if (chunk.phase().compareTo(ChunkRecord.Phase.LEARNED) >= 0 && chunk.bytes() == 0) {
        spool.letGo(chunk.number()); // a kill may have come before its file went
      }
    }
  }

  /**
   * Deletes the files of learned chunks that are not kept any longer.
   *
   * @param busy the chunk that this process has learned now; 0 for none
   * @return whether some go when that chunk is learned
   */
  boolean letGo(Retention retention, int busy) throws IOException {
    List<ChunkRecord> old = retention.due(account.chunks().closed(), clock.instant());
    if (busy > 0) {
      return !old.isEmpty(); // the judge may be reading one
    }
    for (ChunkRecord chunk : old) {
      account.chunks().letGo(chunk.number());
      spool.letGo(chunk.number());
      listener.on(new LiveEvent.ChunkLetGo(chunk.number()));
    }
    return false;
  }

  /**
   * Forgets what was asked for, as far as it can be done now, but of one closed chunk a call;
   * called between steps, after a failed one behind {@link #takeBack}.
   *
   * @param busy the chunk that this process has learned now; 0 for none
   * @return whether more can be forgotten by the next call, or when that chunk is learned
   */
  boolean forget(int busy) throws IOException {
    if (!forgetting.waits()) {
      return false;
    }
    // What a chunk that closes loses is taken from it when it is closed, and may be passed over.
    boolean closes = account.chunks().open().phase() != ChunkRecord.Phase.OPEN;
    int open = closes ? 0 : forgetting.open();
    if (open > 0) {
      intake.begin(); // what it samples is less by these
      largest = account.chunks().open().pictures();
      if (due != null) { // which may not hold any longer
        account.chunks().due(null);
        due = null;
      }
    }
    int gone = open + forgetting.closed(busy);
    if (gone > 0) {
      passed = forgetting.passed();
      listener.on(new LiveEvent.Forgotten(gone));
    }
    return forgetsOn() || busy > 0 && forgetting.waits();
  }

  /** Whether forgetting has begun and not ended, so that no chunk's turn may begin. */
  boolean forgetsOn() {
    return forgetting.hasMore() || forgetting.isHalfDone();
  }

  /** Whether the next call of {@link #forget} can forget more at once. */
  boolean forgetsNow() {
    return forgetting.hasMore();
  }

  /** The closed chunks that have too few pictures left to be learned, and are passed over. */
  List<Integer> passed() {
    return passed;
  }

  /** Asks each source once, and closes the chunk where a rule says so; false if nothing came. */
  boolean step() throws IOException {
    if (torn) {
      takeBack();
      finishClosing();
      due = account.chunks().open().rule();
    }
    torn = true;
    closeIfDue(); // by time, and after a kill, before anything is added
    boolean any = false;
    for (Port port : heldFirst()) {
      any |= asked(port);
      closeIfDue();
    }
    if (!any && crowded()) {
      due = LATE;
      closeIfDue();
    }
    torn = false;
    return any;
  }

  /** What a failed step has written and the account did not accept goes; else nothing happens. */
  void takeBack() throws IOException {
    if (torn) {
      intake.failed();
      spool.cut(account.spooled());
    }
  }

  /** What was polled when there was room for it, before anything else takes that. */
  private List<Port> heldFirst() {
    List<Port> all = new ArrayList<>(ports.stream().filter(port -> port.held() != null).toList());
    ports.stream().filter(port -> port.held() == null).forEach(all::add);
    return all;
  }

  /** Nothing can be put on disk: whoever waits at a source is given the reason. */
  void noSpace(String why) {
    ports.forEach(port -> port.noSpace(why));
  }

  private boolean asked(Port port) throws IOException {
    Batch batch = port.held();
    if (batch == null) {
      batch = port.ready() ? port.poll(room()) : Batch.none();
    }
    if (batch.isEmpty()) {
      return false;
    }
    port.hold(batch);
    if (port.late() != null && !fits(batch)) {
      if (room() == 0) {
        port.full(); // whoever came after it is not to wait with it
      }
      return false; // others may fill the chunk, and it is the first of the next
    }
    port.inTime();
    long now = clock.instant().toEpochMilli();
    List<State> states = intake.accept(port.name(), batch, now, due != null);
    port.accepted(batch, states);
    long pictures = account.chunks().open().pictures();
    if (pictures > largest) {
      largest = pictures;
      grew = clock.instant();
    }
    Map<State, Integer> counts = new EnumMap<>(State.class);
    states.forEach(state -> counts.merge(state, 1, Integer::sum));
    listener.on(new LiveEvent.Accepted(port.name(), counts));
    return !batch.arrivals().isEmpty();
  }

  /** How many pictures may be asked for. */
  private int room() throws IOException {
    if (due != null) {
      return MOST; // it grows no more
    }
    ChunkRecord open = account.chunks().open();
    return (int) Math.min(chunkRoom(open), spoolRoom(open));
  }

  /** How many the open chunk may take before a rule is asked again. */
  private long chunkRoom(ChunkRecord open) {
    long most = MOST;
    for (CloseRule rule : rules) {
      most = Math.min(most, rule.room(open));
    }
    return most;
  }

  private long spoolRoom(ChunkRecord open) throws IOException {
    if (settings.overflow() == IngestSettings.Overflow.SAMPLE) {
      return intake.untilItFills(open.pictures());
    }
    return intake.full() ? 0 : settings.spoolPictures() - account.count(State.PENDING);
  }

  /** Whether there is room for what came late. */
  private boolean fits(Batch batch) throws IOException {
    int pictures = batch.arrivals().size();
    ChunkRecord open = account.chunks().open();
    // A chunk of one picture cannot close for it, and becomes one picture larger; so does the
    // spool, where that one is all that waits and nothing would ever make room.
    boolean alone = open.pictures() == account.count(State.PENDING);
    boolean grows = open.pictures() < CloseRule.LEAST && (alone || pictures <= spoolRoom(open));
    return pictures <= room() || grows;
  }

  /** Whether the chunk is to close for what came late: nothing else comes that would fill it. */
  private boolean crowded() throws IOException {
    ChunkRecord open = account.chunks().open();
    Instant now = clock.instant();
    if (due != null
        || open.pictures() < CloseRule.LEAST
        || !Wait.ofSeconds(grew, LATE_SECONDS).isOver(now)) {
      return false;
    }
    boolean alone = open.pictures() == account.count(State.PENDING);
    return ports.stream()
        .filter(port -> port.held() != null && port.late() != null)
        .filter(port -> Wait.ofSeconds(port.late(), LATE_SECONDS).isOver(now))
        .anyMatch(port -> alone || port.held().arrivals().size() > chunkRoom(open));
  }

  private void closeIfDue() throws IOException {
    ChunkRecord open = account.chunks().open();
    if (open.pictures() < CloseRule.LEAST) {
      return;
    }
    for (CloseRule one : rules) {
      // Each is asked, also after one has answered: some have to see every picture.
      String now = one.due(open, clock.instant());
      due = due == null ? now : due;
      one.faults().forEach(words -> listener.on(new LiveEvent.RuleFailed(words)));
    }
    boolean alone = open.pictures() == account.count(State.PENDING);
    if (due == null && alone && intake.fills()) {
      due = "full"; // nothing else waits, so nothing would ever make room
    }
    if (due == null) {
      return;
    }
    if (!alone && !intake.roomForAnother(open.pictures())) {
      if (!due.equals(open.rule())) {
        account.chunks().due(due);
      }
      return;
    }
    account.chunks().closing(due, clock.instant().toEpochMilli());
    finishClosing();
    due = null;
    intake.begin();
  }

  /** Writes the chunk that is closing, if there is one; does no harm when done twice. */
  private void finishClosing() throws IOException {
    ChunkRecord closing = account.chunks().open();
    if (closing.phase() != ChunkRecord.Phase.CLOSING) {
      return;
    }
    List<Kept> pictures = account.pending();
    boolean folders = ChunkNames.foldered(pictures.stream().map(Kept::label).toList());
    List<Spool.Part> parts = new ArrayList<>();
    long bytes = 0;
    for (Kept one : pictures) {
      long at = one.place().at();
      int length = one.place().length();
      byte[] head = spool.read(at, Math.min(length, ChunkNames.HEAD));
      String name = ChunkNames.of(one.number(), one.key(), folders ? one.label() : null, head);
      parts.add(new Spool.Part(name, at, length));
      bytes += length;
    }
    if (!parts.isEmpty()) {
      spool.close(closing.number(), parts);
    }
    account.chunks().closed(closing.number(), bytes);
    spool.cut(0);
    largest = 0;
    listener.on(
        new LiveEvent.ChunkClosed(closing.number(), closing.rule(), (int) closing.pictures()));
  }

  /** Whether every source that can still be read has nothing left now. */
  boolean drained() {
    return ports.stream().allMatch(Port::drained);
  }
}
