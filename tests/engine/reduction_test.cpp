// Reductions over axes that lie side by side, against the reference kernel.
#include <utility>

#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

const std::vector<std::pair<Dims, std::vector<int64_t>>> kReductions = {
    {{1}, {0}},          {{37}, {0}},       {{5, 7, 7}, {1, 2}},      {{3, 70001}, {1}},     {{40, 9}, {0}},
    {{2, 100, 77}, {1}}, {{3, 33, 5}, {2}}, {{2, 3, 40, 50}, {2, 3}}, {{2, 35, 4, 50}, {1}}, {{600, 3}, {1}},
    {{17, 600}, {0}}};

double tolerance_of(const std::string& op_type) {
  return op_type == "ReduceMax" || op_type == "ReduceMin" ? 0 : 1e-6;
}

void expect_reduced(const std::string& op_type, const Tensor& tensor, const std::vector<int64_t>& axes) {
  GraphMaker maker;
  Value* y = maker.node(op_type, {add_input(maker, tensor), integers(maker, axes)});
  expect_like_reference(maker, y, {tensor}, tolerance_of(op_type));
}

TEST(Reduction, OfEveryKind) {
  std::mt19937 random(6);
  for (const char* op_type :
       {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare"})
    for (const auto& [dims, axes] : kReductions) {
      // All above zero: where sums cancel, the largest says nothing of their error.
      Tensor tensor = random_tensor(dims, random);
      for (float& x : tensor.data<float>()) x = std::abs(x) + 0.5f;
      expect_reduced(op_type, tensor, axes);
    }
}

// In many places, from both ends.
TEST(Reduction, KeepsNanAndInfinity) {
  std::mt19937 random(7);
  for (const char* op_type : {"ReduceMax", "ReduceMin"})
    for (const auto& [dims, axes] : kReductions) {
      Tensor tensor = random_tensor(dims, random);
      const auto values = tensor.data<float>();
      for (size_t place = 0; place < 37; place += 3)
        for (float special : {NAN, HUGE_VALF, -HUGE_VALF, 1e-41f}) {
          const size_t distance = place * 13 % values.size();
          float& value = values[place % 2 == 0 ? distance : values.size() - 1 - distance];
          const float usual = std::exchange(value, special);
          expect_reduced(op_type, tensor, axes);
          value = usual;
        }
    }
}

}  // namespace
}  // namespace slipway::engine
