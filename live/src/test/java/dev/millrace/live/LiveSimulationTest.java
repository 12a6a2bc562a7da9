package dev.millrace.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.live.account.Account;
import dev.millrace.live.account.ChunkRecord;
import dev.millrace.live.account.Counts;
import dev.millrace.live.account.Kept;
import dev.millrace.live.account.State;
import dev.millrace.live.source.Arrival;
import dev.millrace.live.source.Batch;
import dev.millrace.live.source.FedSource;
import dev.millrace.live.source.Source;
import dev.millrace.live.spool.ChunkNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Histories of a live run: pictures are offered with duplicates and out of order, time passes,
 * chunks close, are learned, judged and taken back, the disk is full for a while, and the process
 * dies after any event. {@code -Djqwik.tries.default=10000} tries that many histories.
 */
class LiveSimulationTest {
  private static final List<CloseRule> RULES = CloseRule.parse("count=5,time=60s", Map.of());
  private static final int EVENTS = 13;

  @Property
  void eachPictureIsInOneStateWhateverHappensWhen(
      @ForAll @Size(min = 5, max = 60) List<@IntRange(max = 13 * 64 - 1) Integer> history)
      throws IOException {
    try (Account account = Account.inMemory()) {
      History run = new History(account, IngestSettings.Overflow.BLOCK);
      for (int event : history) {
        run.happen(event % EVENTS, event / EVENTS);
        run.check();
      }
      run.settle();
      run.checkAllAccepted();
    }
  }

  @Property
  void aFullSpoolThatSamplesKeepsTheAccountWhole(
      @ForAll @Size(min = 5, max = 60) List<@IntRange(max = 13 * 64 - 1) Integer> history)
      throws IOException {
    try (Account account = Account.inMemory()) {
      History run = new History(account, IngestSettings.Overflow.SAMPLE);
      for (int event : history) {
        run.happen(event % EVENTS, event / EVENTS);
        run.check();
        assertThat(account.count(State.PENDING)).isLessThanOrEqualTo(History.BOUND);
      }
    }
  }

  /** One live run, over all its processes. */
  private static final class History {
    static final int BOUND = 12;

    private final Account account;
    private final MemorySpool spool = new MemorySpool();
    private final FedSource log = new FedSource("log");
    private final Drops drops = new Drops(spool);
    private final IngestSettings settings;
    private final List<Integer> offered = new ArrayList<>();
    private long now = 1;
    private final MemoryRun run = new MemoryRun(spool);
    private final Map<Long, Integer> toForget = new HashMap<>();
    private final Set<Integer> back = new HashSet<>();
    private boolean judged = true;
    private int closed;
    private Ingest ingest;

    History(Account account, IngestSettings.Overflow overflow) throws IOException {
      this.account = account;
      settings =
          new IngestSettings(BOUND, 1 << 20, overflow, 1000, NearDuplicates.Rule.parse("off"), 3);
      start();
    }

    private void start() throws IOException {
      ingest =
          new Ingest(
              account,
              spool,
              run,
              List.of(log, drops),
              RULES,
              settings,
              bytes -> new Look(id(bytes) % 11 == 7 ? "it is broken" : null, null),
              () -> Instant.ofEpochSecond(now),
              this::heard);
      ingest.begin();
      closed = account.chunks().closed().size();
      setAside();
    }

    /** Whoever learns hears of each chunk that closes, unless the process is gone. */
    private void heard(LiveEvent event) {
      if (event instanceof LiveEvent.ChunkClosed chunk) {
        closed = chunk.chunk();
      }
    }

    private void setAside() throws IOException {
      for (int chunk : back) {
        account.chunks().setAside(chunk);
      }
    }

    void happen(int event, int with) throws IOException {
      try {
        switch (event) {
          case 0, 1 -> offer(with);
          case 2 -> drops.drop("f" + with, content(100 + with));
          case 3 -> ingest.step();
          case 4 -> {
            spool.crashIn = with % 16;
            ingest.step();
            throw new MemorySpool.Crash();
          }
          case 5 -> now += with;
          case 6 -> learnNext();
          case 7 -> {
            judged = true;
            account.chunks().learned(run.learned);
          }
          case 8 -> end();
          case 11 -> takeBack(with);
          case 12 -> fillDisk(with);
          case 9 -> forget(with);
          default -> {
            spool.crashIn = with / 2 % 8;
            // Where the chunk was begun by a process that is gone, this one learns nothing now.
            ingest.forget(run.begun > run.learned && with % 2 == 0 ? run.begun : 0);
            throw new MemorySpool.Crash();
          }
        }
      } catch (MemorySpool.Crash e) {
        spool.crashIn = -1;
        spool.lose(with);
        start();
      }
    }

