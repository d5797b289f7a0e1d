package io.hdrlog.bpf;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The TCP ports that this process listens on already, from /proc: for joining a running JVM. */
final class ListeningPorts {
  private static final String STATE_LISTEN = "0A";

  private ListeningPorts() {}

  static Set<Integer> ofThisProcess() throws IOException {
    List<String> sockets = new ArrayList<>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      Path file = Path.of(table);
      if (Files.isReadable(file)) {
        sockets.addAll(Files.readAllLines(file));
      }
    }
    return parse(sockets, inodesOfThisProcess());
  }

  //   sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout
  // inode
  //   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20591
  // ..
  static Set<Integer> parse(List<String> table, Set<String> inodes) {
    Set<Integer> ports = new HashSet<>();
    for (String line : table) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length > 9 && fields[3].equals(STATE_LISTEN) && inodes.contains(fields[9])) {
        ports.add(Integer.parseInt(fields[1].substring(fields[1].lastIndexOf(':') + 1), 16));
      }
    }
    return ports;
  }

  private static Set<String> inodesOfThisProcess() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        String target;
        try {
          target = Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
          continue;
        }
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return inodes;
  }

  /** The inode of this process's network namespace. */
  static int networkNamespace() throws IOException {
    String target = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    return Integer.parseUnsignedInt(target.substring(target.indexOf('[') + 1, target.indexOf(']')));
  }
}
