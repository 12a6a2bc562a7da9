/**
 * Bytes on their way to a closed chunk: the open chunk, an append-only tar, and the tar that it
 * becomes when it closes. Knows nothing of what is accepted: the account says how much of the open
 * chunk counts.
 */
package dev.millrace.live.spool;
