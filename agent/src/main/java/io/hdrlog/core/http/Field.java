package io.hdrlog.core.http;

/** One header line as {@link HeadParser#next} found it; reused from line to line. */
public final class Field {
  /**
   * False for a line that has no usable name: no colon, or blanks and separators in the name. Such
   * a line is written nowhere, since nothing tells what is in it.
   */
  public boolean named;

  public int nameOffset;
  public int nameLength;
  public int valueOffset;
  public int valueLength;

  /** The value goes on over more lines (obs-fold); see {@link HeadParser#unfold}. */
  public boolean folded;

  /** False where the bytes end before the line does. */
  public boolean terminated;

  /** Where the next line begins. */
  public int next;
}
