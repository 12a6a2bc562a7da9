/**
 * Settings as records: what a component is called in flags and files ({@link
 * dev.millrace.setting.Knob}), and a record read and changed by those names ({@link
 * dev.millrace.setting.Knobs}). A method or a remedy declares what steers it in a record beside its
 * code; flags, help, files and studies follow from that record. Depends on {@code refusal}, {@code
 * file} (for JSON) and Jackson only.
 */
package dev.millrace.setting;
