package dev.millrace.serve;

import static dev.millrace.file.Json.LONG_TEXTS;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.file.HeldBytes;
import dev.millrace.file.Reason;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Reads the encoded pictures of requests: one as the body, or many as JSON or as a form's files.
 * What all requests of the moment have sent is bounded together, so that slow ones, which hold
 * little, keep nobody out. Thread-safe.
 */
final class GivenPictures {
  private final ServeSettings limits;

  private final HeldBytes held;

  /**
   * @param limits of a request; as many of the largest as may compute together are held
   */
  GivenPictures(ServeSettings limits) {
    this.limits = limits;
    held = new HeldBytes(limits.together() * limits.maxBody(), limits.maxBody());
  }

  /** What cannot be answered, and why. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final int status;

    Refused(int status, String words) {
      super(words);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /** The pictures of one request; closing it makes room for others. Used by one thread. */
  final class Given implements AutoCloseable {
    private List<byte[]> pictures = List.of();
    private final HeldBytes.Held room = held.hold();

    /** At least one, each with at least one byte. */
    List<byte[]> pictures() {
      return pictures;
    }

    private byte[] read(InputStream in) throws Refused, IOException {
      try {
        return room.read(in, -1, limits.maxBody());
      } catch (HeldBytes.TooLargeException e) {
        throw tooLarge();
      } catch (HeldBytes.NoRoomException e) {
        throw new Refused(429, Reason.of(e) + "; wait a moment");
      }
    }

    @Override
    public void close() {
      room.close();
    }
  }

  /**
   * Reads those of a request.
   *
   * @return the caller's to close
   * @throws Refused if there is none, or too many or too large ones
   */
  Given of(Context request) throws Refused, IOException {
    if (request.req().getContentLengthLong() > limits.maxBody()) {
      throw tooLarge();
    }
    Given given = new Given();
    try {
      given.pictures = read(request, given);
      return given;
    } catch (Refused | IOException | RuntimeException e) {
      given.close();
      throw e;
    }
  }

  private List<byte[]> read(Context request, Given given) throws Refused, IOException {
    String type = String.valueOf(request.contentType()).toLowerCase(Locale.ROOT);
    List<byte[]> pictures;
    if (type.startsWith("multipart/form-data")) {
      pictures = new ArrayList<>();
      for (UploadedFile file : request.uploadedFiles()) {
        try (InputStream in = file.content()) {
          pictures.add(given.read(in));
        }
      }
    } else {
      byte[] body = given.read(request.req().getInputStream());
      pictures = type.startsWith("application/json") ? decoded(body) : List.of(body);
    }
    if (pictures.isEmpty() || pictures.stream().anyMatch(one -> one.length == 0)) {
      throw new Refused(
          400,
          "found no picture; expected one as the body, files of a form, or {\"pictures\": [BASE64, …]}");
    }
    if (pictures.size() > limits.maxPictures()) {
      throw new Refused(
          413,
          "found %d pictures, expected at most %d: send several requests"
              .formatted(pictures.size(), limits.maxPictures()));
    }
    return pictures;
  }

  private Refused tooLarge() {
    return new Refused(
        413,
        "the request is above %d bytes; send fewer or smaller pictures"
            .formatted(limits.maxBody()));
  }

  private List<byte[]> decoded(byte[] body) throws Refused, IOException {
    List<byte[]> pictures = new ArrayList<>();
    try {
      JsonNode list = LONG_TEXTS.readTree(body).path("pictures");
      for (JsonNode one : list) {
        pictures.add(Base64.getDecoder().decode(one.asText()));
      }
    } catch (JacksonException e) {
      throw new Refused(400, "the body is no JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException e) {
      throw new Refused(
          400, "picture %d is no base64: %s".formatted(pictures.size(), e.getMessage()));
    }
    return pictures;
  }
}
