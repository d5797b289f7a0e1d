package io.hdrlog.core.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * Reads the options from system properties, the environment, the agent's argument string and the
 * properties file; the first that has one wins. Never throws: what is wrong becomes one line, and
 * the default is used.
 */
public final class ConfigLoader {
  private static final int VALUE_SHOWN_MAX = 300;
  private static final int UNKNOWN_SHOWN_MAX = 20;

  private final List<String> problems;
  private final Map<Option<?>, String> texts = new HashMap<>();
  private final Map<Option<?>, String> sources = new HashMap<>();
  private int unknown;

  private ConfigLoader(List<String> problems) {
    this.problems = problems;
  }

  /** Of this JVM. */
  public static Config load(String agentArguments, List<String> problems) {
    return load(agentArguments, System.getProperties(), System.getenv(), problems);
  }

  /**
   * Adds to {@code problems} a line for everything that was not understood.
   *
   * @param agentArguments may be null
   */
  public static Config load(
      String agentArguments,
      Map<?, ?> systemProperties,
      Map<String, String> environment,
      List<String> problems) {
    ConfigLoader loader = new ConfigLoader(problems);
    loader.readSystemProperties(systemProperties);
    loader.readEnvironment(environment);
    loader.readAgentArguments(agentArguments == null ? "" : agentArguments);
    loader.readFile();
    return loader.build(systemProperties);
  }

  private void readSystemProperties(Map<?, ?> properties) {
    for (Map.Entry<?, ?> entry : properties.entrySet()) {
      if (entry.getKey() instanceof String name
          && entry.getValue() instanceof String value
          && name.startsWith(Options.PROPERTY_PREFIX)) {
        take(name.substring(Options.PROPERTY_PREFIX.length()), value, "-D");
      }
    }
  }

  private void readEnvironment(Map<String, String> environment) {
    for (Map.Entry<String, String> entry : environment.entrySet()) {
      if (!entry.getKey().startsWith(Options.ENVIRONMENT_PREFIX)) {
        continue;
      }
      String name = entry.getKey();
      Option<?> option = null;
      for (int i = 0; i < Options.ALL.size() && option == null; i++) {
        if (Options.ALL.get(i).environmentName().equals(name)) {
          option = Options.ALL.get(i);
        }
      }
      if (option != null) {
        take(option.key(), entry.getValue(), "environment");
      } else {
        String key =
            name.substring(Options.ENVIRONMENT_PREFIX.length())
                .replace('_', '.')
                .toLowerCase(Locale.ROOT);
        reportUnknown(
            name, entry.getValue(), "environment", Options.nearest(key).environmentName());
      }
    }
  }

  /**
   * {@code k=v,k=v}. Values may hold commas themselves, so a comma ends a value only where a name
   * and an equals sign follow it; in {@code filter}, whose rules have equals signs too, that name
   * must be a known key.
   */
  private void readAgentArguments(String arguments) {
    int from = 0;
    while (from < arguments.length()) {
      int equals = arguments.indexOf('=', from);
      int comma = arguments.indexOf(',', from);
      if (equals < 0 || (comma >= 0 && comma < equals)) {
        int to = comma < 0 ? arguments.length() : comma;
        String word = arguments.substring(from, to).trim();
        if (!word.isEmpty()) {
          reportUnknown(word, "", "agent arguments", Options.nearest(stripPrefix(word)).key());
        }
        from = to + 1;
        continue;
      }
      String key = stripPrefix(arguments.substring(from, equals).trim());
      boolean rules = key.equals(Options.FILTER.key());
      int to = equals + 1;
      while (to < arguments.length()
          && !(arguments.charAt(to) == ',' && startsOption(arguments, to + 1, rules))) {
        to++;
      }
      take(key, withoutLastCommas(arguments, equals + 1, to), "agent arguments");
      from = to + 1;
    }
  }

  /** A comma too many, as in {@code service=orders,}, is nobody's value. */
  private static String withoutLastCommas(String arguments, int from, int to) {
    int end = to;
    while (end > from && (arguments.charAt(end - 1) == ',' || arguments.charAt(end - 1) == ' ')) {
      end--;
    }
    return arguments.substring(from, end);
  }

  private static boolean startsOption(String arguments, int from, boolean knownOnly) {
    int to = from;
    while (to < arguments.length() && isKeyCharacter(arguments.charAt(to))) {
      to++;
    }
    if (to >= arguments.length() || arguments.charAt(to) != '=') {
      return false;
    }
    String key = stripPrefix(arguments.substring(from, to).trim());
    return knownOnly ? Options.find(key) != null : !key.isEmpty();
  }

