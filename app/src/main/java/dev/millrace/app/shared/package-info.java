/**
 * What the rooms of the command share: flags that every sub-command has, progress on stderr,
 * signals, exit codes and the version. May use what the libraries below offer; knows no room.
 */
package dev.millrace.app.shared;
