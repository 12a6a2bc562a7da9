/**
 * Refusals in words: what was found, what was expected, the mend. What a person gave wrongly is a
 * {@link dev.millrace.refusal.UsageException}, which alone decides the command's exit code 2. Knows
 * no flag by name; depends only on the JDK.
 */
package dev.millrace.refusal;
