// Scan: runs a body once for each position along an axis of its scanned inputs. States go from round to
// round; what else the body makes is collected along an axis of the outputs.
#include <algorithm>

#include "base/error.hpp"
#include "ops/body.hpp"
#include "ops/registry.hpp"
#include "ops/scan_form.hpp"
#include "ops/tensor_part.hpp"

namespace slipway::ops {
namespace {

std::vector<int64_t> one_for_each(const Node& node, std::string_view attribute, size_t count) {
  auto list = node.ints_attribute(attribute, std::vector<int64_t>(count, 0));
  if (list.size() != count)
    fail(ErrorCode::kInvalidModel, "'{}' has {} elements, but there are {} values", attribute, list.size(),
         count);
  return list;
}

std::vector<int64_t> directions(const Node& node, std::string_view attribute, size_t count) {
  auto list = one_for_each(node, attribute, count);
  for (int64_t one : list)
    if (one != 0 && one != 1)
      fail(ErrorCode::kInvalidModel, "'{}' has {}, but directions are 0 or 1", attribute, one);
  return list;
}

}  // namespace

ScanForm scan_form(const Node& node) {
  const int64_t scanned = node.int_attribute("num_scan_inputs", 0);
  const size_t inputs = node.inputs().size();
  if (scanned < 1 || scanned > static_cast<int64_t>(inputs))
    fail(ErrorCode::kInvalidModel, "num_scan_inputs is {}, but the node has {} inputs", scanned, inputs);
  const size_t states = inputs - static_cast<size_t>(scanned);
  const Graph& body = body_of(node, "body", node.outputs().size());
  if (body.inputs().size() != inputs || body.outputs().size() < states || node.outputs().size() < states)
    fail(ErrorCode::kInvalidModel,
         "the node has {} inputs, {} of them states, and {} outputs; its body has {} inputs and {} outputs",
         inputs, states, node.outputs().size(), body.inputs().size(), body.outputs().size());
  const size_t collected = body.outputs().size() - states;
  return {body,
          states,
          inputs - states,
          collected,
          one_for_each(node, "scan_input_axes", inputs - states),
          one_for_each(node, "scan_output_axes", collected),
          directions(node, "scan_input_directions", inputs - states),
          directions(node, "scan_output_directions", collected)};
}

void agree(Dim& length, const Dim& size) {
  if (length.is_known() && size.is_known() && length != size)
    fail(ErrorCode::kInvalidModel, "scanned inputs have {} and {} positions: they must have the same number",
         length.value(), size.value());
  if (!length.is_known() && !size.is_unknown()) length = size;
}

namespace {

void infer(InferenceContext& context) {
  const ScanForm form = scan_form(context.node());
  RepeatedBody body{form.body, {}, {}, {}, 0};
  for (size_t i = 0; i < form.states; ++i) body.carried.push_back(context.input_type(i));
  Dim length;
  for (size_t i = 0; i < form.scanned; ++i) {
    std::optional<Shape> shape = context.input_shape(form.states + i);
    if (shape) {
      const auto axis = static_cast<std::ptrdiff_t>(normalize_axis(form.input_axes[i], shape->size()));
      agree(length, (*shape)[static_cast<size_t>(axis)]);
      shape->erase(shape->begin() + axis);
    }
    body.after.push_back(Type::tensor(context.input_element_type(form.states + i), std::move(shape)));
  }
  const std::vector<Type> results = infer_repeated(context, body);
  for (size_t i = 0; i < form.states; ++i) context.set_output_type(i, body.carried[i]);
  for (size_t i = form.states; i < context.output_count(); ++i) {
    std::optional<Shape> shape = results[i].is_tensor() ? results[i].shape() : std::nullopt;
    if (shape) {
      const size_t axis = normalize_axis(form.output_axes[i - form.states], shape->size() + 1);
      shape->insert(shape->begin() + static_cast<std::ptrdiff_t>(axis), length);
    }
    context.set_output_type(i, Type::tensor(results[i].element_type(), std::move(shape)));
  }
}

Tensor position(KernelContext& context, const Tensor& scanned, size_t axis, int64_t index) {
  Dims dims = scanned.dims();
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  Tensor element = context.allocate(scanned.type(), std::move(dims));
  copy_part(scanned, axis, index, 1, element);
  return element;
}

class ScanRun {
 public:
  explicit ScanRun(KernelContext& context)
      : context_(context), form_(scan_form(context.node())), rows_(form_.collected) {
    for (size_t i = 0; i < form_.states; ++i) states_.push_back(context.value(i));
    Dim length;
    for (size_t i = 0; i < form_.scanned; ++i) {
      const Tensor& scanned = context.input(form_.states + i);
      axes_.push_back(normalize_axis(form_.input_axes[i], scanned.rank()));
      agree(length, scanned.dim(axes_.back()));
    }
    length_ = length.value();
  }

  void run() {
    for (int64_t round = 0; round < length_; ++round) run_round(round);
    for (size_t i = form_.states; i < context_.output_count(); ++i) {
      if (!context_.wants_output(i)) continue;
      CountedVector<Tensor>& rows = rows_[i - form_.states];
      if (form_.output_directions[i - form_.states] == 1) std::reverse(rows.begin(), rows.end());
      collect_rows(context_, i, rows, form_.output_axes[i - form_.states], form_.body.outputs()[i]->type());
      rows.clear();
    }
    for (size_t i = 0; i < form_.states; ++i) context_.set_output(i, std::move(states_[i]));
  }

 private:
  void run_round(int64_t round) {
    std::vector<RuntimeValue> inputs(std::make_move_iterator(states_.begin()),
                                     std::make_move_iterator(states_.end()));
    for (size_t i = 0; i < form_.scanned; ++i)
      inputs.push_back(position(context_, context_.input(form_.states + i), axes_[i],
                                form_.input_directions[i] == 1 ? length_ - 1 - round : round));
    auto results = context_.run_subgraph(form_.body, inputs);
    for (size_t i = 0; i < form_.states; ++i) states_[i] = std::move(results[i]);
    for (size_t i = form_.states; i < context_.output_count(); ++i)
      if (context_.wants_output(i)) rows_[i - form_.states].push_back(std::move(results[i].tensor()));
  }

  KernelContext& context_;
  const ScanForm form_;
  std::vector<size_t> axes_;
  int64_t length_;
  std::vector<RuntimeValue> states_;
  std::vector<CountedVector<Tensor>> rows_;
};

void compute(KernelContext& context) {
  ScanRun(context).run();
}

}  // namespace

void register_scan(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Scan",
                .since_version = 25,
                .inputs = {{"initial_state_and_scan_inputs", "", Arity::kVariadic}},
                .outputs = {{"final_state_and_scan_outputs", "", Arity::kVariadic}},
                .attributes = {{"body", Kind::kGraph, true},
                               {"num_scan_inputs", Kind::kInt, true},
                               {"scan_input_axes", Kind::kInts},
                               {"scan_input_directions", Kind::kInts},
                               {"scan_output_axes", Kind::kInts},
                               {"scan_output_directions", Kind::kInts}},
                .min_inputs = 1,
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
