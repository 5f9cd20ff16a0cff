#include "ops/recurrent.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/recurrent_sizes.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

enum Input : uint8_t { kX, kW, kR, kB, kLengths, kInitialH, kInitialC, kP };

RecurrentSizes sizes_of(const KernelContext& context, const CellKind& kind) {
  const Node& node = context.node();
  const Tensor &x = context.input(kX), &recurrence = context.input(kR);
  if (x.rank() != 3 || recurrence.rank() != 3)
    fail(ErrorCode::kInvalidModel, "X is {} and R is {}, but 3 axes are expected", x.describe(),
         recurrence.describe());
  const bool batch_first = recurrent_batch_first(node);
  const RecurrentSizes sizes{x.dim(batch_first ? 1 : 0), x.dim(batch_first ? 0 : 1),       x.dim(2),
                             recurrence.dim(2),          recurrent_directions(node).count, batch_first};
  const int64_t rows = element_count({kind.gates, sizes.units});
  if (node.int_attribute("hidden_size", sizes.units) != sizes.units)
    fail(ErrorCode::kInvalidModel, "attribute hidden_size is {}, but R is {}",
         node.int_attribute("hidden_size", 0), recurrence.describe());
  require_dims(context.input(kW), "W", {sizes.directions, rows, sizes.inputs});
  require_dims(recurrence, "R", {sizes.directions, rows, sizes.units});
  return sizes;
}

std::optional<Tensor> optional_input(const KernelContext& context, size_t index, const char* what,
                                     const Dims& expected) {
  if (context.has_input(index)) require_dims(context.input(index), what, expected);
  return exact_optional_input(context, index);
}

std::vector<int64_t> lengths_of(const KernelContext& context, const RecurrentSizes& sizes) {
  if (!context.has_input(kLengths))
    return std::vector<int64_t>(static_cast<size_t>(sizes.batch), sizes.steps);
  require_dims(context.input(kLengths), "sequence_lens", {sizes.batch});
  auto lengths = read_integers(context.input(kLengths), "sequence_lens");
  for (const int64_t length : lengths)
    if (length < 0 || length > sizes.steps)
      fail(ErrorCode::kInvalidArgument, "a sequence has length {}, but there are {} steps", length,
           sizes.steps);
  return lengths;
}

// The part of a tensor that belongs to one direction; nullptr when there is no tensor.
const double* part(const std::optional<Tensor>& tensor, int64_t direction, int64_t directions) {
  return tensor ? tensor->data<double>().data() + direction * (tensor->count() / directions) : nullptr;
}

CountedVector<double> row_of(const Tensor& tensor, int64_t row, int64_t size) {
  const double* begin = tensor.data<double>().data() + row * size;
  return {begin, begin + size};
}

void store(Tensor& tensor, int64_t row, const CountedVector<double>& values) {
  std::copy(values.begin(), values.end(),
            tensor.data<double>().data() + row * static_cast<int64_t>(values.size()));
}

double clip_of(const Node& node) {
  if (!node.find_attribute("clip")) return std::numeric_limits<double>::infinity();
  const auto clip = static_cast<double>(node.float_attribute("clip", 0));
  if (!(clip >= 0)) fail(ErrorCode::kInvalidModel, "attribute clip is {}, but at least 0 was expected", clip);
  return clip;
}

}  // namespace

RecurrentDirections recurrent_directions(const Node& node) {
  const std::string direction = node.string_attribute("direction", "forward");
  if (direction == "forward") return {1, false};
  if (direction == "reverse") return {1, true};
  if (direction == "bidirectional") return {2, false};
  fail(ErrorCode::kInvalidModel,
       "attribute direction is '{}', but forward, reverse or bidirectional was expected", direction);
}

bool recurrent_batch_first(const Node& node) {
  const int64_t layout = node.int_attribute("layout", 0);
  if (layout != 0 && layout != 1)
    fail(ErrorCode::kInvalidModel, "attribute layout is {}, but 0 or 1 was expected", layout);
  return layout == 1;
}

double CellStep::from_input(int64_t gate, int64_t unit) const {
  const double* row = weights + (gate * units + unit) * inputs;
  double sum = bias ? bias[gate * units + unit] : 0;
  for (int64_t i = 0; i < inputs; ++i) sum += row[i] * x[i];
  return sum;
}

double CellStep::from_hidden(int64_t gate, int64_t unit, const double* hidden) const {
  const double* row = recurrence + (gate * units + unit) * units;
  double sum = bias ? bias[(gates + gate) * units + unit] : 0;
  for (int64_t i = 0; i < units; ++i) sum += row[i] * hidden[i];
  return sum;
}

