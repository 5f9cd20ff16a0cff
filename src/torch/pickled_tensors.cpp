#include "torch/pickled_tensors.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/storage_view.hpp"

namespace slipway::torch {
namespace {

// Containers in containers; a pickle may also hold circles.
constexpr size_t kMostNesting = 64;
// Names of things in a file. The same container may stand in many places, and have that in many places too.
constexpr size_t kMostEntries = 1'000'000;
// Of lists that are looked through, and of all names together.
constexpr size_t kMostElements = 50'000'000;
constexpr size_t kMostNameBytes = size_t{1} << 28;

struct NamedType {
  std::string_view name;
  DataType type;
};
// torch.FloatStorage and the like.
constexpr NamedType kStorageTypes[] = {{"FloatStorage", DataType::kFloat},
                                       {"DoubleStorage", DataType::kDouble},
                                       {"HalfStorage", DataType::kFloat16},
                                       {"BFloat16Storage", DataType::kBfloat16},
                                       {"LongStorage", DataType::kInt64},
                                       {"IntStorage", DataType::kInt32},
                                       {"ShortStorage", DataType::kInt16},
                                       {"CharStorage", DataType::kInt8},
                                       {"ByteStorage", DataType::kUint8},
                                       {"BoolStorage", DataType::kBool},
                                       {"ComplexFloatStorage", DataType::kComplex64},
                                       {"ComplexDoubleStorage", DataType::kComplex128},
                                       {"UntypedStorage", DataType::kUndefined}};
// torch.uint16 and the like, of tensors over untyped storages.
constexpr NamedType kElementTypes[] = {{"float32", DataType::kFloat},
                                       {"float64", DataType::kDouble},
                                       {"float16", DataType::kFloat16},
                                       {"bfloat16", DataType::kBfloat16},
                                       {"int64", DataType::kInt64},
                                       {"int32", DataType::kInt32},
                                       {"int16", DataType::kInt16},
                                       {"int8", DataType::kInt8},
                                       {"uint8", DataType::kUint8},
                                       {"uint16", DataType::kUint16},
                                       {"uint32", DataType::kUint32},
                                       {"uint64", DataType::kUint64},
                                       {"bool", DataType::kBool},
                                       {"complex64", DataType::kComplex64},
                                       {"complex128", DataType::kComplex128},
                                       {"float8_e4m3fn", DataType::kFloat8e4m3fn},
                                       {"float8_e4m3fnuz", DataType::kFloat8e4m3fnuz},
                                       {"float8_e5m2", DataType::kFloat8e5m2},
                                       {"float8_e5m2fnuz", DataType::kFloat8e5m2fnuz},
                                       {"float8_e8m0fnu", DataType::kFloat8e8m0}};

template <size_t N>
DataType type_of(const PickleValue* value, const NamedType (&types)[N]) {
  const auto* global = value ? value->as<PickleGlobal>() : nullptr;
  if (!global || !global->module.starts_with("torch"))
    fail(ErrorCode::kInvalidModel, "an element type was expected, not {}",
         value ? value->describe() : "nothing");
  for (const NamedType& type : types)
    if (type.name == global->name) return type.type;
  fail(ErrorCode::kUnsupported, "'{}.{}' is not an element type that is read", global->module, global->name);
}

bool is_call_of(const PickleObject& object, std::string_view module, std::string_view name) {
  const auto* callable = object.callable->as<PickleGlobal>();
  return callable && callable->module == module && callable->name == name;
}

// The arguments of a call, by place.
class Arguments {
 public:
  explicit Arguments(const PickleObject& object) : list_(object.arguments->as<PickleList>()) {}

  const PickleValue* at(size_t index) const {
    return list_ && index < list_->elements.size() ? list_->elements[index] : nullptr;
  }
  int64_t integer(size_t index) const {
    const PickleValue* value = at(index);
    const auto* number = value ? value->as<int64_t>() : nullptr;
    if (!number) fail(ErrorCode::kInvalidModel, "argument {} of a tensor is no integer", index);
    return *number;
  }
  Dims integers(size_t index) const {
    const PickleValue* value = at(index);
    const PickleList* list = value ? value->as<PickleList>() : nullptr;
    // torch.Size((2, 3))
    if (const auto* object = value ? value->as<PickleObject>() : nullptr)
      if (const PickleValue* inner = Arguments(*object).at(0)) list = inner->as<PickleList>();
    if (!list) fail(ErrorCode::kInvalidModel, "argument {} of a tensor is no list of integers", index);
    Dims numbers;
    for (const PickleValue* element : list->elements) {
      const auto* number = element->as<int64_t>();
      if (!number) fail(ErrorCode::kInvalidModel, "argument {} of a tensor is no list of integers", index);
      numbers.push_back(*number);
    }
    return numbers;
  }

