package dev.millrace.live.account;

/**
 * A picture that was not accepted.
 *
 * @param source where it came from
 * @param key its name there
 * @param reason why
 */
public record Quarantined(String source, String key, String reason) {}
