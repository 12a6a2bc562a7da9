/**
 * An encoder over HTTP, and the page of a live run: requests are answered by one version of the
 * encoder at a time, and a new one is taken over between two of them. What arrives, is learned and
 * is promoted belongs to {@code dev.millrace.live}, flags to {@code dev.millrace.app}. May use
 * {@code live}, {@code exchange} and {@code inference} and below.
 */
package dev.millrace.serve;
