package io.hdrlog.core.instrument;

import java.nio.charset.StandardCharsets;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;

/** Questions to a class file that need no more than its bytes. */
public final class ClassFiles {
  private ClassFiles() {}

  /** Whether the text, ASCII, stands anywhere in the file: as a name, or as a part of one. */
  public static boolean mentions(byte[] bytes, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    byte first = wanted[0];
    int last = bytes.length - wanted.length;
    for (int i = 0; i <= last; i++) {
      if (bytes[i] == first && matches(bytes, i, wanted)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(byte[] bytes, int at, byte[] wanted) {
    for (int i = 1; i < wanted.length; i++) {
      if (bytes[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the class names the interface among those it implements itself. */
  public static boolean implementsDirectly(byte[] bytes, String interfaceName) {
    ClassReader reader = new ClassReader(bytes);
    if ((reader.getAccess() & Opcodes.ACC_INTERFACE) != 0) {
      return false;
    }
    for (String name : reader.getInterfaces()) {
      if (name.equals(interfaceName)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the class is one whose superclass has the name. */
  public static boolean extendsDirectly(byte[] bytes, String superName) {
    return superName.equals(new ClassReader(bytes).getSuperName());
  }
}
