// Graphs with random weights, and running them on the engine and on the reference interpreter.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <variant>

#include "engine/context.hpp"
#include "graph/model.hpp"
#include "reference/interpreter.hpp"

namespace slipway::engine {

inline Tensor random_tensor(Dims dims, std::mt19937& random, float scale = 1.0f) {
  std::uniform_real_distribution<float> uniform(-scale, scale);
  Tensor tensor(DataType::kFloat, std::move(dims));
  for (float& value : tensor.data<float>()) value = uniform(random);
  return tensor;
}

// Collects nodes; random weights are scaled so that sums stay near 1.
struct GraphMaker {
  std::unique_ptr<slipway::Model> model = std::make_unique<slipway::Model>();
  std::mt19937 random{5};

  GraphMaker() { model->opset_imports.set("", kNewestOpset); }
  Graph& graph() { return *model->graph; }
  Value* input(const Dims& dims, const std::string& name = "x") {
    return graph().add_input(name, Type::tensor(DataType::kFloat, Shape(dims.begin(), dims.end())));
  }
  Value* weights(Dims dims) {
    int64_t fan_in = 1;
    for (size_t i = 1; i < dims.size(); ++i) fan_in *= dims[i];
    return graph().add_initializer("w",
                                   random_tensor(std::move(dims), random, 1.7f / std::sqrt(float(fan_in))));
  }
  Value* floats(std::vector<float> values) {
    return graph().add_initializer("c", Tensor::from<float>({int64_t(values.size())}, values));
  }
  // Attributes as a list can hold them: Attribute::Content cannot be copied.
  using Setting = std::pair<const char*, std::variant<int64_t, float, std::string, std::vector<int64_t>>>;
  Value* node(const std::string& op_type, std::vector<Value*> inputs,
              const std::vector<Setting>& settings = {}) {
    Node* made = graph().add_node(op_type, std::move(inputs));
    for (const auto& [name, value] : settings)
      std::visit([&, key = std::string(name)](const auto& content) { made->set_attribute(key, content); },
                 value);
    return made->output(0);
  }
  Value* conv(Value* x, Dims weight_dims, std::vector<int64_t> pads = {}, int64_t group = 1,
              std::vector<int64_t> strides = {}, std::vector<int64_t> dilations = {}) {
    const int64_t channels = weight_dims[0];
    Value* made = node("Conv", {x, weights(std::move(weight_dims)), weights({channels})}, {{"group", group}});
    Node* conv = made->producer();
    if (!pads.empty()) conv->set_attribute("pads", pads);
    if (!strides.empty()) conv->set_attribute("strides", strides);
    if (!dilations.empty()) conv->set_attribute("dilations", dilations);
    return made;
  }
};

inline std::vector<RuntimeValue> run_on_engine(GraphMaker& maker, const std::vector<RuntimeValue>& inputs,
                                               int threads, bool optimize = true) {
  Environment environment(threads);
  auto copy = std::make_unique<slipway::Model>();
  copy->opset_imports = maker.model->opset_imports;
  copy->graph = clone(*maker.model->graph);
  Context context(Model::make(std::move(copy), environment, {optimize}));
  auto outputs = context.run(inputs);
  // A second run in the same memory gives the same.
  const auto again = context.run(inputs);
  for (size_t i = 0; i < outputs.size(); ++i) EXPECT_TRUE(identical(outputs[i].tensor(), again[i].tensor()));
  return outputs;
}

// The largest difference, relative to the largest value.
inline double relative_error(const Tensor& got, const Tensor& expected) {
  if (got.dims() != expected.dims()) return INFINITY;
  double largest = 0.0, difference = 0.0;
  for (int64_t i = 0; i < got.count(); ++i) {
    const double a = got.data<float>()[size_t(i)], b = expected.data<float>()[size_t(i)];
    if (std::isnan(a) != std::isnan(b)) return INFINITY;
    if (std::isnan(a)) continue;
    largest = std::max(largest, std::fabs(b));
    difference = std::max(difference, std::fabs(a - b));
  }
  return largest == 0 ? difference : difference / largest;
}

// The engine, with and without optimisation, on 1, 2 and 5 threads, against the reference interpreter.
inline void expect_like_reference(GraphMaker& maker, Value* output, const std::vector<RuntimeValue>& inputs,
                                  double tolerance = 1e-5) {
  maker.graph().add_output(output);
  std::map<std::string, RuntimeValue, std::less<>> named;
  for (size_t i = 0; i < inputs.size(); ++i) named[maker.graph().inputs()[i]->name()] = inputs[i];
  const auto expected = reference::run(*maker.model, named, ops::standard_operators());
  for (bool optimize : {true, false}) {
    const auto first = run_on_engine(maker, inputs, 1, optimize);
    ASSERT_EQ(first.size(), expected.size());
    EXPECT_LE(relative_error(first[0].tensor(), expected[0].tensor()), tolerance)
        << (optimize ? "optimised" : "plain") << ", " << first[0].tensor().describe() << " against "
        << expected[0].tensor().describe();
    for (int threads : {2, 5})
      EXPECT_TRUE(identical(run_on_engine(maker, inputs, threads, optimize)[0].tensor(), first[0].tensor()))
          << threads << " threads";
  }
}

}  // namespace slipway::engine
