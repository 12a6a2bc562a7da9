/**
 * Programs that use Millrace as a library, one a file, as a user's own would: read them, copy them.
 * Nothing of Millrace depends on them. They may depend on its public types (docs/java.md) alone.
 */
package example;
