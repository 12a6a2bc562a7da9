package dev.millrace.exchange.search;

/**
 * A picture of the set that is near to a query.
 *
 * @param place in the set, from 0 on
 * @param path the picture's name within the set, {@link dev.millrace.stream.Image#id()}
 * @param part of the set: {@code train}, {@code validation} or {@code test}
 * @param label name of its class; null if it has none
 * @param cosine of its vector and the query's, in [−1, 1]
 */
public record Hit(int place, String path, String part, String label, double cosine) {}