 private:
  const PickleList* list_;
};

// (storage, offset, sizes, strides, …)
Tensor rebuild(const Arguments& arguments, std::optional<DataType> type, const FindStorage& find_storage) {
  if (!arguments.at(0)) fail(ErrorCode::kInvalidModel, "a tensor has no storage");
  const StorageReference reference = read_reference(*arguments.at(0));
  if (!type) type = reference.type;
  if (*type == DataType::kUndefined)
    fail(ErrorCode::kInvalidModel, "a tensor over untyped memory states no element type");
  return view_of(find_storage(reference), *type, arguments.integer(1), arguments.integers(2),
                 arguments.integers(3));
}

// `depth`: a call may stand in the arguments of another.
std::optional<Tensor> tensor_of(const PickleObject& object, const FindStorage& find_storage,
                                size_t depth = 0) {
  if (depth == kMostNesting) fail(ErrorCode::kInvalidModel, "tensors within tensors have no end");
  const Arguments arguments(object);
  if (is_call_of(object, "torch._utils", "_rebuild_parameter") ||
      is_call_of(object, "torch._utils", "_rebuild_parameter_with_state")) {
    const auto* inner = arguments.at(0) ? arguments.at(0)->as<PickleObject>() : nullptr;
    if (!inner) fail(ErrorCode::kInvalidModel, "a parameter has no tensor in it");
    return tensor_of(*inner, find_storage, depth + 1);
  }
  // A subclass of Tensor: (function, type, arguments of the function, state)
  if (is_call_of(object, "torch._tensor", "_rebuild_from_type_v2") && arguments.at(0) && arguments.at(2)) {
    PickleObject call;
    call.callable = const_cast<PickleValue*>(arguments.at(0));
    call.arguments = const_cast<PickleValue*>(arguments.at(2));
    return tensor_of(call, find_storage, depth + 1);
  }
  if (is_call_of(object, "torch._utils", "_rebuild_tensor_v2") ||
      is_call_of(object, "torch._utils", "_rebuild_tensor"))
    return rebuild(arguments, std::nullopt, find_storage);
  if (is_call_of(object, "torch._utils", "_rebuild_tensor_v3"))
    return rebuild(arguments, type_of(arguments.at(6), kElementTypes), find_storage);
  return std::nullopt;
}

class Collector {
 public:
  Collector(const FindStorage& find_storage, Checkpoint& checkpoint)
      : find_storage_(find_storage), checkpoint_(checkpoint) {}

  void visit(const PickleValue& value, const std::string& name) {
    if (open_.size() == kMostNesting)
      fail(ErrorCode::kInvalidModel, "{} is nested deeper than {}", slipway::quoted(name), kMostNesting);
    count_entry(name);
    if (!open_.insert(&value).second) return skip(name, "itself again");
    with_context([&] { return "entry " + slipway::quoted(name); }, [&] { visit_content(value, name); });
    open_.erase(&value);
  }

 private:
  void count_entry(const std::string& name) {
    name_bytes_ += name.size();
    if (++visited_ > kMostEntries || name_bytes_ > kMostNameBytes)
      fail(ErrorCode::kOutOfMemory, "there are more than {} entries, or their names have more than {} MB",
           kMostEntries, kMostNameBytes >> 20);
  }
  void count_elements(size_t count) {
    elements_ += count;
    if (elements_ > kMostElements)
      fail(ErrorCode::kOutOfMemory, "there are more than {} elements in its lists", kMostElements);
  }

