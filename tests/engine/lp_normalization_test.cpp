// LpNormalization against the reference kernel, in f64.
#include "engine/one_node.hpp"

namespace slipway::engine {
namespace {

void expect_like_reference(const Tensor& tensor, int64_t axis, int64_t order) {
  GraphMaker maker;
  Node* node = maker.graph().add_node("LpNormalization", {maker.input(tensor.dims())});
  node->set_attribute("axis", axis);
  node->set_attribute("p", order);
  expect_node_like_reference(maker, *node, {tensor}, 3e-7);
}

TEST(LpNormalization, EveryAxisAndSize) {
  std::mt19937 random(5);
  for (const Dims& dims : std::vector<Dims>{{1}, {7}, {5000}, {3, 1, 4}, {40, 33}, {3, 50, 17}, {2, 3, 1300}})
    for (int64_t axis = 0; axis < static_cast<int64_t>(dims.size()); ++axis)
      for (int64_t order : {1, 2}) expect_like_reference(random_tensor(dims, random, 3), axis, order);
}

// Lines of zeros, and numbers whose squares f32 does not hold.
TEST(LpNormalization, ExtremeNumbers) {
  std::mt19937 random(6);
  for (const float number : {0.0f, 1e30f, 1e-30f, 1e-44f, HUGE_VALF, NAN})
    for (int64_t axis : {0, 1})
      for (int64_t order : {1, 2}) {
        Tensor tensor = random_tensor({20, 20}, random);
        for (size_t i = 0; i < 20; ++i)
          tensor.data<float>()[i * 20 + 3] = tensor.data<float>()[100 + i] = number;
        expect_like_reference(tensor, axis, order);
      }
}

}  // namespace
}  // namespace slipway::engine
