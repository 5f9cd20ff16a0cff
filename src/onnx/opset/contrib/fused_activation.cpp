#include "onnx/opset/contrib/fused_activation.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace slipway::contrib_rule {
namespace {

struct Activation {
  std::string_view name;
  std::array<const char*, 2> attributes = {};  // in the order of activation_params
};

constexpr Activation kActivations[] = {
    {"Celu", {"alpha"}},
    {"Elu", {"alpha"}},
    {"HardSigmoid", {"alpha", "beta"}},
    {"HardSwish"},
    {"LeakyRelu", {"alpha"}},
    {"Relu"},
    {"Selu", {"alpha", "gamma"}},
    {"Sigmoid"},
    {"Softplus"},
    {"Softsign"},
    {"Tanh"},
    {"ThresholdedRelu", {"alpha"}},
};

const Activation* find_activation(std::string_view name) {
  const auto* found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                   [&](const Activation& one) { return one.name == name; });
  return found == std::end(kActivations) ? nullptr : found;
}

}  // namespace

FusedActivation take_fused_activation(NodeConversion& upgrade) {
  FusedActivation activation{upgrade.take_string("activation").value_or(""),
                             upgrade.take_floats("activation_params").value_or(std::vector<float>{})};
  for (const char* attribute : {"alpha", "beta", "gamma"})
    if (const auto number = upgrade.take_float(std::string("activation_") + attribute))
      activation.parameters.push_back(*number);
  return activation;
}

Value* activate(NodeConversion& upgrade, const FusedActivation& activation, Value* value) {
  const auto& [name, parameters] = activation;
  if (name.empty()) return value;
  if (name == "Clip") {
    if (parameters.size() != 2) upgrade.refuse("it clips without two bounds");
    const Value* like = upgrade.node().input(0);
    return upgrade.make("Clip", {value, upgrade.add_scalar_like(like, parameters[0]),
                                 upgrade.add_scalar_like(like, parameters[1])});
  }
  const Activation* known = find_activation(name);
  if (!known) upgrade.refuse("attribute 'activation' is '" + name + "'");
  Settings settings;
  for (size_t i = 0; i < std::min(parameters.size(), known->attributes.size()); ++i)
    if (known->attributes[i]) settings.emplace_back(known->attributes[i], parameters[i]);
  return upgrade.make(name, {value}, settings);
}

}  // namespace slipway::contrib_rule
