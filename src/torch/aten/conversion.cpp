#include "torch/aten/conversion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "torch/aten/scope.hpp"
#include "torch/ir/complex_pairs.hpp"
#include "torch/ir/print.hpp"

namespace slipway::torch::aten {
namespace {

// The numbers of an argument, of one or of a list; nothing when it holds others.
template <typename T>
std::optional<std::vector<ir::Number<T>>> numbers_in(const ir::Argument& argument) {
  if (const auto* one = argument.as<ir::Number<T>>()) return std::vector{*one};
  if (const auto* list = argument.as<std::vector<ir::Number<T>>>()) return *list;
  return {};
}

template <typename T>
bool all_constant(const std::vector<ir::Number<T>>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](const auto& n) { return n.is_constant(); });
}

// An int is constant too when its expression is a number.
std::optional<int64_t> constant_of(const ir::Int& number) {
  if (number.is_constant()) return number.constant;
  if (number.value->expression.is_known()) return number.value->expression.value();
  return {};
}

std::optional<std::vector<double>> reals_in(const ir::Argument& argument) {
  std::vector<double> reals;
  if (const auto ints = numbers_in<int64_t>(argument)) {
    for (const ir::Int& number : *ints) {
      const auto known = constant_of(number);
      if (!known) return {};
      reals.push_back(static_cast<double>(*known));
    }
  } else if (const auto floats = numbers_in<double>(argument); floats && all_constant(*floats)) {
    for (const ir::Float& number : *floats) reals.push_back(number.constant);
  } else if (const auto bools = numbers_in<bool>(argument); bools && all_constant(*bools)) {
    for (const ir::Bool& number : *bools) reals.push_back(number.constant);
  } else {
    return {};
  }
  return reals;
}

template <typename T>
T the_one(std::string_view argument, const std::vector<T>& values) {
  if (values.size() != 1)
    fail(ErrorCode::kInvalidModel, "the argument '{}' has {} numbers instead of one", argument,
         values.size());
  return values.front();
}

}  // namespace

Conversion::Conversion(Scope& scope, const ir::Call& call, std::string name)
    : scope_(scope), call_(call), name_(std::move(name)) {}

Graph& Conversion::graph() const {
  return scope_.graph();
}

void Conversion::refuse(std::string_view reason) const {
  fail(ErrorCode::kUnsupported, "{}", reason);
}

const ir::Argument& Conversion::require(std::string_view argument) const {
  const ir::Argument* given = call_.find(argument);
  if (!given) fail(ErrorCode::kInvalidModel, "the argument '{}' is missing", argument);
  return *given;
}

// --- tensors ---

Value* Conversion::tensor(std::string_view argument) {
  const ir::Argument& given = require(argument);
  if (const auto* value = given.as<ir::Value*>()) return scope_.find(**value);
  if (const auto* number = given.as<ir::Float>())
    return number->value ? scope_.find(*number->value) : scalar(DataType::kFloat, number->constant);
  if (const auto* number = given.as<ir::Bool>())
    return number->value ? scope_.find(*number->value) : constant(Tensor::scalar(number->constant));
  if (const auto* number = given.as<ir::Int>()) {
    if (const auto known = constant_of(*number)) return scalar(DataType::kInt64, *known);
    return emit("Squeeze", {scope_.size(*number)});
  }
  fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a tensor", argument, to_text(given));
}

Value* Conversion::optional_tensor(std::string_view argument) {
  return has(argument) ? tensor(argument) : nullptr;
}

std::vector<Value*> Conversion::tensors(std::string_view argument) {
  std::vector<Value*> values = optional_tensors(argument);
  if (values.empty() || std::ranges::find(values, nullptr) != values.end())
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, no list of tensors", argument,
         to_text(require(argument)));
  return values;
}

std::vector<Value*> Conversion::optional_tensors(std::string_view argument) {
  const ir::Argument& given = require(argument);
  std::vector<Value*> values;
  if (const auto* one = given.as<ir::Value*>()) {
    values.push_back(scope_.find(**one));
  } else if (const auto* list = given.as<ir::Tensors>()) {
    for (const ir::Value* value : *list) values.push_back(value ? scope_.find(*value) : nullptr);
  } else {
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a list of tensors", argument,
         to_text(given));
  }
  return values;
}

const ir::TensorMeta& Conversion::meta(std::string_view argument) const {
  const ir::Argument& given = require(argument);
  if (const auto* value = given.as<ir::Value*>()) return (*value)->meta;
  if (given.as<ir::Tensors>()) return meta(argument, 0);
  fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a tensor", argument, to_text(given));
}

const ir::TensorMeta& Conversion::meta(std::string_view argument, size_t index) const {
  const ir::Argument& given = require(argument);
  const auto* list = given.as<ir::Tensors>();
  if (!list || index >= list->size() || !(*list)[index])
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, without a tensor at {}", argument,
         to_text(given), index);
  return (*list)[index]->meta;
}

