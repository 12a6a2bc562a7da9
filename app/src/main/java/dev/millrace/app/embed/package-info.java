/**
 * What hands an encoder and its vectors to others: {@code embed}, {@code export}, {@code search}.
 * Files and indexes live in {@code dev.millrace.exchange}. May use {@code shared} and no other
 * room.
 */
package dev.millrace.app.embed;
