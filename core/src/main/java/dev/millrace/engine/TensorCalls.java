package dev.millrace.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The few names that a pickle of tensors needs, and what stands here for calling them. Whatever
 * else a pickle names is refused. Not thread-safe.
 */
final class TensorCalls {
  /** A name that may be called, or, of a storage, named. */
  record Global(String name, ElementType storage) {}

  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String SIZE = "torch.Size";
  private static final String TENSOR = "torch._utils._rebuild_tensor";
  private static final String TENSOR_V2 = "torch._utils._rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String PARAMETER_WITH_STATE = PARAMETER + "_with_state";
  private static final List<String> CALLS =
      List.of(ORDERED_DICT, SIZE, TENSOR, TENSOR_V2, PARAMETER, PARAMETER_WITH_STATE);

  private final Path file;
  private final TensorPickle.Storages storages;
  private final Map<String, StoredTensor.Storage> known = new HashMap<>();

  TensorCalls(Path file, TensorPickle.Storages storages) {
    this.file = file;
    this.storages = storages;
  }

  /**
   * What a name means.
   *
   * @throws IOException if it is none of those that are known
   */
  Global global(String module, String name) throws IOException {
    String whole = module + "." + name;
    if (CALLS.contains(whole)) {
      return new Global(whole, null);
    }
    ElementType storage = module.equals("torch") ? ElementType.ofStorage(name) : null;
    if (storage == null) {
      throw refused(whole);
    }
    return new Global(whole, storage);
  }

  /** The refusal of a call by its name. */
  IOException refused(String name) {
    return new IOException(
        "%s wants to call %s; only tensors are read. If you trust where it comes from, let torch load it and save its state dict alone: torch.save(model.state_dict(), FILE)"
            .formatted(file, name.replaceAll("[^\\x20-\\x7e]", "?")));
  }

  /** What a call would give. */
  Object call(Object callable, List<Object> arguments) throws IOException {
    if (!(callable instanceof Global global)) {
      throw refused("what is no function of torch's");
    }
    return switch (global.name()) {
      case ORDERED_DICT -> orderedDict(arguments);
      case SIZE -> at(arguments, 0, TensorPickle.Tuple.class);
      case TENSOR, TENSOR_V2 -> tensor(arguments);
      case PARAMETER, PARAMETER_WITH_STATE -> at(arguments, 0, StoredTensor.class);
      default -> throw refused(global.name());
    };
  }

  private Map<Object, Object> orderedDict(List<Object> arguments) throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (Object pair : arguments.isEmpty() ? List.of() : at(arguments, 0, ArrayList.class)) {
      List<Object> items = pair instanceof TensorPickle.Tuple tuple ? tuple.items() : List.of();
      map.put(at(items, 0, String.class), at(items, 1, Object.class));
    }
    return map;
  }

  private StoredTensor tensor(List<Object> arguments) throws IOException {
    StoredTensor.Storage storage = at(arguments, 0, StoredTensor.Storage.class);
    try {
      return StoredTensor.of(
          storage,
          at(arguments, 1, Long.class),
          numbers(at(arguments, 2, TensorPickle.Tuple.class)),
          numbers(at(arguments, 3, TensorPickle.Tuple.class)));
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private List<Long> numbers(TensorPickle.Tuple tuple) throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < tuple.items().size(); i++) {
      numbers.add(at(tuple.items(), i, Long.class));
    }
    return numbers;
  }

  /** The storage of a persistent id: {@code ("storage", class, key, place, numbers, view)}. */
  StoredTensor.Storage stored(List<Object> id) throws IOException {
    if (!"storage".equals(at(id, 0, String.class))) {
      throw damaged();
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

  private <T> T at(List<Object> items, int index, Class<T> kind) throws IOException {
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
