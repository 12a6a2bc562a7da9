package dev.millrace.live.account;

/**
 * A picture that the account knows by name.
 *
 * @param number ascending in the order of arrival, from 1
 * @param source where it came from
 * @param key its name there
 * @param state what became of it
 * @param chunk the chunk that it was accepted to, from 1; 0 for none
 * @param place its bytes in the open chunk; null for none
 * @param label its class, or null
 * @param sha256 of its bytes, hex
 */
public record Kept(
    long number,
    String source,
    String key,
    State state,
    int chunk,
    Place place,
    String label,
    String sha256) {}
