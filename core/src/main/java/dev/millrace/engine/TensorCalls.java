package dev.millrace.engine;

import dev.millrace.file.Reason;
import dev.millrace.pickle.Calls;
import dev.millrace.pickle.Pickle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The few names that a pickle of tensors needs, and what stands here for calling them. Whatever
 * else a pickle names is {@link Pickle.Inert}, and so is what would be made with it: it is never
 * called, and missed only where a tensor depends on it. Not thread-safe.
 */
final class TensorCalls implements Calls {
  /** A name that stands for a call here, or, of a storage, for its type. */
  record Global(String name, ElementType storage) {}

  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String SIZE = "torch.Size";
  private static final String TENSOR = "torch._utils._rebuild_tensor";
  private static final String TENSOR_V2 = "torch._utils._rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String PARAMETER_WITH_STATE = PARAMETER + "_with_state";
  private static final String FROM_TYPE = "torch._tensor._rebuild_from_type_v2";
  private static final String DEFAULT_DICT = "collections.defaultdict";
  private static final Set<String> CALLS =
      Set.of(
          ORDERED_DICT,
          DEFAULT_DICT,
          SIZE,
          TENSOR,
          TENSOR_V2,
          PARAMETER,
          PARAMETER_WITH_STATE,
          FROM_TYPE);

  /** Classes whose tensors are no more than tensors. */
  private static final Set<String> PLAIN =
      Set.of("torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer");

  /** Most dimensions of a tensor. */
  private static final int DIMS = 64;

  private final Path file;
  private final TensorPickle.Storages storages;
  private final Map<String, StoredTensor.Storage> known = new HashMap<>();
  private long copied;

  TensorCalls(Path file, TensorPickle.Storages storages) {
    this.file = file;
    this.storages = storages;
  }

  @Override
  public Object global(String module, String name) {
    String whole = module + "." + name;
    ElementType storage = module.equals("torch") ? ElementType.ofStorage(name) : null;
    return storage != null || CALLS.contains(whole)
        ? new Global(whole, storage)
        : new Pickle.Inert(whole);
  }

  @Override
  public Object call(Object callable, Object arguments) throws IOException {
    if (!(callable instanceof Global global && arguments instanceof Pickle.Tuple tuple)) {
      return callable instanceof Pickle.Inert ? callable : unknown("what is no function");
    }
    List<Object> items = tuple.items();
    return switch (global.name()) {
      case ORDERED_DICT -> orderedDict(items);
      case DEFAULT_DICT -> new LinkedHashMap<>(); // its items follow; the function is never called
      case SIZE -> at(items, 0, Pickle.Tuple.class);
      case TENSOR, TENSOR_V2 -> tensor(items);
      case PARAMETER, PARAMETER_WITH_STATE -> parameter(items);
      case FROM_TYPE -> ofType(items);
      default -> unknown(global.name());
    };
  }

  @Override
  public Object made(Object type) {
    if (type instanceof Global global
        && (global.name().equals(ORDERED_DICT) || global.name().equals(DEFAULT_DICT))) {
      return new LinkedHashMap<>();
    }
    return type instanceof Pickle.Inert ? type : unknown("what is no class");
  }

  /** A tensor's numbers depend on none of its attributes. */
  @Override
  public boolean state(Object object, Object state) {
    return object instanceof StoredTensor;
  }

  @Override
  public String tooLong() {
    return "which no state dict takes; save its state dict alone: torch.save(model.state_dict(), FILE)";
  }

  private static Pickle.Inert unknown(String name) {
    return new Pickle.Inert(name);
  }

  private Object parameter(List<Object> arguments) throws IOException {
    Object data = at(arguments, 0, Object.class);
    return data instanceof Pickle.Inert ? data : at(arguments, 0, StoredTensor.class);
  }

  /** A tensor with attributes, or of a class made of torch's: function, class, arguments, state. */
  private Object ofType(List<Object> arguments) throws IOException {
    Object type = at(arguments, 1, Object.class);
    Object function = at(arguments, 0, Object.class);
    return type instanceof Pickle.Inert other && !PLAIN.contains(other.name())
            || function instanceof Global global && global.name().equals(FROM_TYPE)
        ? type
        : call(function, arguments.size() > 2 ? arguments.get(2) : null);
  }

  private Map<Object, Object> orderedDict(List<Object> arguments) throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    List<?> pairs = arguments.isEmpty() ? List.of() : at(arguments, 0, ArrayList.class);
    copied += pairs.size();
    if (copied > Pickle.STEPS) {
      throw damaged();
    }
    for (Object pair : pairs) {
      List<?> items =
          pair instanceof Pickle.Tuple tuple
              ? tuple.items()
              : pair instanceof ArrayList<?> list ? list : List.of();
      if (items.size() != 2) {
        throw damaged();
      }
      map.put(Pickle.key(items.get(0)), items.get(1));
    }
    return map;
  }

  private Object tensor(List<Object> arguments) throws IOException {
    if (at(arguments, 0, Object.class) instanceof Pickle.Inert strange) {
      return strange;
    }
    StoredTensor.Storage storage = at(arguments, 0, StoredTensor.Storage.class);
    try {
      return StoredTensor.of(
          storage,
          at(arguments, 1, Long.class),
          numbers(at(arguments, 2, Pickle.Tuple.class)),
          numbers(at(arguments, 3, Pickle.Tuple.class)));
    } catch (IOException e) {
      throw new IOException(file + ": " + Reason.of(e), e);
    }
  }

  private List<Long> numbers(Pickle.Tuple tuple) throws IOException {
    if (tuple.items().size() > DIMS) {
      throw damaged();
    }
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < tuple.items().size(); i++) {
      numbers.add(at(tuple.items(), i, Long.class));
    }
    return numbers;
  }

  /**
   * The storage of a persistent id: {@code ("storage", class, key, place, numbers, view)}; inert
   * for another id, and for a storage of an unknown class.
   */
  @Override
  public Object stored(Object persistent) throws IOException {
    List<Object> id = persistent instanceof Pickle.Tuple tuple ? tuple.items() : List.<Object>of();
    if (id.isEmpty() || !"storage".equals(id.get(0))) {
      return unknown("a loader of its writer's");
    }
    if (at(id, 1, Object.class) instanceof Pickle.Inert strange) {
      return strange;
    }
    if (id.size() > 5 && id.get(5) != null) {
      throw new IOException(
          file
              + " holds views of storages as torch wrote them before 0.4; load it with torch and save it again with torch.save");
    }
    ElementType type = at(id, 1, Global.class).storage();
    String key = at(id, 2, String.class);
    long elements = at(id, 4, Long.class);
    if (type == null || elements < 0) {
      throw damaged();
    }
    StoredTensor.Storage storage = known.get(key);
    if (storage == null) {
      storage = storages.storage(key, type, elements);
      known.put(key, storage);
    }
    if (storage.type() != type || storage.elements() != elements) {
      throw damaged();
    }
    return storage;
  }

  private <T> T at(List<?> items, int index, Class<T> kind) throws IOException {
    if (index >= items.size() || !kind.isInstance(items.get(index))) {
      throw damaged();
    }
    return kind.cast(items.get(index));
  }

  private IOException damaged() {
    return new IOException(
        file + " is damaged: its pickle describes a tensor in a way that torch does not");
  }
}
