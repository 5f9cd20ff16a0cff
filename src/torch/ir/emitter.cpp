#include "torch/ir/emitter.hpp"

#include <utility>

#include "base/error.hpp"

namespace slipway::torch::ir {

Argument of(Value* value) {
  return {value};
}

Argument of(int64_t number) {
  return {Int{number}};
}

Argument of(const std::vector<int64_t>& numbers) {
  std::vector<Int> list;
  for (const int64_t number : numbers) list.push_back({number});
  return {std::move(list)};
}

void Emitter::move_to(std::list<Call>::iterator position, Origin origin) {
  position_ = position;
  origin_ = std::move(origin);
}

Value* Emitter::new_tensor(std::string like, DataType type, Shape sizes) {
  Value* value = block_.add_value(std::move(like));
  value->meta = {type, std::move(sizes), {}, 0};
  return value;
}

Value* Emitter::make(std::string target, std::vector<NamedArgument> arguments, DataType type, Shape sizes,
                     Value* into) {
  if (!into) {
    // "aten.select_scatter.default" makes "select_scatter".
    const size_t begin = target.find('.') + 1;
    into = new_tensor(target.substr(begin, target.find('.', begin) - begin), type, {});
  }
  into->meta = {type, std::move(sizes), {}, 0};
  call(std::move(target), std::move(arguments), {into});
  return into;
}

void Emitter::call(std::string target, std::vector<NamedArgument> arguments, std::vector<Value*> outputs) {
  const auto call =
      block_.calls.insert(position_, Call{std::move(target), std::move(arguments), outputs, origin_});
  for (Value* output : outputs) {
    if (!output) continue;
    output->maker = &*call;
    defined(output);
  }
}

void Emitter::defined(Value* value) {
  if (value->kind == ValueKind::kInt && value->expression.is_symbolic())
    sources_.try_emplace(value->expression.to_string(), Source{value, -1});
  if (value->kind != ValueKind::kTensor) return;
  for (size_t axis = 0; axis < value->meta.sizes.size(); ++axis)
    if (value->meta.sizes[axis].is_symbolic())
      sources_.try_emplace(value->meta.sizes[axis].to_string(), Source{value, static_cast<int64_t>(axis)});
}

Int Emitter::size(const Dim& dim) {
  if (dim.is_known()) return {dim.value()};
  const auto found = sources_.find(dim.to_string());
  if (found == sources_.end())
    fail(ErrorCode::kUnsupported, "a tensor of size {} is to be made, and no tensor before has this size",
         dim.to_string());
  auto& [value, axis] = found->second;
  if (axis >= 0) {
    Value* number = block_.add_value("sym_size", ValueKind::kInt);
    number->expression = dim;
    const Argument tensor = of(value), at = of(axis);
    value = number;
    axis = -1;
    call("aten.sym_size.int", {{"self", tensor}, {"dim", at}}, {number});
  }
  return {0, value};
}

std::vector<Int> Emitter::sizes(const Shape& shape) {
  std::vector<Int> result;
  for (const Dim& dim : shape) result.push_back(size(dim));
  return result;
}

std::vector<Int> Emitter::view_sizes(const Shape& shape) {
  std::vector<Int> result;
  bool open = true;
  for (const Dim& dim : shape) open &= dim != Dim(0);
  for (const Dim& dim : shape) {
    if (!dim.is_known() && std::exchange(open, false))
      result.push_back({-1});
    else
      result.push_back(size(dim));
  }
  return result;
}

}  // namespace slipway::torch::ir