  void visit_content(const PickleValue& value, const std::string& name) {
    if (const auto* dict = value.as<PickleDict>()) return visit_items(dict->items, name);
    if (const auto* list = value.as<PickleList>()) return visit_elements(list->elements, name);
    const auto* object = value.as<PickleObject>();
    if (!object) return skip(name, value.describe());
    if (is_call_of(*object, "collections", "OrderedDict")) return visit_items(object->items, name);
    if (const auto known = tensors_.find(&value); known != tensors_.end()) {
      checkpoint_.tensors.push_back({name, known->second});
      return;
    }
    if (const auto tensor = tensor_of(*object, find_storage_)) {
      tensors_.emplace(&value, *tensor);
      checkpoint_.tensors.push_back({name, *tensor});
      return;
    }
    if (visit_module(*object, name)) return;
    skip(name, value.describe());
  }

  void visit_items(const std::vector<std::pair<PickleValue*, PickleValue*>>& items, const std::string& name) {
    count_elements(items.size());
    for (const auto& [key, value] : items) {
      const auto* text = key->as<std::string>();
      const auto* number = key->as<int64_t>();
      if (!text && !number)
        skip(name, "an item whose key is " + key->describe());
      else
        visit(*value, joined(name, text ? *text : std::to_string(*number)));
    }
  }

  // Lists of numbers are common and long: they are one entry.
  void visit_elements(const std::vector<PickleValue*>& elements, const std::string& name) {
    count_elements(elements.size());
    const auto is_simple = [](const PickleValue* element) {
      return !element->as<PickleDict>() && !element->as<PickleList>() && !element->as<PickleObject>();
    };
    if (std::all_of(elements.begin(), elements.end(), is_simple))
      return skip(name, fmt::format("a list of {}", elements.size()));
    for (size_t i = 0; i < elements.size(); ++i) visit(*elements[i], joined(name, std::to_string(i)));
  }

  // A torch.nn.Module that was pickled whole, by what its state holds.
  bool visit_module(const PickleObject& object, const std::string& name) {
    const auto* state = object.state ? object.state->as<PickleDict>() : nullptr;
    if (!state) return false;
    count_elements(state->items.size());
    bool is_module = false;
    for (const std::string_view part : {"_parameters", "_buffers", "_modules"})
      for (const auto& [key, value] : state->items) {
        const auto* text = key->as<std::string>();
        if (!text || *text != part) continue;
        is_module = true;
        if (!value->as<PickleNone>()) visit(*value, name);
      }
    return is_module;
  }

  static std::string joined(const std::string& name, const std::string& key) {
    return name.empty() ? key : name + "." + key;
  }
  void skip(const std::string& name, std::string what) {
    count_entry(name);
    checkpoint_.others.push_back({name, std::move(what)});
  }

  const FindStorage& find_storage_;
  Checkpoint& checkpoint_;
  std::set<const PickleValue*> open_;
  // A record may stand in many places; its bytes are looked at once.
  std::map<const PickleValue*, Tensor> tensors_;
  size_t visited_ = 0, elements_ = 0, name_bytes_ = 0;
};

}  // namespace

bool is_storage_reference(const PickleValue& value) {
  const auto* persistent = value.as<PicklePersistent>();
  const auto* fields = persistent ? persistent->id->as<PickleList>() : nullptr;
  const auto* kind = fields && !fields->elements.empty() ? fields->elements[0]->as<std::string>() : nullptr;
  return kind && *kind == "storage";
}

StorageReference read_reference(const PickleValue& value) {
  if (!is_storage_reference(value))
    fail(ErrorCode::kInvalidModel, "a storage was expected, not {}", value.describe());
  const auto& fields = value.as<PicklePersistent>()->id->as<PickleList>()->elements;
  // Files before 1.6 have a sixth field.
  if (fields.size() < 5) fail(ErrorCode::kInvalidModel, "a storage has {} fields", fields.size());
  const auto* key = fields[2]->as<std::string>();
  const auto* count = fields[4]->as<int64_t>();
  if (!key || !count || *count < 0) fail(ErrorCode::kInvalidModel, "a storage states no name or no size");
  return {*key, type_of(fields[1], kStorageTypes), *count};
}

std::optional<Tensor> find_tensor_record(const PickleValue& value, const FindStorage& find_storage) {
  const auto* object = value.as<PickleObject>();
  return object ? tensor_of(*object, find_storage) : std::nullopt;
}

void collect_tensors(const PickleValue& root, const FindStorage& find_storage, Checkpoint& checkpoint) {
  Collector(find_storage, checkpoint).visit(root, "");
}

}  // namespace slipway::torch
