package dev.millrace.cluster;

import dev.millrace.file.Reason;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;

/** The address that others reach this machine by: a host's own name may mean a loopback. */
final class OwnAddress {
  private OwnAddress() {}

  /** That of the interface by which this machine reaches the driver; nothing is sent. */
  static String towardsDriver() throws IOException {
    SparkConf conf = SparkEnv.get().conf();
    String driver = conf.get("spark.driver.host");
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(driver, conf.getInt("spark.driver.port", 1)));
      return socket.getLocalAddress().getHostAddress().replaceAll("%.*", "");
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "no way from this machine to the driver at %s: %s"
              .formatted(driver, e instanceof IOException io ? Reason.of(io) : e.toString()),
          e);
    }
  }

  static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
