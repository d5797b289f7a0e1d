package io.hdrlog.core.instrument;

/**
 * What a class file says of itself in front of its members: its kind, its superclass, its
 * interfaces (JVMS 4.1). Asked for nearly every class that an application loads, on its thread, so
 * the constant pool is only stepped over.
 */
public final class ClassHeader {
  private static final int POOL_COUNT = 8;
  private static final int POOL = 10;
  private static final int ACC_INTERFACE = 0x0200;
  private static final int CONSTANT_UTF8 = 1;

  private final byte[] file;

  /** Where each constant is, its tag left out. */
  private final int[] constants;

  /** Where the access flags are, right behind the constants. */
  private final int access;

  /** Throws an IndexOutOfBoundsException or IllegalArgumentException if that is no class file. */
  public ClassHeader(byte[] classFile) {
    file = classFile;
    constants = new int[unsignedShort(POOL_COUNT)];
    int at = POOL;
    for (int i = 1; i < constants.length; i++) {
      int tag = file[at];
      constants[i] = at + 1;
      at += 1 + (tag == CONSTANT_UTF8 ? 2 + unsignedShort(at + 1) : bytesOf(tag));
      if (isWide(tag)) {
        i++;
      }
    }
    access = at;
  }

  /** How long a constant of fixed length is behind its tag (JVMS 4.4). */
  static int bytesOf(int tag) {
    return switch (tag) {
      case 7, 8, 16, 19, 20 -> 2;
      case 15 -> 3;
      case 3, 4, 9, 10, 11, 12, 17, 18 -> 4;
      case 5, 6 -> 8;
      default -> throw new IllegalArgumentException("no class file: constant of tag=" + tag);
    };
  }

  /** A long and a double take two numbers. */
  static boolean isWide(int tag) {
    return tag == 5 || tag == 6;
  }

  public boolean isInterface() {
    return (unsignedShort(access) & ACC_INTERFACE) != 0;
  }

  /** Whether its superclass has the name, which is ASCII. */
  public boolean isExtending(String internalName) {
    return isName(unsignedShort(access + 4), internalName);
  }

  /** Whether it names the interface among those it implements itself. */
  public boolean isImplementing(String internalName) {
    int count = unsignedShort(access + 6);
    for (int i = 0; i < count; i++) {
      if (isName(unsignedShort(access + 8 + 2 * i), internalName)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the class constant has the name; number 0 is none, as Object's superclass. */
  private boolean isName(int number, String internalName) {
    if (number == 0) {
      return false;
    }
    int name = constants[unsignedShort(constants[number])];
    int length = internalName.length();
    if (unsignedShort(name) != length) {
      return false;
    }
    // From the end, where names that are as long differ.
    for (int i = length - 1; i >= 0; i--) {
      if (file[name + 2 + i] != internalName.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int unsignedShort(int at) {
    return (file[at] & 0xff) << 8 | (file[at + 1] & 0xff);
  }
}
