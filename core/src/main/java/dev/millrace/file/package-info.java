/**
 * Files that can be trusted: complete or absent, locked, known by their checksum, and failures put
 * in words; how JSON and YAML are read and written ({@link dev.millrace.file.Json}, {@link
 * dev.millrace.file.Yaml}). Knows nothing of streams, tensors or runs; depends only on the JDK and
 * Jackson.
 */
package dev.millrace.file;
