#include "backends/onnxruntime/ort_values.hpp"

#include <array>
#include <utility>

#include "base/error.hpp"

namespace slipway::backends::ort {
namespace {

// ONNX Runtime numbers types as TensorProto does, but for those that came last.
constexpr std::array<std::pair<DataType, int>, 3> kOtherNumbers = {
    {{DataType::kUint2, 24}, {DataType::kInt2, 25}, {DataType::kFloat8e8m0, 26}}};

int number_of(DataType type) {
  for (const auto& [other, number] : kOtherNumbers)
    if (other == type) return number;
  return static_cast<int>(type);
}

DataType type_of(int number) {
  for (const auto& [type, other] : kOtherNumbers)
    if (other == number) return type;
  if (!is_data_type(number) || number > static_cast<int>(DataType::kFloat4e2m1))
    fail(ErrorCode::kUnsupported, "ONNX Runtime made a tensor of an element type that is not known here ({})",
         number);
  return static_cast<DataType>(number);
}

Handle<Value> strings_to_ort(const Library& library, const Tensor& tensor) {
  const Api& api = library.api();
  std::vector<const char*> pointers;
  for (const Text& text : tensor.data<Text>()) {
    if (text.find('\0') != std::string::npos)
      fail(ErrorCode::kUnsupported, "a string with NUL inside cannot be given to ONNX Runtime");
    pointers.push_back(text.c_str());
  }
  Allocator* allocator = nullptr;
  library.check(api.get_allocator_with_default_options(&allocator));
  auto value = library.make<Value>(api.release_value, [&](Value** out) {
    return api.create_tensor(allocator, tensor.dims().data(), tensor.rank(), number_of(tensor.type()), out);
  });
  library.check(api.fill_string_tensor(value.get(), pointers.data(), pointers.size()));
  return value;
}

Handle<Value> tensor_to_ort(const Library& library, const Tensor& tensor) {
  const Api& api = library.api();
  if (tensor.type() == DataType::kString) return strings_to_ort(library, tensor);
  const auto memory = library.make<MemoryInfo>(api.release_memory_info, [&](MemoryInfo** out) {
    return api.create_cpu_memory_info(AllocatorKind::kArena, MemoryKind::kDefault, out);
  });
  // The library does not write to inputs; its interface has no const for them.
  return library.make<Value>(api.release_value, [&](Value** out) {
    return api.create_tensor_with_data(memory.get(), const_cast<void*>(tensor.raw()), tensor.bytes(),
                                       tensor.dims().data(), tensor.rank(), number_of(tensor.type()), out);
  });
}

// A sequence of these values, or the map of keys and values.
Handle<Value> made_of(const Library& library, std::span<const RuntimeValue> parts, ValueKind kind) {
  std::vector<Handle<Value>> elements;
  std::vector<const Value*> pointers;
  for (const RuntimeValue& part : parts) {
    elements.push_back(to_ort(library, part));
    pointers.push_back(elements.back().get());
  }
  return library.make<Value>(library.api().release_value, [&](Value** out) {
    return library.api().create_value(pointers.data(), pointers.size(), kind, out);
  });
}

Handle<Value> map_to_ort(const Library& library, const Map& map) {
  const RuntimeValue parts[] = {map.keys, map.values};
  return made_of(library, parts, ValueKind::kMap);
}

// What an output's memory needs to stay, let go in the right order: value, session, library.
struct Owner {
  std::shared_ptr<const Library> library;
  std::shared_ptr<void> session;
  Handle<Value> value;
};

struct TensorFacts {
  DataType type;
  Dims dims;
};

TensorFacts describe(const Library& library, const Value* value) {
  const Api& api = library.api();
  const auto info = library.make<TensorInfo>(
      api.release_tensor_info, [&](TensorInfo** out) { return api.get_tensor_type_and_shape(value, out); });
  int number = 0;
  size_t rank = 0;
  library.check(api.get_tensor_element_type(info.get(), &number));
  library.check(api.get_dimensions_count(info.get(), &rank));
  TensorFacts facts{type_of(number), Dims(rank)};
  library.check(api.get_dimensions(info.get(), facts.dims.data(), rank));
  return facts;
}

Tensor strings_from_ort(const Library& library, const Value* value, const Dims& dims) {
  const Api& api = library.api();
  Tensor tensor(DataType::kString, dims);
  const auto texts = tensor.data<Text>();
  size_t length = 0;
  library.check(api.get_string_tensor_data_length(value, &length));
  std::string all(length, '\0');
  std::vector<size_t> offsets(texts.size());
  library.check(api.get_string_tensor_content(value, all.data(), all.size(), offsets.data(), offsets.size()));
  for (size_t i = 0; i < texts.size(); ++i) {
    const size_t end = i + 1 < texts.size() ? offsets[i + 1] : length;
    texts[i] = all.substr(offsets[i], end - offsets[i]);
  }
  return tensor;
}

Tensor tensor_from_ort(const std::shared_ptr<const Library>& library, Handle<Value> value,
                       const std::shared_ptr<void>& session) {
  TensorFacts facts = describe(*library, value.get());
  if (facts.type == DataType::kString) return strings_from_ort(*library, value.get(), facts.dims);
  void* data = nullptr;
  library->check(library->api().get_tensor_mutable_data(value.get(), &data));
  const size_t size = bytes_for(facts.type, element_count(facts.dims));
  const auto owner = std::make_shared<Owner>(Owner{library, session, std::move(value)});
  const auto buffer = std::make_shared<Buffer>(data, size, Device{}, [owner](void*) {});
  return Tensor(facts.type, std::move(facts.dims), buffer);
}

// The elements of a sequence; of a map its keys and its values.
Sequence parts_from_ort(const std::shared_ptr<const Library>& library, const Value* value,
                        const std::shared_ptr<void>& session) {
  const Api& api = library->api();
  Allocator* allocator = nullptr;
  size_t count = 0;
  library->check(api.get_allocator_with_default_options(&allocator));
  library->check(api.get_value_count(value, &count));
  Sequence sequence;
  for (size_t i = 0; i < count; ++i) {
    auto element = library->make<Value>(api.release_value, [&](Value** out) {
      return api.get_value(value, static_cast<int>(i), allocator, out);
    });
    sequence.push_back(from_ort(library, std::move(element), session));
  }
  return sequence;
}

RuntimeValue map_from_ort(const std::shared_ptr<const Library>& library, const Value* value,
                          const std::shared_ptr<void>& session) {
  const Sequence parts = parts_from_ort(library, value, session);
  if (parts.size() != 2) fail(ErrorCode::kUnsupported, "ONNX Runtime made a map of {} parts", parts.size());
  return Map{parts[0].tensor(), parts[1].tensor()};
}

}  // namespace

Handle<Value> to_ort(const Library& library, const RuntimeValue& value) {
  if (value.is_tensor()) return tensor_to_ort(library, value.tensor());
  if (value.is_sequence()) return made_of(library, value.sequence(), ValueKind::kSequence);
  if (value.is_map()) return map_to_ort(library, value.map());
  fail(ErrorCode::kUnsupported, "an empty optional cannot be given to ONNX Runtime");
}

RuntimeValue from_ort(const std::shared_ptr<const Library>& library, Handle<Value> value,
                      const std::shared_ptr<void>& session) {
  if (!value) return {};
  ValueKind kind = ValueKind::kUnknown;
  library->check(library->api().get_value_type(value.get(), &kind));
  switch (kind) {
    case ValueKind::kUnknown:
      return {};
    case ValueKind::kTensor:
      return tensor_from_ort(library, std::move(value), session);
    case ValueKind::kSequence:
      return parts_from_ort(library, value.get(), session);
    case ValueKind::kMap:
      return map_from_ort(library, value.get(), session);
    default:
      fail(ErrorCode::kUnsupported, "ONNX Runtime made a value that is no tensor, sequence or map");
  }
}

}  // namespace slipway::backends::ort
