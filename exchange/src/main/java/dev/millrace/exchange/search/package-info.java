/**
 * Nearest pictures by cosine: {@link dev.millrace.exchange.search.PictureSearch} makes a kept index
 * of a set's vectors, a Lucene index with an HNSW graph, and asks it. An index knows which encoder
 * and which set it is of and serves no other. Depends on {@code core}, on the names of a set in
 * {@code exchange} and on lucene-core; knows no command and no other package of {@code exchange}.
 */
package dev.millrace.exchange.search;
