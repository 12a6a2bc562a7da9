package dev.millrace.live.account;

/**
 * Where a picture's bytes lie in the open chunk.
 *
 * @param at first byte, of the picture and not of its tar header
 * @param length how many
 */
public record Place(long at, int length) {}
