#include "torch/program/arguments.hpp"

#include <utility>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/ir/block.hpp"
#include "torch/program/enumerators.hpp"

namespace slipway::torch {
namespace {

using namespace ir;
using Scope = ArgumentScope;

// A list whose elements `read` makes of the JSON's.
template <typename T, typename Read>
std::vector<T> list_of(const Json& value, const Read& read) {
  std::vector<T> list;
  const auto& elements = as_array(value, "a list");
  list.reserve(elements.size());
  for (const Json& element : elements) list.push_back(read(element));
  return list;
}

Argument constant_int(const Json& value, const Scope&) {
  return {Int{as_integer(value, "as_int")}};
}
Argument constant_float(const Json& value, const Scope&) {
  return {Float{as_number(value, "as_float")}};
}
Argument constant_bool(const Json& value, const Scope&) {
  return {Bool{as_bool(value, "as_bool")}};
}

// --- values ---

Argument tensor(const Json& value, const Scope& scope) {
  return scope.find(name_of_tensor(value));
}

Value* tensor_in_list(const Json& value, const Scope& scope) {
  const std::string& name = name_of_tensor(value);
  const Argument found = scope.find(name);
  if (found.is_none()) return nullptr;
  if (const auto* tensor = found.as<Value*>()) return *tensor;
  // Lists that operators of higher order pass on hold numbers among the tensors.
  if (const auto* number = found.as<Int>(); number && number->value) return number->value;
  if (const auto* number = found.as<Float>(); number && number->value) return number->value;
  if (const auto* number = found.as<Bool>(); number && number->value) return number->value;
  fail(ErrorCode::kUnsupported, "{} stands in a list of tensors, but is a constant", slipway::quoted(name));
}

// {"as_tensor": {"name": "x"}} or {"as_none": true}
Value* optional_tensor(const Json& value, const Scope& scope) {
  const Choice choice = choice_of(value, "an optional tensor");
  if (choice.kind == "as_none") return nullptr;
  if (choice.kind == "as_tensor") return tensor_in_list(choice.value, scope);
  fail(ErrorCode::kInvalidModel, "{} is no kind of optional tensor", slipway::quoted(choice.kind));
}

Argument optional_tensor_argument(const Json& value, const Scope& scope) {
  Value* found = optional_tensor(value, scope);
  return found ? Argument{found} : Argument{None{}};
}

Argument tensors(const Json& value, const Scope& scope) {
  return {list_of<Value*>(value, [&](const Json& element) { return tensor_in_list(element, scope); })};
}
Argument optional_tensors(const Json& value, const Scope& scope) {
  return {list_of<Value*>(value, [&](const Json& element) { return optional_tensor(element, scope); })};
}
Argument nested_tensors(const Json& value, const Scope& scope) {
  return {list_of<Argument>(value, [&](const Json& element) { return tensors(element, scope); })};
}

// --- numbers that the program computes, or constants among such ---

// {"as_name": "sym_size"} or {"as_int": 3}
template <typename T>
T symbolic(const Json& value, const Scope& scope, Argument (*constant)(const Json&, const Scope&),
           std::string_view constant_kind) {
  const Choice choice = choice_of(value, "a number");
  if (choice.kind != "as_name") {
    if (choice.kind != constant_kind)
      fail(ErrorCode::kInvalidModel, "{} is no kind of this number", slipway::quoted(choice.kind));
    return *constant(choice.value, scope).as<T>();
  }
  const std::string& name = as_text(choice.value, "as_name");
  const Argument found = scope.find(name);
  if (const auto* number = found.as<T>()) return *number;
  fail(ErrorCode::kInvalidModel, "{} is no number of the kind that was expected", slipway::quoted(name));
}
Int symbolic_int(const Json& value, const Scope& scope) {
  return symbolic<Int>(value, scope, constant_int, "as_int");
}
Float symbolic_float(const Json& value, const Scope& scope) {
  return symbolic<Float>(value, scope, constant_float, "as_float");
}
Bool symbolic_bool(const Json& value, const Scope& scope) {
  return symbolic<Bool>(value, scope, constant_bool, "as_bool");
}

template <auto read>
Argument one(const Json& value, const Scope& scope) {
  return {read(value, scope)};
}
template <auto read>
Argument many(const Json& value, const Scope& scope) {
  using T = decltype(read(value, scope));
  return {list_of<T>(value, [&](const Json& element) { return read(element, scope); })};
}
template <typename T, Argument (*constant)(const Json&, const Scope&)>
Argument constants(const Json& value, const Scope& scope) {
  return {list_of<T>(value, [&](const Json& element) { return *constant(element, scope).template as<T>(); })};
}
template <typename T, Argument (*constant)(const Json&, const Scope&)>
Argument lists_of_constants(const Json& value, const Scope& scope) {
  return {list_of<Argument>(value, [&](const Json& list) { return constants<T, constant>(list, scope); })};
}

// --- the rest ---

Argument none(const Json&, const Scope&) {
  return {None{}};
}
Argument text(const Json& value, const Scope&) {
  return {as_text(value, "a text")};
}
Argument texts(const Json& value, const Scope&) {
  return {list_of<std::string>(value, [](const Json& element) { return as_text(element, "a text"); })};
}
Argument complex_number(const Json& value, const Scope&) {
  return {std::complex<double>(as_number(member(value, "real"), "real"),
                               as_number(member(value, "imag"), "imag"))};
}
Argument data_type(const Json& value, const Scope&) {
  return {program_data_type(as_integer(value, "as_scalar_type"))};
}
Argument memory_format(const Json& value, const Scope&) {
  return {Enumerator{Enumerator::Kind::kMemoryFormat,
                     program_memory_format(as_integer(value, "as_memory_format"))}};
}
Argument layout(const Json& value, const Scope&) {
  return {Enumerator{Enumerator::Kind::kLayout, program_layout(as_integer(value, "as_layout"))}};
}
// {"type": "cuda", "index": 0}
Argument device(const Json& value, const Scope&) {
  std::string name = text_at(value, "type");
  if (const Json* index = find_member(value, "index"))
    name += ":" + std::to_string(as_integer(*index, "index"));
  return {Enumerator{Enumerator::Kind::kDevice, std::move(name)}};
}
// {"name": "true_graph_0", "graph": {…}}
Argument graph(const Json& value, const Scope& scope) {
  return {scope.read_block(member(value, "graph"))};
}
Argument dict(const Json& value, const Scope& scope) {
  Dict entries;
  for (const auto& [key, element] : as_object(value, "as_string_to_argument"))
    entries.push_back({key, read_argument(element, scope)});
  return {std::move(entries)};
}
Argument custom_object(const Json& value, const Scope&) {
  const Json* type = find_member(value, "class_fqn");
  fail(ErrorCode::kUnsupported,
       "it takes the custom object {} of class {}: only tensors, numbers, texts and lists of them are read",
       slipway::quoted(text_at(value, "name")), slipway::quoted(type ? as_text(*type, "class_fqn") : "?"));
}

struct Kind {
  std::string_view name;
  Argument (*read)(const Json&, const Scope&);
};
constexpr Kind kKinds[] = {{"as_tensor", tensor},
                           {"as_int", constant_int},
                           {"as_ints", constants<Int, constant_int>},
                           {"as_float", constant_float},
                           {"as_bool", constant_bool},
                           {"as_none", none},
                           {"as_tensors", tensors},
                           {"as_sym_int", one<symbolic_int>},
                           {"as_sym_ints", many<symbolic_int>},
                           {"as_floats", constants<Float, constant_float>},
                           {"as_string", text},
                           {"as_strings", texts},
                           {"as_scalar_type", data_type},
                           {"as_memory_format", memory_format},
                           {"as_layout", layout},
                           {"as_device", device},
                           {"as_bools", constants<Bool, constant_bool>},
                           {"as_sym_bool", one<symbolic_bool>},
                           {"as_sym_bools", many<symbolic_bool>},
                           {"as_graph", graph},
                           {"as_optional_tensors", optional_tensors},
                           {"as_optional_tensor", optional_tensor_argument},
                           {"as_custom_obj", custom_object},
                           {"as_operator", text},
                           {"as_sym_float", one<symbolic_float>},
                           {"as_sym_floats", many<symbolic_float>},
                           {"as_complex", complex_number},
                           {"as_nested_tensors", nested_tensors},
                           {"as_int_lists", lists_of_constants<Int, constant_int>},
                           {"as_float_lists", lists_of_constants<Float, constant_float>},
                           {"as_string_to_argument", dict}};

}  // namespace

const std::string& name_of_tensor(const Json& tensor) {
  return tensor.is_string() ? tensor.get_ref<const std::string&>() : text_at(tensor, "name");
}

const ArgumentScope& constant_scope() {
  static const ArgumentScope scope = {[](const std::string& name) -> Argument {
                                        fail(ErrorCode::kInvalidModel, "{} is no constant",
                                             slipway::quoted(name));
                                      },
                                      [](const Json&) -> std::shared_ptr<Block> {
                                        fail(ErrorCode::kInvalidModel, "a graph is no constant");
                                      }};
  return scope;
}

Argument read_argument(const Json& argument, const ArgumentScope& scope) {
  const Choice choice = choice_of(argument, "an argument");
  for (const Kind& kind : kKinds)
    if (kind.name == choice.kind) return kind.read(choice.value, scope);
  fail(ErrorCode::kUnsupported, "{} is no kind of argument that is read", slipway::quoted(choice.kind));
}

}  // namespace slipway::torch
