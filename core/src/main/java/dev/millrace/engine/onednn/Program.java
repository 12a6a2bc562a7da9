package dev.millrace.engine.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * A fixed sequence of oneDNN primitives, made once for a shape and run many times. What passes
 * between its steps lies in one arena, in which places share memory when their lifetimes do not
 * meet; everything else lies in regions that the caller binds to addresses before a run. Not
 * thread-safe; close it to free the primitives.
 */
public final class Program implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  /** Memory of the caller's. */
  public static final class Region {
    private final List<Place> places = new ArrayList<>();
    private long base;

    private Region() {}
  }

  /** Where a tensor lies, and how. */
  public static final class Place {
    private final memory.desc desc;
    private final memory handle;
    private long offset;
    private int first = Integer.MAX_VALUE;
    private int last = -1;

    private Place(memory.desc desc) {
      this.desc = desc;
      this.handle = new memory(desc, OneDnn.cpu(), (Pointer) null);
    }

    /** Shape, type and layout. */
    public memory.desc desc() {
      return desc;
    }
  }

  private record Step(primitive what, IntMemoryMap arguments) {}

  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  /** Collects the steps; what it makes is the program's. */
  public static final class Builder implements AutoCloseable {
    private final PointerScope scope = new PointerScope().extend();
    private final List<Step> steps = new ArrayList<>();
    private final Region arena = new Region();
    private boolean built;

    /** Starts a program; until it is built, native memory made on this thread is the program's. */
    public Builder() {}

    /** A region to bind before each run. */
    public Region region() {
      return new Region();
    }

    /** A tensor between steps. */
    public Place place(memory.desc desc) {
      Place place = new Place(desc);
      arena.places.add(place);
      return place;
    }

    /**
     * A tensor in a region.
     *
     * @param offset in bytes
     */
    public Place place(Region region, long offset, memory.desc desc) {
      Place place = new Place(desc);
      place.offset = offset;
      region.places.add(place);
      return place;
    }

    /**
     * Adds a step.
     *
     * @param arguments places by oneDNN's {@code DNNL_ARG_…}, as many as the primitive expects
     */
    public void step(primitive what, Map<Integer, Place> arguments) {
      IntMemoryMap map = new IntMemoryMap();
      arguments.forEach(
          (argument, place) -> {
            map.put(argument, place.handle);
            place.first = Math.min(place.first, steps.size());
            place.last = steps.size();
          });
      steps.add(new Step(what, map));
    }

    /** Steps so far. */
    public int size() {
      return steps.size();
    }

    /** The program; this builder is used up. */
    public Program build() {
      built = true;
      return new Program(scope, steps, arena);
    }

    /** Leaves the native memory to the program, or frees it when none was built. */
    @Override
    public void close() {
      scope.close();
      if (!built) {
        scope.close();
      }
    }
  }

  private final PointerScope scope;
  private final List<Step> steps;
  private final Region arena;
  private final long arenaSize;

  private Program(PointerScope scope, List<Step> steps, Region arena) {
    this.scope = scope;
    this.steps = steps;
    this.arena = arena;
    this.arenaSize = plan(arena.places, steps.size());
  }

  /** Gives each place the lowest room that is free for as long as it lives. */
  private static long plan(List<Place> places, int steps) {
    Map<Integer, List<Place>> starting = new HashMap<>();
    for (Place place : places) {
      if (place.last >= 0) {
        starting.computeIfAbsent(place.first, step -> new ArrayList<>()).add(place);
      }
    }
    List<Place> living = new ArrayList<>(); // by offset
    long size = 0;
    for (int step = 0; step < steps; step++) {
      int now = step;
      living.removeIf(place -> place.last < now);
      for (Place place : starting.getOrDefault(step, List.of())) {
        long at = 0;
        int index = 0;
        while (index < living.size() && living.get(index).offset - at < room(place)) {
          at = living.get(index).offset + room(living.get(index));
          index++;
        }
        place.offset = at;
        living.add(index, place);
        size = Math.max(size, at + room(place));
      }
    }
    return size;
  }

  private static long room(Place place) {
    return (place.desc.get_size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Bytes that the arena needs. */
  public long arenaSize() {
    return arenaSize;
  }

  /** Says where the arena lies, aligned to 64 bytes; what a part of a run left there is kept. */
  public void bindArena(Pointer memory) {
    bind(arena, memory);
  }

  /** Says where a region lies until it is bound again. */
  public void bind(Region region, Pointer memory) {
    long base = memory.address();
    if (base != region.base) {
      region.base = base;
      for (Place place : region.places) {
        place.handle.set_data_handle(new Address(base + place.offset));
      }
    }
  }

  /** Runs some of the steps; every region they touch is bound. */
  public void run(int from, int to) {
    for (int i = from; i < to; i++) {
      Step step = steps.get(i);
      step.what().execute(OneDnn.queue(), step.arguments());
    }
    OneDnn.queue()._wait();
  }

  @Override
  public void close() {
    scope.close();
  }
}
