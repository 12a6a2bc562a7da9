/**
 * What a study found, as records: a run ({@link dev.millrace.study.record.RunRecord}), its insight,
 * a comparison, and the ledger they stand in, with one rule for repeated and damaged lines that
 * whoever plans and whoever reports share. Knows no run's files and nothing native; the report sees
 * this package and no other of the module.
 */
package dev.millrace.study.record;
