package io.hdrlog.core.http;

import java.util.Arrays;

/**
 * Where the parts of a request's or a response's head are in its bytes: offsets and lengths, no
 * copies. A part that is not there, or that does not parse sensibly, has length {@link #NONE}.
 * Reused; filled by {@link HeadParser}.
 */
public final class Head {
  public static final int NONE = -1;

  /** More headers than any server takes; further ones are cut. */
  public static final int HEADERS_MAX = 4096;

  public byte[] bytes = new byte[0];

  /** Where the bytes end. */
  public int limit;

  public int methodOffset;
  public int methodLength;
  public int targetOffset;
  public int targetLength;

  /** Of an absolute-form target only. */
  public int schemeOffset;

  public int schemeLength;

  /** Of an absolute-form or authority-form target only, userinfo included. */
  public int authorityOffset;

  public int authorityLength;
  public int pathOffset;
  public int pathLength;

  /** Without the question mark. */
  public int queryOffset;

  public int queryLength;

  /** {@code 1.1} of {@code HTTP/1.1}. */
  public int versionOffset;

  public int versionLength;

  /** 0 if there is none. */
  public int status;

  public int reasonOffset;
  public int reasonLength;

  /** Where the header lines begin. */
  public int headersOffset;

  /** Where they end, the empty line included. */
  public int headersEnd;

  public int headerCount;
  public boolean headersCut;
  private int[] nameOffset = new int[32];
  private int[] nameLength = new int[32];
  private int[] valueOffset = new int[32];
  private int[] valueLength = new int[32];
  private boolean[] folded = new boolean[32];

  public Head() {
    clear();
  }

  void clear() {
    limit = 0;
    methodOffset = 0;
    methodLength = NONE;
    targetOffset = 0;
    targetLength = NONE;
    schemeOffset = 0;
    schemeLength = NONE;
    authorityOffset = 0;
    authorityLength = NONE;
    pathOffset = 0;
    pathLength = NONE;
    queryOffset = 0;
    queryLength = NONE;
    versionOffset = 0;
    versionLength = NONE;
    status = 0;
    reasonOffset = 0;
    reasonLength = NONE;
    headersOffset = 0;
    headersEnd = 0;
    headerCount = 0;
    headersCut = false;
  }

  public int nameOffset(int header) {
    return nameOffset[header];
  }

  public int nameLength(int header) {
    return nameLength[header];
  }

  public int valueOffset(int header) {
    return valueOffset[header];
  }

  public int valueLength(int header) {
    return valueLength[header];
  }

  /** The value goes over several lines; see {@link HeadParser#unfold}. */
  public boolean folded(int header) {
    return folded[header];
  }

  /** The first header of this name (lower case), or {@link #NONE}. */
  public int find(byte[] lowerName) {
    for (int i = 0; i < headerCount; i++) {
      if (Ascii.equalsIgnoreCase(bytes, nameOffset[i], nameLength[i], lowerName)) {
        return i;
      }
    }
    return NONE;
  }

  void add(Field field) {
    if (headerCount == HEADERS_MAX) {
      headersCut = true;
      return;
    }
    if (headerCount == nameOffset.length) {
      int size = headerCount * 2;
      nameOffset = Arrays.copyOf(nameOffset, size);
      nameLength = Arrays.copyOf(nameLength, size);
      valueOffset = Arrays.copyOf(valueOffset, size);
      valueLength = Arrays.copyOf(valueLength, size);
      folded = Arrays.copyOf(folded, size);
    }
    int i = headerCount++;
    nameOffset[i] = field.nameOffset;
    nameLength[i] = field.nameLength;
    valueOffset[i] = field.valueOffset;
    valueLength[i] = field.valueLength;
    folded[i] = field.folded;
  }
}