const ir::TensorMeta& Conversion::result_meta(size_t index) const {
  if (!is_used(index)) fail(ErrorCode::kInvalidModel, "the call has no result {}", index);
  return call_.outputs[index]->meta;
}

// --- numbers ---

bool Conversion::is_number(std::string_view argument) const {
  const ir::Argument* given = call_.find(argument);
  return given && (given->as<ir::Int>() || given->as<ir::Float>() || given->as<ir::Bool>());
}

bool Conversion::is_constant(std::string_view argument) const {
  return reals_in(require(argument)).has_value();
}

int64_t Conversion::integer(std::string_view argument, std::optional<int64_t> otherwise) const {
  return !has(argument) && otherwise ? *otherwise : the_one(argument, integers(argument));
}

std::vector<int64_t> Conversion::integers(std::string_view argument,
                                          std::optional<std::vector<int64_t>> otherwise) const {
  if (!has(argument) && otherwise) return std::move(*otherwise);
  std::vector<int64_t> integers = any_integers(argument);
  for (const int64_t number : integers)
    if (number < -kLargestInteger || number > kLargestInteger)
      fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, which no size, place or count can be",
           argument, number);
  return integers;
}

int64_t Conversion::any_integer(std::string_view argument, std::optional<int64_t> otherwise) const {
  return !has(argument) && otherwise ? *otherwise : the_one(argument, any_integers(argument));
}

std::vector<int64_t> Conversion::any_integers(std::string_view argument) const {
  const ir::Argument& given = require(argument);
  std::vector<int64_t> integers;
  if (const auto numbers = numbers_in<int64_t>(given)) {
    for (const ir::Int& number : *numbers) {
      const auto known = constant_of(number);
      if (!known)
        refuse(
            fmt::format("the argument '{}' is known only when the model runs ({}); it must be a number here",
                        argument, number.value->expression.to_string()));
      integers.push_back(*known);
    }
    return integers;
  }
  // Whole numbers that were spelled as truths or reals.
  const auto reals = reals_in(given);
  if (!reals)
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a whole number", argument, to_text(given));
  for (const double real : *reals) {
    if (real != std::trunc(real) || std::fabs(real) > 9e15)
      fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a whole number", argument, real);
    integers.push_back(static_cast<int64_t>(real));
  }
  return integers;
}

std::optional<int64_t> Conversion::bound(std::string_view argument, int64_t otherwise) const {
  if (!has(argument)) return otherwise;
  const auto* number = require(argument).as<ir::Int>();
  return number ? constant_of(*number) : std::nullopt;
}

double Conversion::number(std::string_view argument, std::optional<double> otherwise) const {
  return !has(argument) && otherwise ? *otherwise : the_one(argument, numbers(argument));
}

std::vector<double> Conversion::numbers(std::string_view argument,
                                        std::optional<std::vector<double>> otherwise) const {
  if (!has(argument) && otherwise) return std::move(*otherwise);
  const ir::Argument& given = require(argument);
  const auto reals = reals_in(given);
  if (!reals)
    refuse(fmt::format("the argument '{}' is {}; it must be a number that the program states", argument,
                       to_text(given)));
  return *reals;
}

bool Conversion::truth(std::string_view argument, std::optional<bool> otherwise) const {
  return number(argument, otherwise) != 0;
}

std::string Conversion::text(std::string_view argument, std::optional<std::string> otherwise) const {
  if (!has(argument) && otherwise) return std::move(*otherwise);
  const ir::Argument& given = require(argument);
  if (const auto* text = given.as<std::string>()) return *text;
  if (const auto* enumerator = given.as<ir::Enumerator>()) return enumerator->name;
  fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a text", argument, to_text(given));
}

DataType Conversion::type(std::string_view argument, DataType otherwise) const {
  if (!has(argument)) return otherwise;
  const ir::Argument& given = require(argument);
  if (const auto* type = given.as<DataType>()) return *type;
  fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a type", argument, to_text(given));
}

int64_t Conversion::axis(std::string_view argument, int64_t rank, std::optional<int64_t> otherwise) const {
  const int64_t given = integer(argument, otherwise);
  // A tensor of rank 0 is one of rank 1 here, as in PyTorch.
  const int64_t axes = std::max<int64_t>(rank, 1);
  if (given < -axes || given >= axes)
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, outside of a tensor of rank {}", argument, given,
         rank);
  return given < 0 ? given + axes : given;
}

// --- sizes ---

Value* Conversion::size(std::string_view argument) {
  const ir::Argument& given = require(argument);
  const auto* number = given.as<ir::Int>();
  if (!number)
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a size", argument, to_text(given));
  return scope_.size(*number);
}

Value* Conversion::sizes(std::string_view argument) {
  const ir::Argument& given = require(argument);
  const auto numbers = numbers_in<int64_t>(given);
  if (!numbers)
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a list of sizes", argument, to_text(given));
  return scope_.sizes(*numbers);
}

