package dev.millrace.app.live;

import dev.millrace.live.IngestSettings;
import dev.millrace.live.LiveBuilder;
import dev.millrace.live.LiveFolder;
import dev.millrace.live.LiveSettings;
import dev.millrace.live.NearDuplicates;
import dev.millrace.live.Retention;
import dev.millrace.refusal.Choice;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How pictures are taken in; kept from the first start on. */
final class IntakeFlags {
  private static final String KEPT = "; kept from the first start on";

  @Option(
      names = "--close",
      paramLabel = "RULES",
      description =
          "when a chunk closes, by whichever rule holds first: count=N, time=6h, drift (default: count=1000,time=6h)"
              + KEPT)
  private String close;

  @Option(
      names = "--spool-pictures",
      paramLabel = "N",
      description = "how many pictures may wait for being learned (default: 100000)" + KEPT)
  private Long pictures;

  @Option(
      names = "--spool-bytes",
      paramLabel = "N",
      description = "how many bytes may wait (default: 10737418240)" + KEPT)
  private Long bytes;

  @Option(
      names = "--overflow",
      paramLabel = "block|sample",
      description =
          "beyond that: block lets sources wait, sample keeps a uniform sample in the open chunk (default: block)"
              + KEPT)
  private String overflow;

  @Option(
      names = "--horizon",
      paramLabel = "N",
      description =
          "how many pictures back equal bytes under another id are duplicates (default: 1000000)"
              + KEPT)
  private Long horizon;

  @Option(
      names = "--near",
      paramLabel = "count|drop|thin=SHARE|off",
      description =
          "what happens to pictures nearly equal to one of the last 2048 (default: count)" + KEPT)
  private String near;

  @Option(
      names = "--keep-bytes",
      paramLabel = "N",
      description =
          "bytes of learned chunks that are kept; beyond, the oldest chunks lose their files (default: 0, all are kept); kept, and may be given anew")
  private Long keepBytes;

  @Option(
      names = "--keep-for",
      paramLabel = "TIME",
      description =
          "how long learned chunks keep their files, such as 30d, from when they closed (default: for ever); kept, and may be given anew")
  private String keepFor;

  /** Hands on what was given, over what is kept. */
  void to(LiveBuilder builder, LiveFolder folder) throws IOException {
    if (keepBytes != null || keepFor != null) {
      Retention kept = folder.isLive() ? LiveSettings.read(folder).retention() : Retention.ALL;
      builder.retention(
          new Retention(
              keepBytes == null ? kept.bytes() : keepBytes,
              keepFor == null ? kept.age() : keepFor));
    }
    if (close != null) {
      builder.close(close);
    }
    if (pictures == null && bytes == null && overflow == null && horizon == null && near == null) {
      return;
    }
    IngestSettings kept =
        folder.isLive() ? LiveSettings.read(folder).ingest() : IngestSettings.standard();
    if (overflow != null) {
      Choice.check("--overflow", overflow, "block", "sample");
    }
    builder.ingest(
        new IngestSettings(
            pictures == null ? kept.spoolPictures() : pictures,
            bytes == null ? kept.spoolBytes() : bytes,
            overflow == null
                ? kept.overflow()
                : IngestSettings.Overflow.valueOf(overflow.toUpperCase(Locale.ROOT)),
            horizon == null ? kept.horizon() : horizon,
            near == null ? kept.near() : NearDuplicates.Rule.parse(near),
            kept.seed()));
  }
}
