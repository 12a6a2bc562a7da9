package dev.millrace.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Hosts with a network of their own: namespaces on one bridge, at which this machine is, too. Links
 * can be slowed, cut and mended. Linux alone has them, and root alone may make them.
 */
final class Hosts implements AutoCloseable {
  private final String name;
  private final String net;
  private final int count;

  Hosts(int count) throws Exception {
    long id = ProcessHandle.current().pid() % 200;
    this.count = count;
    name = "mr" + id; // names of interfaces are short
    net = "10.231." + id + ".";
    try {
      ip("link", "add", name, "type", "bridge");
      ip("addr", "add", here() + "/24", "dev", name);
      ip("link", "set", name, "up");
      for (int i = 0; i < count; i++) {
        ip("netns", "add", space(i));
        ip("link", "add", link(i), "type", "veth", "peer", "name", "eth0", "netns", space(i));
        ip("link", "set", link(i), "master", name, "up");
        ip("-n", space(i), "addr", "add", address(i) + "/24", "dev", "eth0");
        ip("-n", space(i), "link", "set", "eth0", "up");
        ip("-n", space(i), "link", "set", "lo", "up");
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Whether this machine can have such hosts; what it made to find out is gone again. */
  static boolean possible() {
    try (Hosts hosts = new Hosts(1)) {
      hosts.slow(0, "100mbit");
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  /** The address of this machine among them. */
  String here() {
    return net + 1;
  }

  /** The address of a host. */
  String address(int host) {
    return net + (11 + host);
  }

  /** What begins the command line of a process on a host. */
  List<String> on(int host) {
    return List.of("ip", "netns", "exec", space(host));
  }

  /** Bounds what goes over a host's link, both ways. */
  void slow(int host, String rate) throws Exception {
    List<String> bound = List.of("root", "tbf", "rate", rate, "burst", "64kb", "latency", "2000ms");
    call(joined(List.of("tc", "qdisc", "replace", "dev", link(host)), bound));
    call(joined(on(host), joined(List.of("tc", "qdisc", "replace", "dev", "eth0"), bound)));
  }

  /** Cuts a host's link: nothing says so to either end. */
  void cut(int host) throws Exception {
    ip("link", "set", link(host), "down");
  }

  /** Mends it. */
  void mend(int host) throws Exception {
    ip("link", "set", link(host), "up");
  }

  private String space(int host) {
    return name + "h" + host;
  }

  private String link(int host) {
    return name + "v" + host;
  }

  private static List<String> joined(List<String> first, List<String> then) {
    List<String> all = new ArrayList<>(first);
    all.addAll(then);
    return all;
  }

  private static void ip(String... words) throws Exception {
    call(joined(List.of("ip"), List.of(words)));
  }

  private static void call(List<String> line) throws Exception {
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(String.join(" ", line) + ": " + said);
    }
  }

  /** What was never made is nothing to take away. */
  @Override
  public void close() throws Exception {
    for (int i = 0; i < count; i++) {
      remove("netns", "del", space(i));
    }
    remove("link", "del", name);
  }

  private static void remove(String... words) throws Exception {
    new ProcessBuilder(joined(List.of("ip"), List.of(words)))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