std::vector<Dim> Conversion::dims(std::string_view argument) const {
  const ir::Argument& given = require(argument);
  const auto numbers = numbers_in<int64_t>(given);
  if (!numbers)
    fail(ErrorCode::kInvalidModel, "the argument '{}' is {}, not a list of sizes", argument, to_text(given));
  std::vector<Dim> dims;
  for (const ir::Int& number : *numbers)
    dims.push_back(number.is_constant() ? Dim(number.constant) : number.value->expression);
  return dims;
}

std::vector<int64_t> Conversion::known_sizes(std::string_view argument) const {
  const Shape& sizes = meta(argument).sizes;
  if (!all_known(sizes))
    refuse(fmt::format("'{}' is {}: its sizes must be known here", argument, to_string(sizes)));
  return known_dims(sizes);
}

Value* Conversion::shape_of(Value* value, const ir::TensorMeta& meta, int64_t begin, int64_t end) {
  const auto first = meta.sizes.begin() + begin, last = meta.sizes.begin() + end;
  if (std::all_of(first, last, [](const Dim& dim) { return dim.is_known(); })) {
    std::vector<int64_t> known;
    for (auto dim = first; dim != last; ++dim) known.push_back(dim->value());
    return ints(std::move(known));
  }
  return emit("Shape", {value}, {{"start", begin}, {"end", end}});
}

Value* Conversion::shape(std::span<const Dim> dims) {
  std::vector<Value*> parts;
  std::vector<int64_t> known;
  const auto flush = [&] {
    if (!known.empty()) parts.push_back(ints(std::exchange(known, {})));
  };
  for (const Dim& dim : dims) {
    if (dim.is_known()) {
      known.push_back(dim.value());
      continue;
    }
    flush();
    Value* size = scope_.size(dim);
    if (!size) refuse(fmt::format("the size '{}' cannot be told from the model's inputs", dim.to_string()));
    parts.push_back(size);
  }
  flush();
  return scope_.sizes(parts);
}

// --- nodes ---

std::vector<Value*> Conversion::emit_several(std::string op_type, std::vector<Value*> inputs,
                                             size_t output_count, const Attributes& attributes,
                                             std::string domain) {
  while (!inputs.empty() && !inputs.back()) inputs.pop_back();
  Node* node = graph().add_node(op_type, std::move(inputs), output_count, std::move(domain));
  node->set_name(scope_.unused_node_name(fmt::format("{}/{}", name_, op_type)));
  if (const std::string& path = call_.origin.module_path; !path.empty())
    node->metadata.emplace_back("module", path);
  for (const auto& [name, value] : attributes) node->set_attribute(name, value.content());
  return {node->outputs().begin(), node->outputs().end()};
}

Value* Conversion::emit(std::string op_type, std::vector<Value*> inputs, const Attributes& attributes,
                        std::string domain) {
  return emit_several(std::move(op_type), std::move(inputs), 1, attributes, std::move(domain)).front();
}

Value* Conversion::constant(Tensor tensor) {
  return scope_.constant(std::move(tensor));
}

Value* Conversion::ints(std::vector<int64_t> values) {
  return scope_.ints(std::move(values));
}

void Conversion::result(size_t index, Value* value) {
  if (!is_used(index)) return;
  const ir::Value& output = *call_.outputs[index];
  Node* maker = value->producer();
  // A node that was made for this call, whose output nobody else has been given.
  if (maker && maker->name().starts_with(name_ + "/") && value->type().is_none()) {
    const auto used =
        std::count_if(call_.outputs.begin(), call_.outputs.end(), [](const auto* v) { return v; });
    const std::string name = used == 1 ? name_ : fmt::format("{}.{}", name_, index);
    if (maker->output(0) == value)
      maker->set_name(scope_.unused_node_name(maker->outputs().size() == 1 ? name : name_));
    graph().rename(value, graph().unused_name(name));
    if (output.kind == ir::ValueKind::kTensor) {
      const ir::TensorMeta meta = ir::as_pairs(output.meta);
      value->set_type(Type::tensor(meta.type, meta.sizes));
    }
  }
  scope_.bind(output, value);
}

std::unique_ptr<Graph> Conversion::subgraph(const ir::Block& block, std::span<Value* const> inputs) {
  auto graph = std::make_unique<Graph>(name_);
  Scope inner(scope_.program(), *graph, &scope_);
  for (size_t i = 0; i < block.inputs.size(); ++i) {
    const ir::Value& input = *block.inputs[i];
    Value* outside = i < inputs.size() ? inputs[i] : nullptr;
    const Type type = input.kind == ir::ValueKind::kTensor ? Type::tensor(input.meta.type, input.meta.sizes)
                                                           : Type::tensor(DataType::kInt64, Shape{1});
    inner.bind(input, outside ? outside : graph->add_input(graph->unused_name(input.name), type));
  }
  inner.convert(block);
  for (const ir::Argument& output : block.outputs) inner.add_output(output);
  return graph;
}

}  // namespace slipway::torch::aten
