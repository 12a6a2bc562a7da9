/**
 * Refusals in words: what was found, what was expected, the mend. What a person gave wrongly is a
 * {@link dev.millrace.refusal.UsageException}, which alone decides the command's exit code 2. Knows
 * no flag by name; depends on the JDK alone.
 */
package dev.millrace.refusal;
