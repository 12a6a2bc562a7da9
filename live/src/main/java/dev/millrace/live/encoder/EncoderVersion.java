package dev.millrace.live.encoder;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.millrace.refusal.Require;

/**
 * Where a kept encoder comes from: the record beside its file. Immutable.
 *
 * @param version its number, 1 and up; never given twice
 * @param run folder of the run that made it
 * @param chunk of that run, after which it stood, from 1
 * @param sha256 of its file, hex
 * @param kept when it was kept, ISO 8601 in UTC
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later build
public record EncoderVersion(int version, String run, int chunk, String sha256, String kept) {
  /** Refuses numbers that cannot be. */
  public EncoderVersion {
    Require.that(
        version >= 1 && chunk >= 1 && sha256 != null,
        "found version %d of chunk %d with checksum %s; expected a version of 1 or more, a chunk of 1 or more and a checksum"
            .formatted(version, chunk, sha256));
  }
}