    /** Begins to learn the next chunk that has enough pictures, unless one is being learned. */
    private void learnNext() throws IOException {
      if (run.begun > run.learned) {
        return;
      }
      for (ChunkRecord chunk : account.chunks().closed()) {
        if (chunk.number() > run.learned
            && !back.contains(chunk.number())
            && !chunk.isPassedOver()) {
          run.begin(chunk.number());
          return;
        }
      }
    }

    /** The disk is full for a while: what is polled then is kept, or the process ends. */
    private void fillDisk(int with) throws IOException {
      spool.fullIn = with % 8;
      try {
        ingest.step();
      } catch (IOException e) {
        assertThat(FullDisk.is(e, Long.MAX_VALUE)).isTrue();
      } finally {
        spool.fullIn = -1;
      }
      if (with % 3 == 0) {
        throw new MemorySpool.Crash();
      }
    }

    private void end() {
      judged &= run.begun == run.learned;
      run.end();
    }

    /** The last encoder is worse; the process may be gone before the account knows it. */
    private void takeBack(int with) throws IOException {
      if (judged || run.begun > run.learned) {
        return;
      }
      judged = true;
      back.add(run.learned);
      run.goBack();
      if (with % 3 == 0) {
        throw new MemorySpool.Crash();
      }
      setAside();
    }

    /** A person asks, from another process. */
    private void forget(int with) throws IOException {
      if (!offered.isEmpty()) {
        int id = offered.get(with % offered.size());
        List<Kept> found = new ArrayList<>(account.named("log", "p" + id));
        found.addAll(account.named("log", "other" + id));
        found.removeIf(one -> one.state() == State.QUARANTINED);
        account.forgotten().ask(found.stream().map(Kept::number).toList(), now);
        found.forEach(one -> toForget.put(one.number(), id));
      }
    }

    /** Some are offered again, as a producer does that got no answer; some under another name. */
    private void offer(int with) {
      int id = with % 3 == 0 && !offered.isEmpty() ? offered.get(with % offered.size()) : with;
      offered.add(id);
      log.feed(Arrival.of(with % 5 == 0 ? "other" + id : "p" + id, content(id)));
    }

    /** Nothing more goes wrong. */
    void settle() throws IOException {
      boolean any = true;
      while (any || !ingest.drained()) {
        any = ingest.step();
        run.end();
        boolean more = true;
        while (more) {
          more = ingest.forget(0);
        }
        for (learnNext(); run.begun > run.learned; learnNext()) {
          run.end();
        }
        account.chunks().learned(account.chunks().closed().size());
      }
      assertThat(account.forgotten().waiting()).as("nothing is left to be forgotten").isEmpty();
      assertThat(account.count(State.FORGOTTEN)).isEqualTo(toForget.size());
      assertThat(ingest.drained()).isTrue();
      check();
    }

    void check() throws IOException {
      Counts counts = account.counts();
      String place = account.place("log");
      long read = place == null ? 0 : Long.parseLong(place);
      assertThat(counts.chunksClosed()).as("heard of").isLessThanOrEqualTo(closed);
      assertThat(counts.offered()).as("offered").isEqualTo(read + drops.committed(account));
      for (State state :
          List.of(
              State.PENDING, State.LEARNED, State.QUARANTINED, State.FORGOTTEN, State.SET_ASIDE)) {
        assertThat(account.rows(state)).as(state.word()).isEqualTo(counts.of(state));
      }
      List<Kept> open = account.pending();
      assertThat(account.chunks().open().pictures()).isEqualTo(open.size());
      Set<Integer> all = new HashSet<>();
      for (Kept one : open) {
        byte[] bytes = spool.read(one.place().at(), one.place().length());
        assertThat(spool.durable(one.place().at(), one.place().length())).isTrue();
        if (toForget.containsKey(one.number()) && id(bytes) == 0) {
          continue; // erased, and not yet noted
        }
        assertThat(all.add(id(bytes))).as("accepted twice").isTrue();
      }
      long inChunks = 0;
      for (ChunkRecord chunk : account.chunks().closed()) {
        Map<String, byte[]> file = spool.chunks.getOrDefault(chunk.number(), Map.of());
        if (chunk.phase() == ChunkRecord.Phase.CLOSED) {
          assertThat(file.size()).isLessThanOrEqualTo((int) chunk.pictures());
        }
        assertThat(chunk.rule()).isNotNull();
        inChunks += file.size();
        file.values().forEach(bytes -> assertThat(all.add(id(bytes))).as("in two chunks").isTrue());
      }
      // Between the two, what is forgotten has gone and is not yet noted.
      long known = counts.of(State.PENDING) + counts.of(State.LEARNED) + counts.of(State.SET_ASIDE);
      assertThat(inChunks + open.size())
          .isBetween(known - account.forgotten().waiting().size(), known);
      checkForgotten();
      checkSetAside(counts);
    }

