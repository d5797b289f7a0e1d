package io.hdrlog.core.instrument;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Libraries that another one carries under a name of its own: {@code io.netty} is {@code
 * io.grpc.netty.shaded.io.netty} in most gRPC servers. Whatever was put before the package's name
 * is understood; a build that changed the name itself is not.
 */
final class Relocation {
  /** Libraries that are carried so. */
  private static final String NETTY = "io/netty/";

  private static final String GRPC = "io/grpc/";

  private final String[] names;

  /** Knows the classes of these names that may be met under others. */
  Relocation(Iterable<String> internalNames) {
    List<String> found = new ArrayList<>();
    for (String name : internalNames) {
      if (name.startsWith(NETTY) || name.startsWith(GRPC)) {
        found.add(name);
      }
    }
    names = found.toArray(String[]::new);
  }

  /**
   * The name that the class had before, or null. Asked for nearly every class that is loaded: for
   * each name one character decides, as a rule.
   */
  String original(String internalName) {
    int length = internalName.length();
    for (String name : names) {
      int prefix = length - name.length();
      if (prefix > 0 && internalName.charAt(prefix - 1) == '/' && internalName.endsWith(name)) {
        return name;
      }
    }
    return null;
  }

  /** A class file that speaks of Netty, made to speak of the one under the prefix. */
  static byte[] applied(byte[] classFile, String prefix) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(classFile.length * 2);
    DataOutputStream out = new DataOutputStream(bytes);
    // The magic number and the version.
    out.writeLong(in.readLong());
    int count = in.readUnsignedShort();
    out.writeShort(count);
    int slot = 1;
    while (slot < count) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      if (tag == 1) {
        out.writeUTF(in.readUTF().replace(NETTY, prefix + NETTY));
      } else {
        out.write(in.readNBytes(ClassHeader.bytesOf(tag)));
      }
      slot += ClassHeader.isWide(tag) ? 2 : 1;
    }
    in.transferTo(out);
    return bytes.toByteArray();
  }
}
