/**
 * What a stream of pictures is made of: an {@link dev.millrace.stream.Image}, a random-access
 * {@link dev.millrace.stream.ImageSet}, a {@link dev.millrace.stream.Chunk} of one, and the {@link
 * dev.millrace.stream.ImageStream} of chunks. Pictures are encoded bytes here; nothing decodes
 * them. How a set becomes chunks lives in {@code order}, where sets come from in {@code source},
 * what replay keeps in {@code memory}. Depends on the JDK, {@code draw}, {@code file} (for
 * checksums) and {@code refusal}.
 */
package dev.millrace.stream;