    /** No picture of a chunk that was taken back is replayed, and no other is set aside. */
    private void checkSetAside(Counts counts) throws IOException {
      Set<Integer> aside = new HashSet<>();
      for (ChunkRecord chunk : account.chunks().closed()) {
        if (chunk.phase() == ChunkRecord.Phase.SET_ASIDE) {
          aside.add(chunk.number());
        }
      }
      assertThat(aside).isEqualTo(back).hasSize(counts.chunksSetAside());
      for (int chunk : back) {
        Set<String> names = spool.chunks.getOrDefault(chunk, Map.of()).keySet();
        assertThat(names).as("taken back").noneMatch(run.memory::contains);
      }
    }

    /** What the account calls forgotten is nowhere; what was asked for is gone or still noted. */
    private void checkForgotten() throws IOException {
      Map<Long, Integer> gone = new HashMap<>(toForget);
      account.forgotten().waiting().forEach(one -> gone.remove(one.number()));
      assertThat(account.count(State.FORGOTTEN)).isEqualTo(gone.size());
      for (int at = 0; at < spool.length(); at += Integer.BYTES) {
        int there = id(spool.read(at, Integer.BYTES));
        assertThat(there == 0 || !gone.containsValue(there)).as("in the spool").isTrue();
      }
      Set<String> names = new HashSet<>(run.memory);
      spool.chunks.values().forEach(file -> names.addAll(file.keySet()));
      for (String name : names) {
        assertThat(gone).as(name).doesNotContainKey(ChunkNames.number(name));
      }
    }

    void checkAllAccepted() throws IOException {
      Set<Integer> wanted = new HashSet<>(offered);
      wanted.addAll(drops.everDropped);
      wanted.removeIf(id -> id % 11 == 7);
      Counts counts = account.counts();
      assertThat(
              counts.of(State.PENDING)
                  + counts.of(State.LEARNED)
                  + counts.of(State.FORGOTTEN)
                  + counts.of(State.SET_ASIDE))
          .isEqualTo(wanted.size());
      assertThat(counts.of(State.SAMPLED_OUT)).isZero();
      assertThat(drops.files).isEmpty();
    }

    static byte[] content(int id) {
      return ByteBuffer.allocate(4).putInt(id).array();
    }

    static int id(byte[] bytes) {
      return ByteBuffer.wrap(bytes).getInt();
    }
  }

  /** A folder whose files are deleted when they are taken; its disk outlives each process. */
  private static final class Drops implements Source {
    final Map<String, byte[]> files = new TreeMap<>();
    final Set<Integer> everDropped = new HashSet<>();
    private final MemorySpool disk;
    private final List<String> released = new ArrayList<>();
    private final Map<String, Long> stamps = new HashMap<>();
    private long drops;
    private long taken;
    private Memory memory;

    Drops(MemorySpool disk) {
      this.disk = disk;
    }

    void drop(String key, byte[] bytes) throws IOException {
      // A name is free again once its file is gone; before, nobody writes over it.
      if (files.putIfAbsent(key, bytes) == null) {
        everDropped.add(History.id(bytes));
        stamps.put(key, drops++);
      }
    }

    /** All that was ever dropped, but what is there and not in the account yet. */
    long committed(Account account) throws IOException {
      long open = 0;
      for (String key : files.keySet()) {
        open += stamp(key).equals(account.stamp(name(), key)) ? 0 : 1;
      }
      taken = drops - open;
      return taken;
    }

    private String stamp(String key) {
      return Long.toString(stamps.get(key));
    }

    @Override
    public String name() {
      return "drops";
    }

    @Override
    public void open(Memory remembered) {
      memory = remembered;
      released.clear();
    }

    @Override
    public Batch poll(int most) throws IOException {
      List<Arrival> arrivals = new ArrayList<>();
      Map<String, String> seen = new HashMap<>();
      for (String key : List.copyOf(files.keySet())) {
        if (stamp(key).equals(memory.stamp(key))) {
          files.remove(key);
          released.add(key);
        } else if (arrivals.size() < most) {
          arrivals.add(Arrival.of(key, files.get(key)));
          seen.put(key, stamp(key));
        }
      }
      List<String> free = List.copyOf(released);
      released.clear();
      return new Batch(arrivals, arrivals.isEmpty() && free.isEmpty() ? null : "", seen, free);
    }

    @Override
    public void committed(Batch batch, List<State> states) {
      for (Arrival arrival : batch.arrivals()) {
        disk.call();
        files.remove(arrival.key());
        released.add(arrival.key());
      }
      disk.call();
    }

    @Override
    public boolean drained() {
      return files.isEmpty();
    }

    @Override
    public void close() {
      // The disk stays.
    }
  }
}
