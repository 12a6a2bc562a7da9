/**
 * {@code insight}: its flags, its lines and its page. What is found out lives in {@code
 * dev.millrace.analysis}, plots in {@code dev.millrace.report}. May use {@code shared} and no other
 * room.
 */
package dev.millrace.app.analyse;
