/**
 * Sets that lie in S3, behind {@link dev.millrace.stream.source.RemoteStore}; found as a service.
 * Depends on {@code stream}, {@code stream.source}, {@code refusal} and the AWS SDK.
 */
package dev.millrace.s3;
