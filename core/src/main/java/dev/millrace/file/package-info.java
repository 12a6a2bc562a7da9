/**
 * Files that can be trusted: complete or absent, locked, known by their checksum, and failures told
 * in words. Knows no format and nothing of streams, tensors or runs; depends on the JDK alone.
 */
package dev.millrace.file;