double CellStep::activate(size_t activation, double value) const {
  return activations[activation](std::min(std::max(value, -clip), clip));
}

void compute_recurrent(KernelContext& context, const CellKind& kind) {
  const Node& node = context.node();
  const RecurrentSizes sizes = sizes_of(context, kind);
  const int64_t directions = sizes.directions, units = sizes.units;
  const std::optional<Tensor> x = exact_input(context, kX), w = exact_input(context, kW),
                              r = exact_input(context, kR);
  const auto b = optional_input(context, kB, "B", {directions, element_count({2, kind.gates, units})});
  const auto p = kind.has_cell ? optional_input(context, kP, "P", {directions, element_count({3, units})})
                               : std::nullopt;
  const auto initial_c =
      kind.has_cell ? optional_input(context, kInitialC, "initial_c", sizes.state_dims()) : std::nullopt;
  Tensor hidden = optional_input(context, kInitialH, "initial_h", sizes.state_dims())
                      .value_or(exact_zeros(sizes.state_dims()));
  Tensor cell = initial_c.value_or(exact_zeros(sizes.state_dims()));
  Tensor output = exact_zeros(sizes.output_dims());
  const auto lengths = lengths_of(context, sizes);
  const auto activations = recurrent_activations(node, kind.activations, static_cast<size_t>(directions));
  const size_t per_direction = kind.activations.size();

  for (int64_t direction = 0; direction < directions; ++direction) {
    const bool reverse = direction == 1 || recurrent_directions(node).first_is_reverse;
    CellStep step{
        sizes.inputs,
        units,
        kind.gates,
        nullptr,
        part(w, direction, directions),
        part(r, direction, directions),
        part(b, direction, directions),
        part(p, direction, directions),
        std::span(activations).subspan(static_cast<size_t>(direction) * per_direction, per_direction),
        clip_of(node),
        node.int_attribute("linear_before_reset", 0) != 0,
        node.int_attribute("input_forget", 0) != 0};
    for (int64_t image = 0; image < sizes.batch; ++image) {
      const int64_t row = sizes.state_row(direction, image), length = lengths[static_cast<size_t>(image)];
      CellState state{row_of(hidden, row, units), row_of(cell, row, units)};
      for (int64_t i = 0; i < length; ++i) {
        const int64_t time = reverse ? length - 1 - i : i;
        step.x = x->data<double>().data() + sizes.input_row(time, image) * sizes.inputs;
        WorkScope::spend(static_cast<double>(kind.gates * units) * static_cast<double>(sizes.inputs + units));
        kind.step(step, state);
        store(output, sizes.output_row(time, direction, image), state.hidden);
      }
      store(hidden, row, state.hidden);
      store(cell, row, state.cell);
    }
  }
  const DataType type = context.input(kX).type();
  round_to_output(context, 0, type, output);
  round_to_output(context, 1, type, hidden);
  if (kind.has_cell) round_to_output(context, 2, type, cell);
}

void infer_recurrent(InferenceContext& context, const CellKind& kind) {
  const Node& node = context.node();
  const auto directions = recurrent_directions(node).count;
  const bool batch_first = recurrent_batch_first(node);
  recurrent_activations(node, kind.activations, static_cast<size_t>(directions));
  clip_of(node);
  const auto &x = context.input_shape(kX), &recurrence = context.input_shape(kR);
  if ((x && x->size() != 3) || (recurrence && recurrence->size() != 3))
    fail(ErrorCode::kInvalidModel, "X or R does not have 3 axes");
  const int64_t stated = node.int_attribute("hidden_size", -1);
  Dim units = recurrence ? (*recurrence)[2] : Dim();
  if (!units.is_known() && stated >= 0) units = stated;
  const Dim steps = x ? (*x)[batch_first ? 1 : 0] : Dim(), batch = x ? (*x)[batch_first ? 0 : 1] : Dim();
  const Shape state = batch_first ? Shape{batch, directions, units} : Shape{directions, batch, units};
  const Shape output =
      batch_first ? Shape{batch, steps, directions, units} : Shape{steps, directions, batch, units};
  for (size_t i = 0; i < context.output_count(); ++i)
    if (node.output(i))
      context.set_output_type(i, Type::tensor(context.input_element_type(kX), i == 0 ? output : state));
}

}  // namespace slipway::ops
