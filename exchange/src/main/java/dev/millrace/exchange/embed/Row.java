package dev.millrace.exchange.embed;

/**
 * One picture's vector.
 *
 * @param id the picture's place among those asked for, from 0 on; places of bad pictures stay empty
 * @param path the picture's name in its set, {@link dev.millrace.stream.Image#id()}
 * @param part the part of the set it is of: {@code train}, {@code validation} or {@code test}
 * @param label its class's name; null if it has none
 * @param vector {@code [D] float32}; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // a row is its vector; compared by nobody
public record Row(long id, String path, String part, String label, float[] vector) {}
