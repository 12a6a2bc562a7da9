package dev.millrace.study.record;

/** A downstream question. */
public record Task(String task, String data, String split, Integer shots, String metric) {}
