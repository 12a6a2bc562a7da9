/**
 * Files that can be trusted: complete or absent, locked, known by their checksum, and failures told
 * in words; how JSON and YAML are read and written ({@link dev.millrace.file.Json}, {@link
 * dev.millrace.file.Yaml}). Knows nothing of streams, tensors or runs; depends on the JDK and
 * Jackson alone.
 */
package dev.millrace.file;
