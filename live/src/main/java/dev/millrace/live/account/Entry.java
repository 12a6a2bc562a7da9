package dev.millrace.live.account;

/**
 * A picture that was offered, and what becomes of it.
 *
 * @param key its name at the source; with the source its id
 * @param sha256 of its bytes, hex
 * @param state what becomes of it
 * @param place where its bytes lie; null unless it is pending
 * @param label its class; null where the source says none
 * @param reason why it is in quarantine; null for the others
 */
public record Entry(
    String key, String sha256, State state, Place place, String label, String reason) {}
