#include <cmath>
#include <optional>

#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

// Everything that the fold reads, all of it constant f32. `bias` may be absent.
struct Match {
  Node* convolution;
  const Tensor *weights, *bias, *scale, *shift, *mean, *variance;
};

const Tensor* float_constant(const Value* value) {
  const Tensor* constant = value ? value->constant() : nullptr;
  return constant && constant->type() == DataType::kFloat ? constant : nullptr;
}

std::optional<Match> match(const Node& norm) {
  if (!norm.is("BatchNormalization") || norm.int_attribute("training_mode", 0) != 0) return std::nullopt;
  for (size_t i = 1; i < norm.outputs().size(); ++i)
    if (norm.output(i)) return std::nullopt;
  Node* convolution = made_for_one(norm.input(0), "Conv", norm.graph());
  if (!convolution) return std::nullopt;
  const Match found{convolution,
                    float_constant(convolution->input(1)),
                    float_constant(convolution->input(2)),
                    float_constant(norm.input(1)),
                    float_constant(norm.input(2)),
                    float_constant(norm.input(3)),
                    float_constant(norm.input(4))};
  if (!found.weights || found.weights->rank() == 0 || (convolution->input(2) && !found.bias))
    return std::nullopt;
  const int64_t channels = found.weights->dim(0);
  for (const Tensor* tensor : {found.scale, found.shift, found.mean, found.variance})
    if (!tensor || tensor->rank() != 1 || tensor->count() != channels) return std::nullopt;
  return found;
}

void fold(Graph& graph, const Match& found, double epsilon) {
  const int64_t channels = found.weights->dim(0),
                area = channels == 0 ? 0 : found.weights->count() / channels;
  Tensor weights = found.weights->clone(), bias(DataType::kFloat, {channels});
  for (int64_t channel = 0; channel < channels; ++channel) {
    const auto at = [&](const Tensor* tensor) { return double{tensor->data<float>()[size_t(channel)]}; };
    const double factor = at(found.scale) / std::sqrt(at(found.variance) + epsilon);
    for (float& weight : weights.data<float>().subspan(size_t(channel * area), size_t(area)))
      weight = static_cast<float>(weight * factor);
    const double old = found.bias ? at(found.bias) : 0.0;
    bias.data<float>()[size_t(channel)] =
        static_cast<float>((old - at(found.mean)) * factor + at(found.shift));
  }
  const std::string name = found.convolution->output(0)->name();
  graph.set_input(found.convolution, 1, graph.add_initializer(name + ".weight", std::move(weights)));
  graph.set_input(found.convolution, 2, graph.add_initializer(name + ".bias", std::move(bias)));
}

}  // namespace

bool fold_batch_norm(Graph& graph, PassContext&) {
  bool changed = false;
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    const auto found = match(*node);
    if (!found) continue;
    fold(graph, *found, double{node->float_attribute("epsilon", 1e-5f)});
    // The convolution now makes what the normalisation made, under its name: outputs of the model keep
    // theirs.
    Node* folded = graph.insert_node(
        node, "Conv", {found->convolution->inputs().begin(), found->convolution->inputs().end()}, 0, "",
        found->convolution->name());
    folded->metadata = found->convolution->metadata;
    for (Attribute& attribute : found->convolution->attributes())
      folded->attributes().push_back(attribute.clone());
    graph.move_output(node, 0, folded, 0);
    graph.erase(node);
    graph.erase(found->convolution);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
