// Slipway for C++17: slipway.h with objects that free themselves and exceptions. Header-only; link the
// library.
//
//   slipway::Model model("model.onnx");
//   auto image = slipway::Tensor::from<float>({1, 3, 24, 31}, pixels);
//   auto outputs = model.run({{"input", image}});
//   const float* result = outputs.at("output").data<float>();
//
// What can fail throws slipway::Error. slipway.h says what each function does, what fails and which threads
// may call it; here stands only what is different.
#ifndef SLIPWAY_SLIPWAY_HPP
#define SLIPWAY_SLIPWAY_HPP

#include <complex>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/slipway.h"

namespace slipway {
// The names of this interface are apart from those of other versions in one program.
inline namespace v0 {

using Dims = std::vector<int64_t>;

// The text is that of slipway_last_error.
class Error : public std::runtime_error {
 public:
  Error(slipway_status status, const std::string& text) : std::runtime_error(text), status_(status) {}
  slipway_status status() const noexcept { return status_; }

 private:
  slipway_status status_;
};

// Throws unless `status` is SLIPWAY_OK.
inline void check(slipway_status status) {
  if (status != SLIPWAY_OK) throw Error(status, slipway_last_error());
}

// The element type of a C++ type; SLIPWAY_UNDEFINED for types that have none. Those without a C++ type
// (float16, int4) are reached as bytes.
template <typename T>
inline constexpr slipway_element_type element_type_of = SLIPWAY_UNDEFINED;
template <>
inline constexpr slipway_element_type element_type_of<float> = SLIPWAY_FLOAT;
template <>
inline constexpr slipway_element_type element_type_of<double> = SLIPWAY_DOUBLE;
template <>
inline constexpr slipway_element_type element_type_of<int8_t> = SLIPWAY_INT8;
template <>
inline constexpr slipway_element_type element_type_of<int16_t> = SLIPWAY_INT16;
template <>
inline constexpr slipway_element_type element_type_of<int32_t> = SLIPWAY_INT32;
template <>
inline constexpr slipway_element_type element_type_of<int64_t> = SLIPWAY_INT64;
template <>
inline constexpr slipway_element_type element_type_of<uint8_t> = SLIPWAY_UINT8;
template <>
inline constexpr slipway_element_type element_type_of<uint16_t> = SLIPWAY_UINT16;
template <>
inline constexpr slipway_element_type element_type_of<uint32_t> = SLIPWAY_UINT32;
template <>
inline constexpr slipway_element_type element_type_of<uint64_t> = SLIPWAY_UINT64;
template <>
inline constexpr slipway_element_type element_type_of<bool> = SLIPWAY_BOOL;
template <>
inline constexpr slipway_element_type element_type_of<std::complex<float>> = SLIPWAY_COMPLEX64;
template <>
inline constexpr slipway_element_type element_type_of<std::complex<double>> = SLIPWAY_COMPLEX128;

// Shares its elements: a copy is the same tensor, as with a shared_ptr.
class Tensor {
 public:
  // In memory of its own, all elements 0 (strings: empty).
  Tensor(slipway_element_type type, const Dims& dims) {
    slipway_tensor* made = nullptr;
    check(slipway_tensor_create(type, dims.data(), dims.size(), &made));
    *this = Tensor(owned(made));
  }

  // A tensor that the C API made.
  explicit Tensor(std::shared_ptr<slipway_tensor> handle) : handle_(std::move(handle)) {
    check(slipway_tensor_describe(handle_.get(), &info_));
  }

  // A copy of elements.
  template <typename T>
  static Tensor from(const Dims& dims, const std::vector<T>& elements) {
    Tensor tensor(element_type_of<T>, dims);
    if (elements.size() != tensor.count()) throw_count(tensor.count(), elements.size());
    T* to = tensor.data<T>();
    for (size_t i = 0; i < elements.size(); ++i) to[i] = elements[i];
    return tensor;
  }
  static Tensor from(const Dims& dims, const std::vector<std::string>& strings) {
    std::vector<const char*> texts;
    std::vector<size_t> lengths;
    for (const std::string& string : strings) {
      texts.push_back(string.data());
      lengths.push_back(string.size());
    }
    slipway_tensor* made = nullptr;
    check(slipway_tensor_create_strings(dims.data(), dims.size(), texts.data(), lengths.data(),
                                        strings.size(), &made));
    return Tensor(owned(made));
  }

  // A view of memory that outlives this tensor and its copies. `count` is the number of elements there.
  // Inputs are only read: for them a const_cast is in place.
  template <typename T>
  static Tensor borrow(const Dims& dims, T* elements, size_t count) {
    static_assert(element_type_of<T> != SLIPWAY_UNDEFINED, "T is no element type: use borrow_bytes()");
    return borrow_bytes(element_type_of<T>, dims, elements, count * sizeof(T));
  }
  // The same of any element type but strings.
  static Tensor borrow_bytes(slipway_element_type type, const Dims& dims, void* data, size_t size) {
    slipway_tensor* made = nullptr;
    check(slipway_tensor_borrow(type, dims.data(), dims.size(), data, size, nullptr, nullptr, &made));
    return Tensor(owned(made));
  }

  slipway_element_type element_type() const { return info().element_type; }
  Dims dims() const { return Dims(info().dims, info().dims + info().rank); }
  size_t count() const { return info().element_count; }
  size_t size() const { return info().size; }  // bytes; 0 for strings

  // The elements. Throws SLIPWAY_INVALID_ARGUMENT when T is not the element type.
  template <typename T>
  T* data() const {
    static_assert(element_type_of<T> != SLIPWAY_UNDEFINED, "T is no element type: use bytes()");
    if (element_type() != element_type_of<T>)
      throw Error(SLIPWAY_INVALID_ARGUMENT, std::string("the elements are ") +
                                                slipway_element_type_name(element_type()) + ", not " +
                                                slipway_element_type_name(element_type_of<T>));
    return static_cast<T*>(info().data);
  }
  // The elements of any type; nullptr for strings.
  void* bytes() const { return info().data; }
  // Valid while the tensor is and nothing writes to it.
  std::string_view string(size_t index) const {
    const char* text = nullptr;
    size_t length = 0;
    check(slipway_tensor_string(handle(), index, &text, &length));
    return {text, length};
  }

  slipway_tensor* handle() const noexcept { return handle_.get(); }

 private:
  static std::shared_ptr<slipway_tensor> owned(slipway_tensor* made) { return {made, slipway_tensor_free}; }
  const slipway_tensor_info& info() const {
    if (!handle_) throw Error(SLIPWAY_INVALID_ARGUMENT, "the tensor was moved away");
    return *info_;
  }
  [[noreturn]] static void throw_count(size_t expected, size_t given) {
    throw Error(SLIPWAY_INVALID_ARGUMENT,
                std::to_string(given) + " elements were given for a tensor of " + std::to_string(expected));
  }

  std::shared_ptr<slipway_tensor> handle_;
  const slipway_tensor_info* info_ = nullptr;
};

using NamedTensors = std::map<std::string, Tensor>;

// An input or an output of a model.
struct Port {
  std::string name;
  std::string type;  // for people: "f32[1,3,h,w]"
  slipway_element_type element_type = SLIPWAY_UNDEFINED;
  std::optional<Dims> dims;          // nothing: the rank is not stated; -1: no number is
  std::vector<std::string> symbols;  // one for each of dims; "" where there is none
  bool optional = false;             // an input that may be left out
};

// A copy is the same request.
class Cancellation {
 public:
  Cancellation() {
    slipway_cancellation* made = nullptr;
    check(slipway_cancellation_create(&made));
    handle_.reset(made, slipway_cancellation_free);
  }
  void request() { check(slipway_cancel(handle())); }
  void reset() { check(slipway_cancellation_reset(handle())); }
  slipway_cancellation* handle() const noexcept { return handle_.get(); }

 private:
  std::shared_ptr<slipway_cancellation> handle_;
};

// How to load a model: slipway_model_options.
struct ModelOptions {
  std::string backend = "native";
  std::string library;  // of a foreign engine; empty: the usual places
  int threads = 0;      // 0: as many as there are processors
  bool optimize = true;
  std::vector<std::string> custom_ops;  // libraries that bring operators
  size_t max_memory = 0;                // bytes that the model may take; 0: no limit
};

// A copy is the same model.
class Model {
 public:
  explicit Model(const std::string& path, const ModelOptions& options = {}) {
    slipway_model_options raw = {};
    raw.struct_size = sizeof raw;
    raw.backend = options.backend.c_str();
    raw.library = options.library.empty() ? nullptr : options.library.c_str();
    raw.threads = options.threads;
    raw.disable_optimization = options.optimize ? 0 : 1;
    std::vector<const char*> libraries;
    for (const std::string& library : options.custom_ops) libraries.push_back(library.c_str());
    raw.custom_ops = libraries.data();
    raw.custom_op_count = libraries.size();
    raw.max_memory = options.max_memory;
    slipway_model* made = nullptr;
    check(slipway_model_load(path.c_str(), &raw, &made));
    handle_.reset(made, slipway_model_free);
  }

  std::vector<Port> inputs() const { return ports(slipway_model_input_count, slipway_model_input); }
  std::vector<Port> outputs() const { return ports(slipway_model_output_count, slipway_model_output); }

  // All outputs, in tensors of their own.
  NamedTensors run(const NamedTensors& inputs, const Cancellation* cancellation = nullptr) const {
    const auto given = bindings(inputs);
    auto wanted = output_names();
    std::vector<std::shared_ptr<slipway_tensor>> made(wanted.size());
    check(slipway_run(handle(), given.data(), given.size(), wanted.data(), wanted.size(),
                      handle_of(cancellation)));
    NamedTensors outputs;
    for (size_t i = 0; i < wanted.size(); ++i) made[i].reset(wanted[i].tensor, slipway_tensor_free);
    for (size_t i = 0; i < wanted.size(); ++i) outputs.emplace(wanted[i].name, Tensor(std::move(made[i])));
    return outputs;
  }

  // Writes the outputs that are named to the tensors given for them, which must have their type and
  // dimensions.
  void run_into(const NamedTensors& inputs, const NamedTensors& outputs,
                const Cancellation* cancellation = nullptr) const {
    const auto given = bindings(inputs);
    auto wanted = bindings(outputs);
    check(slipway_run(handle(), given.data(), given.size(), wanted.data(), wanted.size(),
                      handle_of(cancellation)));
  }

  // From picture file to picture file, by the pipeline inside the model.
  void run_picture(const std::string& input_path, const std::string& output_path,
                   const Cancellation* cancellation = nullptr) const {
    check(slipway_run_picture(handle(), input_path.c_str(), output_path.c_str(), handle_of(cancellation)));
  }

  slipway_model* handle() const noexcept { return handle_.get(); }

 private:
  template <typename Count, typename Get>
  std::vector<Port> ports(Count&& count_of, Get&& get) const {
    size_t count = 0;
    check(count_of(handle(), &count));
    std::vector<Port> result(count);
    for (size_t i = 0; i < count; ++i) {
      const slipway_port* raw = nullptr;
      check(get(handle(), i, &raw));
      result[i].name = raw->name;
      result[i].type = raw->type;
      result[i].element_type = raw->element_type;
      result[i].optional = raw->optional != 0;
      if (raw->rank < 0) continue;
      result[i].dims.emplace(raw->dims, raw->dims + raw->rank);
      for (int32_t axis = 0; axis < raw->rank; ++axis)
        result[i].symbols.emplace_back(raw->symbols[axis] ? raw->symbols[axis] : "");
    }
    return result;
  }

  static std::vector<slipway_binding> bindings(const NamedTensors& tensors) {
    std::vector<slipway_binding> result;
    for (const auto& [name, tensor] : tensors) result.push_back({name.c_str(), tensor.handle()});
    return result;
  }

  std::vector<slipway_binding> output_names() const {
    size_t count = 0;
    check(slipway_model_output_count(handle(), &count));
    std::vector<slipway_binding> names(count);
    for (size_t i = 0; i < count; ++i) {
      const slipway_port* port = nullptr;
      check(slipway_model_output(handle(), i, &port));
      names[i] = {port->name, nullptr};
    }
    return names;
  }

  static const slipway_cancellation* handle_of(const Cancellation* cancellation) {
    return cancellation ? cancellation->handle() : nullptr;
  }

  std::shared_ptr<slipway_model> handle_;
};

}  // namespace v0
}  // namespace slipway

#endif
