// A model of one node against the reference interpreter: all of its outputs, on 1, 2 and 5 threads.
#pragma once

#include "engine/plan.hpp"
#include "engine/random_model.hpp"

namespace slipway::engine {

// `compare(got, expected)` holds an output against the reference kernel's; other numbers of threads must give
// the same bits. `fast`: a kernel of the engine's own makes them.
template <typename Compare>
void expect_one_node(GraphMaker& maker, const Node& node, const std::vector<RuntimeValue>& inputs, bool fast,
                     Compare compare) {
  SCOPED_TRACE(node.describe() + " of " + inputs[0].tensor().describe());
  for (Value* output : node.outputs())
    if (output) maker.graph().add_output(output);
  std::map<std::string, RuntimeValue, std::less<>> named;
  for (size_t i = 0; i < inputs.size(); ++i) named[maker.graph().inputs()[i]->name()] = inputs[i];
  const auto expected = reference::run(*maker.model, named, ops::standard_operators());
  const auto first = run_on_engine(maker, inputs, 1);
  ASSERT_EQ(first.size(), expected.size());
  for (size_t i = 0; i < first.size(); ++i) {
    SCOPED_TRACE("output " + std::to_string(i));
    compare(first[i].tensor(), expected[i].tensor());
    for (int threads : {2, 5})
      EXPECT_TRUE(identical(run_on_engine(maker, inputs, threads)[i].tensor(), first[i].tensor()))
          << threads << " threads";
  }
  Environment environment(1);
  auto copy = std::make_unique<slipway::Model>();
  copy->opset_imports = maker.model->opset_imports;
  copy->graph = clone(*maker.model->graph);
  const auto plan = Model::make(std::move(copy), environment, {})->plan_for(inputs);
  ASSERT_EQ(plan->steps().size(), 1u);
  EXPECT_TRUE(plan->steps()[0].kernel || !fast);
}

// Every output within `tolerance` of its largest value.
inline void expect_node_like_reference(GraphMaker& maker, const Node& node,
                                       const std::vector<RuntimeValue>& inputs, double tolerance,
                                       bool fast = true) {
  expect_one_node(maker, node, inputs, fast, [&](const Tensor& got, const Tensor& expected) {
    EXPECT_LE(relative_error(got, expected), tolerance)
        << got.describe() << " against " << expected.describe();
  });
}

}  // namespace slipway::engine
