// The table of functions that a library's functions call. Each hands over to the call; nothing throws into
// the library: an error stays in the call, and the function returns what says "nothing".
#include <cstdarg>
#include <cstdio>
#include <new>

#include "custom/call.hpp"

namespace slipway::custom {
namespace {

using Kind = Attribute::Kind;

// What `body` returns; `otherwise` when it throws, which the call then remembers.
template <typename Result, typename Body>
Result guarded(slipway_op_call* call, Result otherwise, Body&& body) noexcept {
  try {
    return body();
  } catch (const Error& error) {
    call->keep(error);
  } catch (const std::bad_alloc&) {
    call->keep(Error(ErrorCode::kOutOfMemory, "the machine's memory does not suffice"));
  } catch (const std::exception& exception) {
    call->keep(Error(ErrorCode::kInternal, exception.what()));
  }
  return otherwise;
}

slipway_status status(const slipway_op_call* call) {
  return call->error() ? status_of(call->error()->code()) : SLIPWAY_OK;
}

template <typename Body>
slipway_status guarded_status(slipway_op_call* call, Body&& body) noexcept {
  guarded(call, 0, [&] { return body(), 0; });
  return status(call);
}

// "printf" into a string. The text may be anything, so its length is asked for first.
std::string format_text(const char* format, va_list arguments) {
  if (!format) return "it gives no text";
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  std::string text(length > 0 ? static_cast<size_t>(length) : 0, '\0');
  if (length > 0) std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  return text;
}

slipway_status fail_call(slipway_op_call* call, slipway_status status, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  guarded(call, 0, [&] { return call->keep(Error(code_of(status), format_text(format, arguments))), 0; });
  va_end(arguments);
  return custom::status(call);
}

size_t input_count(slipway_op_call* call) {
  return guarded(call, size_t{0}, [&] { return call->input_count(); });
}

size_t output_count(slipway_op_call* call) {
  return guarded(call, size_t{0}, [&] { return call->output_count(); });
}

int wants_output(slipway_op_call* call, size_t index) {
  return guarded(call, 0, [&] { return call->wants_output(index) ? 1 : 0; });
}

int has_attribute(slipway_op_call* call, const char* name) {
  return guarded(call, 0, [&] { return call->has_attribute(name) ? 1 : 0; });
}

int64_t attribute_int(slipway_op_call* call, const char* name, int64_t otherwise) {
  return guarded(call, otherwise, [&] {
    const auto* value = call->attribute<int64_t>(name, Kind::kInt);
    return value ? *value : otherwise;
  });
}

float attribute_float(slipway_op_call* call, const char* name, float otherwise) {
  return guarded(call, otherwise, [&] {
    const auto* value = call->attribute<float>(name, Kind::kFloat);
    return value ? *value : otherwise;
  });
}

template <typename String>
const char* c_string(const String& text, size_t* length) {
  if (length) *length = text.size();
  return text.c_str();
}

const char* attribute_string(slipway_op_call* call, const char* name, const char* otherwise, size_t* length) {
  if (length) *length = otherwise ? std::char_traits<char>::length(otherwise) : 0;
  return guarded(call, otherwise, [&] {
    const auto* value = call->attribute<std::string>(name, Kind::kString);
    return value ? c_string(*value, length) : otherwise;
  });
}

// An attribute that is a list of T. A list that is there is told from none by its pointer, so it is never
// NULL.
template <typename T>
const T* attribute_list(slipway_op_call* call, const char* name, Kind kind, size_t* count) {
  static constexpr T kNothing[1] = {};
  if (count) *count = 0;
  return guarded(call, static_cast<const T*>(nullptr), [&]() -> const T* {
    const auto* list = call->attribute<std::vector<T>>(name, kind);
    if (!list) return nullptr;
    if (count) *count = list->size();
    return list->empty() ? kNothing : list->data();
  });
}

const int64_t* attribute_ints(slipway_op_call* call, const char* name, size_t* count) {
  return attribute_list<int64_t>(call, name, Kind::kInts, count);
}

const float* attribute_floats(slipway_op_call* call, const char* name, size_t* count) {
  return attribute_list<float>(call, name, Kind::kFloats, count);
}

size_t attribute_strings(slipway_op_call* call, const char* name) {
  return guarded(call, size_t{0}, [&] {
    const auto* list = call->attribute<std::vector<std::string>>(name, Kind::kStrings);
    return list ? list->size() : 0;
  });
}

const char* attribute_string_at(slipway_op_call* call, const char* name, size_t index, size_t* length) {
  if (length) *length = 0;
  return guarded(call, static_cast<const char*>(nullptr), [&]() -> const char* {
    const auto* list = call->attribute<std::vector<std::string>>(name, Kind::kStrings);
    return list && index < list->size() ? c_string((*list)[index], length) : nullptr;
  });
}

const slipway_op_tensor* attribute_tensor(slipway_op_call* call, const char* name) {
  return guarded(call, static_cast<const slipway_op_tensor*>(nullptr),
                 [&] { return call->attribute_tensor(name); });
}

const slipway_op_type* input_type(slipway_op_call* call, size_t index) {
  return guarded(call, static_cast<const slipway_op_type*>(nullptr), [&] { return call->input_type(index); });
}

const slipway_op_tensor* input_constant(slipway_op_call* call, size_t index) {
  return guarded(call, static_cast<const slipway_op_tensor*>(nullptr),
                 [&] { return call->input_constant(index); });
}

slipway_status set_shape(slipway_op_call* call, size_t output, const int64_t* dims, int32_t rank) {
  return guarded_status(call, [&] { call->set_shape(output, dims, rank); });
}

slipway_status set_shape_like(slipway_op_call* call, size_t output, size_t input) {
  return guarded_status(call, [&] { call->set_shape_like(output, input); });
}

slipway_status set_element_type(slipway_op_call* call, size_t output, slipway_element_type type) {
  return guarded_status(call, [&] { call->set_element_type(output, type); });
}

const slipway_op_type* output_type(slipway_op_call* call, size_t index) {
  return guarded(call, static_cast<const slipway_op_type*>(nullptr),
                 [&] { return call->output_type(index); });
}

const slipway_op_tensor* input(slipway_op_call* call, size_t index) {
  return guarded(call, static_cast<const slipway_op_tensor*>(nullptr), [&] { return call->input(index); });
}

const char* string(slipway_op_call* call, const slipway_op_tensor* tensor, size_t index, size_t* length) {
  if (length) *length = 0;
  return guarded(call, "", [&] { return c_string(call->string(tensor, index), length); });
}

void* output(slipway_op_call* call, size_t index) {
  return guarded(call, static_cast<void*>(nullptr), [&] { return call->output(index); });
}

void* output_of_shape(slipway_op_call* call, size_t index, const int64_t* dims, size_t rank) {
  return guarded(call, static_cast<void*>(nullptr), [&] { return call->output_of_shape(index, dims, rank); });
}

slipway_status set_string(slipway_op_call* call, size_t output, size_t index, const char* text,
                          size_t length) {
  return guarded_status(call, [&] { call->set_string(output, index, text, length); });
}

constexpr slipway_op_api kTable = {
    .fail = fail_call,
    .status = status,
    .input_count = input_count,
    .output_count = output_count,
    .wants_output = wants_output,
    .has_attribute = has_attribute,
    .attribute_int = attribute_int,
    .attribute_float = attribute_float,
    .attribute_string = attribute_string,
    .attribute_ints = attribute_ints,
    .attribute_floats = attribute_floats,
    .attribute_strings = attribute_strings,
    .attribute_string_at = attribute_string_at,
    .attribute_tensor = attribute_tensor,
    .input_type = input_type,
    .input_constant = input_constant,
    .set_shape = set_shape,
    .set_shape_like = set_shape_like,
    .set_element_type = set_element_type,
    .output_type = output_type,
    .input = input,
    .string = string,
    .output = output,
    .output_of_shape = output_of_shape,
    .set_string = set_string,
};

}  // namespace

const slipway_op_api& call_table() {
  return kTable;
}

}  // namespace slipway::custom
