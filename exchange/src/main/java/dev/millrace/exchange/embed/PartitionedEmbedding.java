package dev.millrace.exchange.embed;

import static dev.millrace.file.Json.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.engine.Device;
import dev.millrace.engine.NativeCall;
import dev.millrace.engine.Precision;
import dev.millrace.inference.Encoder;
import dev.millrace.launch.Launcher;
import dev.millrace.refusal.UsageException;
import dev.millrace.stream.source.Catalogue;
import dev.millrace.stream.source.Folders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The vectors of a set as a folder of Parquet files, a partition of the pictures each, made by this
 * process or by others at the same time. Who made a file, in which order and after how many kills
 * changes no byte of it, on machines and with thread counts of one kind; its vectors are those of
 * {@link Embedding}, to the bit. A partition that is done is not made again.
 */
public final class PartitionedEmbedding {
  /** Pictures per file where nothing else is said. */
  public static final int PARTITION = 16_384;

  /**
   * What to embed.
   *
   * @param encoder an encoder file
   * @param data known names, folders, archives, or {@code generated}
   * @param part {@code train}, {@code validation}, {@code test} or {@code all}
   * @param images pictures of each part at most; 0 for all
   * @param out a folder that is empty, not there, or unfinished
   * @param options how the encoder computes
   * @param maxBad share of the pictures that may fail to decode, in [0, 1]
   * @param folders what the folders of the sets mean
   * @param partition pictures per file, at least 1; rounded up to whole batches
   */
  public record Request(
      Path encoder,
      List<String> data,
      String part,
      int images,
      Path out,
      Encoder.Options options,
      double maxBad,
      Folders folders,
      int partition) {
    /** Refuses unknown parts, and numbers out of range. */
    public Request {
      data = List.copyOf(data);
      Embedding.requireSets(data);
      Embedding.requirePictures(part, images, maxBad);
      if (partition < 1) {
        throw UsageException.of("--partition", partition + " is below 1 picture");
      }
    }

    private ObjectNode json() {
      ObjectNode json = JSON.createObjectNode();
      json.put("encoder", encoder.toAbsolutePath().toString());
      ArrayNode sets = json.putArray("data");
      data.forEach(sets::add);
      json.put("part", part).put("images", images).put("size", options.size());
      json.put("precision", options.precision().name()).put("device", options.device().name());
      json.put("threads", options.threads()).put("max_bad", maxBad);
      json.put("folders", folders.word()).put("partition", partition);
      return json;
    }

    private static Request of(JsonNode json, Path out) {
      List<String> data = new ArrayList<>();
      json.path("data").forEach(set -> data.add(set.asText()));
      return new Request(
          Path.of(json.path("encoder").asText()),
          data,
          json.path("part").asText(),
          json.path("images").asInt(),
          out,
          new Encoder.Options(
              Precision.valueOf(json.path("precision").asText()),
              json.path("size").asInt(),
              new Device(json.path("device").asText()),
              json.path("threads").asInt()),
          json.path("max_bad").asDouble(),
          Folders.of(json.path("folders").asText()),
          json.path("partition").asInt());
    }
  }

  /** The sub-command of the process that makes one partition: folder, number. */
  public static final String COMMAND = "embed-partition";

  private PartitionedEmbedding() {}

  /** Where the pictures without a row are listed, if there are any. */
  public static Path quarantine(Path out) {
    return new PartitionFolder(out).quarantine();
  }

  /**
   * Refuses a folder before anything is done for it.
   *
   * @throws IllegalArgumentException if it is complete, or holds other files
   */
  public static void requireFree(Path out) throws IOException {
    new PartitionFolder(out).requireFree();
  }

  /** Where short-lived files of a launcher may lie. */
  public static Path scratch(Path out) {
    return new PartitionFolder(out).scratch();
  }

  /**
   * Embeds a set in this process, or continues it.
   *
   * @throws IllegalArgumentException if the folder is complete, of another embedding or holds other
   *     files, there are no pictures, or too many are bad
   * @throws IOException if a file cannot be read or written
   * @throws CancellationException if the listener asked to stop; an equal call continues
   */
  public static Embedding.Outcome embed(Request request, Embedding.Listener listener)
      throws IOException {
    return embed(request, Catalogue.standard(), null, 1, listener);
  }

  /**
   * Embeds a set by processes that a launcher starts, or continues it.
   *
   * @param launcher the caller closes it
   * @param side processes side by side, at least 1
   * @throws IllegalArgumentException as {@link #embed(Request, Embedding.Listener)}
   * @throws IOException as {@link #embed(Request, Embedding.Listener)}, or if a partition failed
   *     twice
   */
  public static Embedding.Outcome embed(
      Request request, Launcher launcher, int side, Embedding.Listener listener)
      throws IOException {
    return embed(request, Catalogue.standard(), launcher, side, listener);
  }

