/**
 * Python's pickles, read without executing anything. A pickle is a program for a stack machine that
 * names functions and calls them; here only the stack machine runs. Depends on the JDK only.
 */
package dev.millrace.pickle;
