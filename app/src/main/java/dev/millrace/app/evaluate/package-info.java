/**
 * {@code probe}: its flags, its progress, and the tables of what it found. Tasks live in {@code
 * dev.millrace.evaluation}. May use {@code shared} and no other room.
 */
package dev.millrace.app.evaluate;
