/**
 * What an encoder is worth for detection: Faster R-CNN with a feature pyramid fine-tuned on it, a
 * file a part; sets of pictures with boxes from Pascal VOC's XML and COCO's JSON; average precision
 * as COCO and VOC 2007 count it. Opening archives and reading run folders do not live here. Depends
 * on {@code draw}, {@code stream}, {@code stream.source}, {@code engine}, {@code vision}, {@code
 * probe}, {@code file}, {@code refusal} and, of {@code learn}, only on {@code learn.optim}.
 */
package dev.millrace.probe.detection;
