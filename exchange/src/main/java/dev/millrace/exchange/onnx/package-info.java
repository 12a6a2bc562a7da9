/**
 * Encoders as ONNX models: the graph written down by ONNX's own schema, and run by ONNX Runtime to
 * see that it computes the same. Which encoder, which pictures and where the file goes is {@code
 * exchange.model}'s matter. Depends on {@code vision}, the classes that protoc makes of {@code
 * onnx.proto}, and ONNX Runtime.
 */
package dev.millrace.exchange.onnx;