  private static Embedding.Outcome embed(
      Request request,
      Catalogue catalogue,
      Launcher launcher,
      int side,
      Embedding.Listener listener)
      throws IOException {
    requireFree(request.out());
    PartitionFolder folder = new PartitionFolder(request.out());
    return NativeCall.run(
        call -> {
          Embedding.Listener told = call.reporting(Embedding.Listener.class, listener);
          try (PartitionMaker maker = new PartitionMaker(request, catalogue);
              FileChannel lock = folder.lock()) {
            folder.requireFree(); // an equal call may have finished since
            maker.mend(folder.changed(maker.identity()));
            folder.begin(request.json(), maker.identity());
            Progress progress = new Progress(folder, maker, request.maxBad(), told);
            long began = System.nanoTime();
            if (launcher == null) {
              for (int part : progress.left()) {
                maker.make(part, told::stop);
                progress.made(part);
              }
            } else {
              List<Path> needs = new ArrayList<>(List.of(folder.about().toAbsolutePath()));
              for (String set : request.data()) {
                Path place = catalogue.located(set);
                if (place != null) {
                  needs.add(place);
                }
              }
              new PartitionProcesses(folder, needs, launcher, side, progress).go();
            }
            return progress.finish((System.nanoTime() - began) * 1e-9);
          }
        });
  }

  /**
   * Makes one partition of an embedding that another process began; nothing if it is done.
   *
   * @param stop asked often; true ends it with nothing written
   * @throws IllegalArgumentException if encoder or set are others than where it was begun
   * @throws IOException if a file cannot be read or written
   */
  public static void make(Path out, int part, BooleanSupplier stop) throws IOException {
    PartitionFolder folder = new PartitionFolder(out);
    Request request = Request.of(folder.request(), out);
    NativeCall.run(
        call -> {
          try (PartitionMaker maker = new PartitionMaker(request, Catalogue.standard())) {
            Map<String, String> begun = folder.identity();
            if (!maker.identity().equals(begun)) {
              throw UsageException.of(
                  "--data",
                  "here %s is of %s, where the embedding was begun of %s; every machine must see the same encoder and pictures"
                      .formatted(out, maker.identity(), begun));
            }
            if (!folder.done(part)) {
              maker.make(part, call.or(stop));
            }
            return null;
          }
        });
  }

  /** What is done by now; used by the calling thread alone. */
  static final class Progress {
    private final PartitionFolder folder;
    private final PartitionMaker maker;
    private final double maxBad;
    private final Embedding.Listener listener;
    private final List<Integer> left = new ArrayList<>();
    private int done;
    private long bad;
    private int computed;

    Progress(
        PartitionFolder folder, PartitionMaker maker, double maxBad, Embedding.Listener listener)
        throws IOException {
      this.folder = folder;
      this.maker = maker;
      this.maxBad = maxBad;
      this.listener = listener;
      for (int part = 0; part < maker.partitions().count(); part++) {
        if (folder.done(part)) {
          count(part);
        } else {
          left.add(part);
        }
      }
      tell();
    }

    /** Partitions that are to be made. */
    List<Integer> left() {
      return List.copyOf(left);
    }

    boolean stop() {
      return listener.stop();
    }

    /** A partition is done. */
    void made(int part) throws IOException {
      count(part);
      computed += maker.partitions().to(part) - maker.partitions().from(part);
      tell();
    }

    private void count(int part) throws IOException {
      PartitionRecord record = PartitionRecord.read(folder.record(part));
      done += maker.partitions().to(part) - maker.partitions().from(part);
      bad += record.bad().size();
    }

    private void tell() throws IOException {
      int all = maker.pictures().size();
      listener.embedded(done, all, bad);
      if (bad > Math.floor(maxBad * all)) {
        List<PartitionRecord> parts = records();
        folder.writeQuarantine(parts);
        throw new IllegalArgumentException(
            "%d of the first %d pictures of %s cannot be decoded, more than --max-bad %s allows of all %d: %s; those of the first are in %s: mend them or raise --max-bad, then give the same command again; or take them out of the set and remove %s"
                .formatted(
                    bad,
                    done,
                    maker.pictures().name(),
                    maxBad,
                    all,
                    first(parts),
                    folder.quarantine(),
                    folder.root()));
      }
    }

    /** Of the partitions that are done. */
    private List<PartitionRecord> records() throws IOException {
      List<PartitionRecord> records = new ArrayList<>();
      for (int part = 0; part < maker.partitions().count(); part++) {
        if (folder.done(part)) {
          records.add(PartitionRecord.read(folder.record(part)));
        }
      }
      return records;
    }

    /** The first few bad ones, for a person. */
    private static String first(List<PartitionRecord> parts) {
      return parts.stream()
          .flatMap(part -> part.bad().stream())
          .limit(Quarantine.NAMED)
          .map(bad -> "%s (%s)".formatted(bad.path(), bad.reason()))
          .collect(Collectors.joining(", "));
    }

    Embedding.Outcome finish(double seconds) throws IOException {
      List<PartitionRecord> parts = new ArrayList<>();
      for (int part = 0; part < maker.partitions().count(); part++) {
        parts.add(PartitionRecord.read(folder.record(part)));
      }
      long rows = parts.stream().mapToLong(PartitionRecord::rows).sum();
      listener.writing(rows);
      folder.finish(parts, maker.words(rows, bad));
      return new Embedding.Outcome(
          rows,
          maker.encoder().dim(),
          computed == 0 ? 0 : computed / seconds,
          folder.root(),
          bad,
          maker.encoder().sha256(),
          computed);
    }
  }
}
