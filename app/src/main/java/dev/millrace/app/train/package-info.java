/**
 * The sub-commands that make runs and continue them: {@code demo}, {@code pretrain}, {@code
 * resume}, {@code extend}, {@code prune}. Flags become {@code dev.millrace.recipe} settings; what a
 * run does lives there. May use {@code shared} and no other room.
 */
package dev.millrace.app.train;
