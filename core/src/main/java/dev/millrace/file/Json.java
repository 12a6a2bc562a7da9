package dev.millrace.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * How JSON is read and written, the same in every file: checksums and identities are of its bytes.
 * Every mapper is safe for any thread, and nobody changes one.
 */
public final class Json {
  /** As it stands: an unknown or missing field is the reader's matter. */
  public static final ObjectMapper JSON = new ObjectMapper();

  /** Of files that a newer version may tell more in: fields that are unknown are passed over. */
  public static final ObjectMapper PATIENT =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Like {@link #PATIENT}, with names such as {@code learning_rate}. */
  public static final ObjectMapper SNAKE_CASE =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** For values that a person gives: no null for a number, no 1.5 for a count, one for a list. */
  public static final ObjectMapper VALUES =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          .build();

  /** For a line or a file that is one value: what stands behind it is refused, not passed over. */
  public static final ObjectMapper ONE_VALUE =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** For headers of strangers' files: a field that stands twice is refused. */
  public static final ObjectMapper UNIQUE_FIELDS =
      new ObjectMapper(
          JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  /** For bodies whose length is bounded already: a text in them may be as long as the body. */
  public static final ObjectMapper LONG_TEXTS =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
              .build());

  /** For many numbers: as short as they can be told apart. */
  public static final ObjectMapper NUMBERS =
      JsonMapper.builder()
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /** For files that are read token by token, in which NaN may stand as Python writes it. */
  public static final JsonFactory TOKENS =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private Json() {}
}
