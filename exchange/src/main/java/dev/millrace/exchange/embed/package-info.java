/**
 * Vectors of a whole set as a file: {@link dev.millrace.exchange.embed.Embedding} streams pictures
 * through an encoder into a journal that survives any kill, and a {@link
 * dev.millrace.exchange.embed.VectorWriter} makes the file of it, one class a format. Depends on
 * {@code core}, on the names of a set in {@code exchange} and on Parquet's own metadata structures;
 * knows no command and no other package of {@code exchange}.
 */
package dev.millrace.exchange.embed;
