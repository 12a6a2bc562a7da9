/**
 * {@code doctor}: what this machine has, and what is wrong with a run, a study or a file. Examines
 * with the rules of those who own the files. May use {@code shared} and no other room.
 */
package dev.millrace.app.doctor;
