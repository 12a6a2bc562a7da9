/** Sets that lie in S3, behind {@link dev.millrace.stream.source.RemoteStore}. */
package dev.millrace.s3;
