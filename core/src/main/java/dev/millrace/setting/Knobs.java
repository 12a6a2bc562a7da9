package dev.millrace.setting;

import com.fasterxml.jackson.databind.JavaType;
import dev.millrace.file.Json;
import dev.millrace.refusal.Choice;
import dev.millrace.refusal.UsageException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The settings of a record, by the names that flags and files have for them. Values are as files
 * have them: numbers, truths, words, lists and maps of such. Stateless.
 */
public final class Knobs {
  private static final String AUTO = "auto";

  /** Whose settings were looked up: reflection is slow, and a study asks thousands of times. */
  private record Owner(Class<?> record, String part) {}

  private static final Map<Owner, List<Entry>> KNOWN = new ConcurrentHashMap<>();

  private Knobs() {}

  /**
   * One setting.
   *
   * @param name in flags and files, without dashes
   * @param component of the record
   * @param knob what is said of it
   */
  public record Entry(String name, RecordComponent component, Knob knob) {
    /** The words that it takes, in their order; none where it takes others. */
    public List<String> words() {
      return isList() || constants(component.getType()).length > 0
          ? Arrays.stream(constants(isList() ? element(component) : component.getType()))
              .map(Knobs::word)
              .toList()
          : List.of();
    }

    /** Whether it is a list. */
    public boolean isList() {
      return component.getType() == List.class;
    }

    /** Its own type; of a list's elements, that of one. */
    public Class<?> type() {
      return isList() ? element(component) : component.getType();
    }
  }

  /**
   * The settings of a record, in order.
   *
   * @param part the name of the part that the record belongs to, for names with {@code *}
   */
  public static List<Entry> of(Class<?> record, String part) {
    return KNOWN.computeIfAbsent(new Owner(record, part), owner -> found(record, part));
  }

  private static List<Entry> found(Class<?> record, String part) {
    List<Entry> entries = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      Knob knob = component.getAnnotation(Knob.class);
      if (knob != null) {
        entries.add(new Entry(name(component, knob).replace("*", part), component, knob));
      }
    }
    return List.copyOf(entries);
  }

  private static String name(RecordComponent component, Knob knob) {
    return knob.name().isEmpty()
        ? component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
        : knob.name();
  }

  /** The values of a record by name, in order, as files have them. */
  public static Map<String, Object> values(Object record, String part) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Entry entry : of(record.getClass(), part)) {
      values.put(entry.name(), written(get(record, entry.component()), entry.knob()));
    }
    return values;
  }

  /**
   * A record with some settings changed.
   *
   * @param changes by name; names that the record does not have are passed over
   * @throws UsageException naming the flag of a value that cannot be taken
   */
  public static <R> R with(R record, String part, Map<String, ?> changes) {
    Class<?> type = record.getClass();
    Map<String, Entry> named = new LinkedHashMap<>();
    of(type, part).forEach(entry -> named.put(entry.component().getName(), entry));
    if (named.values().stream().noneMatch(entry -> changes.containsKey(entry.name()))) {
      return record;
    }
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      Entry entry = named.get(components[i].getName());
      values[i] =
          entry != null && changes.containsKey(entry.name())
              ? read(entry, changes.get(entry.name()))
              : get(record, components[i]);
    }
    try {
      @SuppressWarnings("unchecked")
      R changed = (R) type.getDeclaredConstructor(types).newInstance(values);
      return changed;
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof UsageException refusal) {
        Entry entry = named.get(refusal.component());
        throw entry == null ? refusal : refusal.named("--" + entry.name());
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(type + " cannot be made", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  /** The word of a constant, as files have it. */
  public static String word(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Object get(Object record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static Object written(Object value, Knob knob) {
    if (value instanceof Enum<?>) {
      return word(value);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(one -> written(one, knob)).toList();
    }
    return knob.auto() && (value.equals(Integer.MIN_VALUE) || value.equals(Double.NaN))
        ? AUTO
        : value;
  }

  private static Object read(Entry entry, Object given) {
    Class<?> type = entry.component().getType();
    if (type.isEnum()) {
      return constant(entry, type, given);
    }
    if (entry.isList() && element(entry.component()).isEnum()) {
      List<?> words = given instanceof List<?> list ? list : Arrays.asList(given);
      return words.stream()
          .map(word -> (Object) constant(entry, element(entry.component()), word))
          .toList();
    }
    if (entry.knob().auto() && AUTO.equals(String.valueOf(given).strip())) {
      return type == double.class ? (Object) Double.NaN : (Object) Integer.MIN_VALUE;
    }
    Type generic = entry.component().getGenericType();
    JavaType target = Json.VALUES.constructType(generic);
    Object value;
    try {
      value = Json.VALUES.convertValue(given, target);
    } catch (IllegalArgumentException e) {
      throw UsageException.of(
          "--" + entry.name(),
          shown(given)
              + " is "
              + (entry.knob().auto() ? "neither auto nor " : "not ")
              + noun(type));
    }
    if (value == null && type.isPrimitive()) {
      throw UsageException.of("--" + entry.name(), "is empty; expected " + noun(type));
    }
    return value;
  }

  private static String shown(Object given) {
    return given instanceof String text && text.isEmpty() ? "\"\"" : String.valueOf(given);
  }

  private static String noun(Class<?> type) {
    if (type == int.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    return type == double.class ? "a number" : type == List.class ? "such a list" : "a text";
  }

  private static Enum<?> constant(Entry entry, Class<?> type, Object given) {
    // YAML takes an unquoted on or off for a truth.
    String word =
        given instanceof Enum<?>
            ? word(given)
            : given instanceof Boolean truth && entry.words().contains("on")
                ? truth ? "on" : "off"
                : String.valueOf(given);
    Choice.check("--" + entry.name(), word, entry.words().toArray(String[]::new));
    return Arrays.stream(constants(type))
        .filter(constant -> word(constant).equals(word))
        .findFirst()
        .orElseThrow();
  }

  private static Enum<?>[] constants(Class<?> type) {
    return type.isEnum() ? (Enum<?>[]) type.getEnumConstants() : new Enum<?>[0];
  }

  private static Class<?> element(RecordComponent list) {
    return (Class<?>) ((ParameterizedType) list.getGenericType()).getActualTypeArguments()[0];
  }
}
