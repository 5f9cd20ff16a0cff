#include "torch/aten/scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "torch/aten/conversion.hpp"
#include "torch/aten/pair_call.hpp"
#include "torch/ir/complex_pairs.hpp"

namespace slipway::torch::aten {
namespace {

// Constants up to so many bytes are looked for among those that are there.
constexpr size_t kSharedBytes = 256;
// More of them than any program states: one number in a file can ask for a long list.
constexpr size_t kMostConstantBytes = size_t{1} << 28;
constexpr size_t kMostCalls = 10'000'000;

// Nodes that only ask how large something is.
bool is_size_arithmetic(const ir::Call& call) {
  return call.target.starts_with("_operator.") || call.target.starts_with("aten.sym_") ||
         call.target.starts_with("math.") || call.target.starts_with("torch.sym_") ||
         call.target.starts_with("builtins.");
}

void convert_by(std::string_view target, Conversion& conversion) {
  const Rule rule = find_rule(target);
  if (!rule) conversion.refuse("this operator is not converted");
  rule(conversion);
}

}  // namespace

std::string node_name(const ir::Call& call, const ProgramState& program) {
  const std::string& path = call.origin.module_path;
  const auto found = program.calls_of_module.find(path);
  if (!path.empty() && found != program.calls_of_module.end() && found->second == 1) return path;
  const auto used = std::find_if(call.outputs.begin(), call.outputs.end(), [](const auto* v) { return v; });
  const ir::Value* first = used == call.outputs.end() ? nullptr : *used;
  const std::string own = first ? first->name : call.target;
  return path.empty() ? own : path + "/" + own;
}

void Scope::bind(const ir::Value& of, Value* value) {
  values_[&of] = value;
  if (of.kind == ir::ValueKind::kTensor) note_symbols(of.meta, value);
  if (of.kind == ir::ValueKind::kInt && of.expression.is_symbolic() && !find_symbol(of.expression.text()))
    symbols_.emplace(of.expression.text(), Axis{value, -1});
}

Value* Scope::find(const ir::Value& of) {
  const auto found = values_.find(&of);
  if (found != values_.end()) return found->second;
  if (of.kind == ir::ValueKind::kInt)
    if (Value* made = size(of.expression)) return made;
  fail(ErrorCode::kInvalidModel, "nothing makes the value '{}', which is asked for", of.name);
}

std::string Scope::unused_node_name(const std::string& like) {
  std::string name = like;
  if (program_.node_names.insert(name).second) return name;
  size_t& number = program_.last_numbers[like];
  do name = fmt::format("{}_{}", like, ++number);
  while (!program_.node_names.insert(name).second);
  return name;
}

Value* Scope::constant(Tensor tensor) {
  program_.constant_bytes += tensor.bytes();
  if (program_.constant_bytes > kMostConstantBytes)
    fail(ErrorCode::kUnsupported, "the program's calls need more than {} MB of constants",
         kMostConstantBytes >> 20);
  if (tensor.type() == DataType::kString || tensor.bytes() > kSharedBytes)
    return graph_.add_initializer("constant", std::move(tensor));
  std::string key = tensor.describe() + ":";
  key.append(static_cast<const char*>(tensor.raw()), tensor.bytes());
  const auto [found, is_new] = constants_.emplace(std::move(key), nullptr);
  if (is_new) found->second = graph_.add_initializer("constant", std::move(tensor));
  return found->second;
}

Value* Scope::ints(std::vector<int64_t> values) {
  return constant(Tensor::from<int64_t>({static_cast<int64_t>(values.size())}, values));
}

Value* Scope::value(const ir::Argument& argument) {
  if (const auto* tensor = argument.as<ir::Value*>()) return find(**tensor);
  if (const auto* number = argument.as<ir::Int>()) return size(*number);
  if (const auto* number = argument.as<ir::Float>())
    return number->value ? find(*number->value) : constant(Tensor::scalar(number->constant));
  if (const auto* number = argument.as<ir::Bool>())
    return number->value ? find(*number->value) : constant(Tensor::scalar(number->constant));
  return nullptr;
}

Value* Scope::add_output(const ir::Argument& output) {
  Value* made = value(output);
  if (!made) return nullptr;
  made = add_output(made);
  // A result that its rule says nothing of: the program does.
  if (const auto* tensor = output.as<ir::Value*>(); tensor && made->type().is_none()) {
    const ir::TensorMeta meta = ir::as_pairs((*tensor)->meta);
    made->set_type(Type::tensor(meta.type, meta.sizes));
  }
  return made;
}

Value* Scope::add_output(Value* value) {
  if (!value->producer() || &value->graph() != &graph_ || value->is_graph_output()) {
    const Type type = value->type();
    value = graph_.add_node("Identity", {value})->output(0);
    value->set_type(type);
  }
  graph_.add_output(value);
  return value;
}

ir::Value* Scope::pair_of(const ir::Value& complex) {
  const auto [found, is_new] = pairs_.try_emplace(&complex);
  ir::Value& pairs = found->second;
  if (is_new) {
    pairs.name = complex.name;
    pairs.meta = ir::as_pairs(complex.meta);
  }
  if (const auto known = values_.find(&complex); known != values_.end() && !values_.contains(&pairs))
    bind(pairs, known->second);
  return &pairs;
}

// By a rule for complex numbers, or by the one for reals over pairs.
void Scope::convert_complex(Conversion& conversion, const std::string& name) {
  const ir::Call& call = conversion.call();
  if (const Rule rule = find_rule("complex." + call.target)) return rule(conversion);
  const auto pairs = pair_call(call, [&](const ir::Value* value) { return pair_of(*value); });
  if (!pairs) conversion.refuse("this operator is not converted for complex numbers");
  Conversion of_pairs(*this, *pairs, name);
  convert_by(pairs->target, of_pairs);
  for (size_t i = 0; i < call.outputs.size(); ++i)
    if (call.outputs[i]) bind(*call.outputs[i], find(*pairs->outputs[i]));
}

bool Scope::convert_call(const ir::Call& call) {
  try {
    if (++program_.calls > kMostCalls)
      fail(ErrorCode::kInvalidModel, "the program has more than {} calls", kMostCalls);
    const std::string name = node_name(call, program_);
    Conversion conversion(*this, call, name);
    if (const auto custom = program_.custom_operators.find(call.target);
        custom != program_.custom_operators.end()) {
      if (is_of_complex_numbers(call)) conversion.refuse("nodes of your own cannot be given complex numbers");
      keep_as_custom_operator(conversion, custom->second);
    } else {
      is_of_complex_numbers(call) ? convert_complex(conversion, name) : convert_by(call.target, conversion);
    }
    for (const ir::Value* output : call.outputs)
      if (output && !values_.contains(output))
        fail(ErrorCode::kInvalidModel, "{} has no result that could be '{}'", call.target, output->name);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    program_.refusals.push_back({call.target, error.reason(), call.origin});
    return false;
  } catch (const std::out_of_range&) {
    fail(ErrorCode::kInvalidModel, "its arguments and results are not those of the operator");
  }
}

// Can all results be had from their expressions, so that nobody needs the call?
bool Scope::is_computed_by_need(const ir::Call& call) const {
  return is_size_arithmetic(call) && std::ranges::all_of(call.outputs, [&](const ir::Value* value) {
           return !value || (value->kind == ir::ValueKind::kInt && can_evaluate(value->expression));
         });
}

void Scope::convert(const ir::Block& block) {
  for (const ir::Call& call : block.calls) {
    if (is_computed_by_need(call)) continue;
    const bool converted = with_context(
        [&] {
          return call.origin.source.empty() ? fmt::format("call '{}'", call.target)
                                            : fmt::format("call '{}' ({})", call.target, call.origin.source);
        },
        [&] { return with_memory_errors([&] { return convert_call(call); }); });
    if (converted) continue;
    // Something stands for its results, so that all that follows is looked at too.
    for (const ir::Value* output : call.outputs)
      if (output && !values_.contains(output)) bind(*output, graph_.add_value(output->name));
  }
}

}  // namespace slipway::torch::aten
