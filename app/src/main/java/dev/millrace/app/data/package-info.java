/**
 * {@code data}: which sets there are and what is in them. Readers live in {@code
 * dev.millrace.stream.source}. May use {@code shared} and no other room.
 */
package dev.millrace.app.data;
