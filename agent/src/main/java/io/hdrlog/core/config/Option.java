package io.hdrlog.core.config;

import java.util.Map;

/** One option: its key, its default, what values it takes, and what it means to a user. */
public final class Option<T> {
  /** How a value is read; {@link OptionValues} has one case for each. */
  enum Kind {
    BOOLEAN,
    TEXT,
    HEADER_NAME,
    SIZE,
    DURATION,
    SHARE,
    COUNT,
    GLOBS,
    CIDRS,
    CHOICE
  }

  private final String key;
  private final Kind kind;
  private final String defaultText;
  private final String allowed;
  private final String meaning;
  private final long min;
  private final long max;
  private final Enum<?>[] choices;

  Option(
      String key,
      Kind kind,
      String defaultText,
      String allowed,
      long min,
      long max,
      Enum<?>[] choices,
      String meaning) {
    this.key = key;
    this.kind = kind;
    this.defaultText = defaultText;
    this.allowed = allowed;
    this.min = min;
    this.max = max;
    this.choices = choices;
    this.meaning = meaning;
  }

  /** Without the prefix {@code hdrlog.}. */
  public String key() {
    return key;
  }

  /** As a user would write it; empty where it means none. */
  public String defaultText() {
    return defaultText;
  }

  /** For a person: what a value may be. */
  public String allowed() {
    return allowed;
  }

  /** For a person, in Markdown. */
  public String meaning() {
    return meaning;
  }

  /** The environment variable that sets it. */
  public String environmentName() {
    return Options.environmentName(key);
  }

  @SuppressWarnings("unchecked") // OptionValues gives each kind the type its option declares
  T in(Map<Option<?>, Object> values) {
    return (T) values.get(this);
  }

  Kind kind() {
    return kind;
  }

  long min() {
    return min;
  }

  long max() {
    return max;
  }

  Enum<?>[] choices() {
    return choices;
  }

  @Override
  public String toString() {
    return key;
  }
}
