/**
 * The account of every picture ever offered: each is in exactly one state, and the states sum to
 * what was offered. SQLite with a write-ahead log; one transaction accepts a batch, after its bytes
 * are on disk, together with the source's offset. Knows neither sources nor learning.
 */
package dev.millrace.live.account;