  private static boolean isKeyCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '-'
        || c == '_'
        || c == ' ';
  }

  private void readFile() {
    String name = texts.get(Options.CONFIG);
    if (name == null || name.trim().isEmpty()) {
      return;
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(name.trim()))) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      reportFile(name, "no such file");
      return;
    } catch (CharacterCodingException e) {
      reportFile(name, "not UTF-8");
      return;
    } catch (IOException | RuntimeException e) {
      // Properties.load answers a broken \\u escape, and Path.of a bad name, with an unchecked one.
      reportFile(name, e.getMessage() == null ? e.toString() : e.getMessage());
      return;
    }
    List<String> keys = new ArrayList<>(properties.stringPropertyNames());
    for (int i = 0; i < keys.size(); i++) {
      String key = stripPrefix(keys.get(i));
      if (key.equals(Options.CONFIG.key())) {
        reportFile(name, "it may not name another file, config is ignored in it");
      } else {
        take(key, properties.getProperty(keys.get(i)), name.trim());
      }
    }
  }

  private void take(String key, String value, String source) {
    Option<?> option = Options.find(key);
    if (option == null) {
      boolean property = source.equals("-D");
      reportUnknown(
          property ? Options.PROPERTY_PREFIX + key : key,
          value,
          source,
          (property ? Options.PROPERTY_PREFIX : "") + Options.nearest(key).key());
    } else if (!texts.containsKey(option)) {
      texts.put(option, value);
      sources.put(option, source);
    }
  }

  private Config build(Map<?, ?> systemProperties) {
    Map<Option<?>, Object> values = new HashMap<>();
    for (int i = 0; i < Options.ALL.size(); i++) {
      Option<?> option = Options.ALL.get(i);
      String text = texts.get(option);
      Object value = text == null ? null : OptionValues.parse(option, text);
      if (value == null) {
        value = defaultOf(option, systemProperties);
        if (text != null) {
          reportBadValue(option, text, value);
          sources.remove(option);
        }
      }
      values.put(option, value);
    }
    Config config = new Config(values, sources);
    if (!config.service().equals(config.serviceFileName())) {
      problems.add(
          "service name is not safe in a file name: key=service value="
              + quote(config.service())
              + " allowed=\"letters, digits, dot, dash and underscore, up to 100\" files="
              + config.serviceFileName());
    }
    return config;
  }

  private static Object defaultOf(Option<?> option, Map<?, ?> systemProperties) {
    if (option == Options.SERVICE) {
      return ServiceName.fromJvm(systemProperties);
    }
    return OptionValues.parse(option, option.defaultText());
  }

  private void reportBadValue(Option<?> option, String text, Object used) {
    String shown = option == Options.SERVICE ? String.valueOf(used) : option.defaultText();
    problems.add(
        "bad value: key="
            + option.key()
            + " value="
            + quote(text)
            + " source="
            + quote(sources.get(option))
            + " allowed="
            + quote(option.allowed())
            + " used="
            + quote(shown));
  }

  private void reportUnknown(String key, String value, String source, String nearest) {
    unknown++;
    if (unknown > UNKNOWN_SHOWN_MAX) {
      if (unknown == UNKNOWN_SHOWN_MAX + 1) {
        problems.add("unknown options: more than " + UNKNOWN_SHOWN_MAX + ", the rest is not shown");
      }
      return;
    }
    StringBuilder known = new StringBuilder();
    for (int i = 0; i < Options.ALL.size(); i++) {
      known.append(i == 0 ? "" : " ").append(Options.ALL.get(i).key());
    }
    problems.add(
        "unknown option: key="
            + quote(key)
            + " value="
            + (looksSecret(key) ? "[masked]" : quote(value))
            + " source="
            + quote(source)
            + " nearest="
            + nearest
            + " allowed=\""
            + known
            + "\"");
  }

  private void reportFile(String name, String reason) {
    problems.add(
        "properties file: key=config value="
            + quote(name)
            + " reason="
            + quote(reason)
            + " allowed="
            + quote("a readable UTF-8 file of key=value lines"));
  }

  /** A service's own properties file, named by mistake, may hold what no log should. */
  private static boolean looksSecret(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return lower.contains("pass")
        || lower.contains("secret")
        || lower.contains("token")
        || lower.contains("key")
        || lower.contains("pwd")
        || lower.contains("credential");
  }

  private static String stripPrefix(String key) {
    return key.startsWith(Options.PROPERTY_PREFIX)
        ? key.substring(Options.PROPERTY_PREFIX.length())
        : key;
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length() && i < VALUE_SHOWN_MAX; i++) {
      char c = text.charAt(i);
      quoted.append(c < ' ' || c == 0x7f ? ' ' : c == '"' ? '\'' : c);
    }
    return quoted.append('"').toString();
  }
}
