#include <algorithm>
#include <cmath>
#include <optional>

#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

const Tensor* float_constant(const Value* value) {
  const Tensor* constant = value ? value->constant() : nullptr;
  return constant && constant->type() == DataType::kFloat ? constant : nullptr;
}

// What a node does to each channel of a convolution's output: factor · x + shift.
struct ChannelMap {
  Node* convolution;
  std::vector<double> factors, shifts;
};

// A convolution whose output nobody else reads, all that it is made of constant f32; the bias may be absent.
// Where the shape of its input is not known, its weights may still be of any rank; with less than two axes
// its output would have no channels.
Node* foldable_convolution(const Value* output, const Graph& graph) {
  Node* convolution = made_for_one(output, "Conv", graph);
  if (!convolution) return nullptr;
  const Tensor* weights = float_constant(convolution->input(1));
  const bool known =
      weights && weights->rank() >= 2 && (!convolution->input(2) || float_constant(convolution->input(2)));
  return known ? convolution : nullptr;
}

int64_t channels_of(const Node& convolution) {
  return convolution.input(1)->constant()->dim(0);
}

std::optional<ChannelMap> of_batch_norm(const Node& norm) {
  if (norm.int_attribute("training_mode", 0) != 0) return std::nullopt;
  for (size_t i = 1; i < norm.outputs().size(); ++i)
    if (norm.output(i)) return std::nullopt;
  ChannelMap map{foldable_convolution(norm.input(0), norm.graph()), {}, {}};
  if (!map.convolution) return std::nullopt;
  const int64_t channels = channels_of(*map.convolution);
  const Tensor* parts[4];  // scale, shift, mean, variance
  for (size_t i = 0; i < 4; ++i) {
    parts[i] = float_constant(norm.input(i + 1));
    if (!parts[i] || parts[i]->rank() != 1 || parts[i]->count() != channels) return std::nullopt;
  }
  const double epsilon{norm.float_attribute("epsilon", 1e-5f)};
  for (size_t channel = 0; channel < static_cast<size_t>(channels); ++channel) {
    const auto at = [&](size_t part) { return double{parts[part]->data<float>()[channel]}; };
    map.factors.push_back(at(0) / std::sqrt(at(3) + epsilon));
    map.shifts.push_back(at(1) - at(2) * map.factors.back());
  }
  return map;
}

// The number that a constant holds for each channel when it is broadcast to `rank` axes; nothing where it has
// others.
std::optional<std::vector<double>> for_each_channel(const Tensor& constant, size_t rank, int64_t channels) {
  if (constant.rank() > rank || (constant.count() != 1 && constant.count() != channels)) return std::nullopt;
  // Of `count` elements in all, those along the channels' axis have to be all.
  const size_t missing = rank - constant.rank();
  const int64_t along = missing <= 1 ? constant.dim(1 - missing) : 1;
  if (along != constant.count()) return std::nullopt;
  std::vector<double> numbers;
  for (int64_t channel = 0; channel < channels; ++channel)
    numbers.push_back(double{constant.data<float>()[static_cast<size_t>(along == 1 ? 0 : channel)]});
  return numbers;
}

// Mul or Add with a constant of one number for each channel, or for all.
std::optional<ChannelMap> of_arithmetic(const Node& node) {
  for (const size_t side : {size_t{0}, size_t{1}}) {
    const Tensor* constant = float_constant(node.input(1 - side));
    Node* convolution = constant ? foldable_convolution(node.input(side), node.graph()) : nullptr;
    if (!convolution) continue;
    const int64_t channels = channels_of(*convolution);
    auto numbers = for_each_channel(*constant, convolution->input(1)->constant()->rank(), channels);
    if (!numbers) return std::nullopt;
    const auto count = static_cast<size_t>(channels);
    if (node.is("Mul")) return ChannelMap{convolution, std::move(*numbers), std::vector<double>(count, 0.0)};
    return ChannelMap{convolution, std::vector<double>(count, 1.0), std::move(*numbers)};
  }
  return std::nullopt;
}

std::optional<ChannelMap> match(const Node& node) {
  if (node.is("BatchNormalization")) return of_batch_norm(node);
  if (node.is("Mul") || node.is("Add")) return of_arithmetic(node);
  return std::nullopt;
}

bool all_finite(const Tensor& tensor) {
  return std::ranges::all_of(tensor.data<float>(), [](float number) { return std::isfinite(number); });
}

// Gives the convolution other weights and another bias. Not where they would no longer be numbers: what was
// finite one after the other must not become infinite at once.
bool fold(Graph& graph, const ChannelMap& map) {
  const Tensor& old_weights = *map.convolution->input(1)->constant();
  const Tensor* old_bias = float_constant(map.convolution->input(2));
  const size_t channels = map.factors.size(),
               area = channels == 0 ? 0 : old_weights.data<float>().size() / channels;
  Tensor weights = old_weights.clone(), bias(DataType::kFloat, {old_weights.dim(0)});
  if (old_bias && old_bias->count() != old_weights.dim(0)) return false;
  for (size_t channel = 0; channel < channels; ++channel) {
    for (float& weight : weights.data<float>().subspan(channel * area, area))
      weight = static_cast<float>(weight * map.factors[channel]);
    const double old = old_bias ? double{old_bias->data<float>()[channel]} : 0.0;
    bias.data<float>()[channel] = static_cast<float>(old * map.factors[channel] + map.shifts[channel]);
  }
  if (!all_finite(weights) || !all_finite(bias)) return false;
  const std::string name = map.convolution->output(0)->name();
  graph.set_input(map.convolution, 1, graph.add_initializer(name + ".weight", std::move(weights)));
  graph.set_input(map.convolution, 2, graph.add_initializer(name + ".bias", std::move(bias)));
  return true;
}

// The convolution makes what the node behind it made, under its name: outputs of the model keep theirs.
void put_in_place(Graph& graph, Node* convolution, Node* node) {
  Node* folded = graph.insert_node(node, "Conv", {convolution->inputs().begin(), convolution->inputs().end()},
                                   0, "", convolution->name());
  folded->metadata = convolution->metadata;
  for (Attribute& attribute : convolution->attributes()) folded->attributes().push_back(attribute.clone());
  graph.move_output(node, 0, folded, 0);
  graph.erase(node);
  graph.erase(convolution);
}

}  // namespace

bool fold_into_convolution(Graph& graph, PassContext&) {
  bool changed = false;
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    const auto map = match(*node);
    if (!map || !fold(graph, *map)) continue;
    put_in_place(graph, map->convolution, node);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
