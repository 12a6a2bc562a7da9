/**
 * {@code study run} and {@code study report}, and the process of a single run. Planning and the
 * ledger live in {@code dev.millrace.study}, the page in {@code dev.millrace.report}. May use
 * {@code shared} and no other room.
 */
package dev.millrace.app.study;
