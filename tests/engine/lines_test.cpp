// Operators along one axis: CumSum, CumProd, ArgMax, ArgMin and TopK. Every bit is the reference's.
#include <numeric>

#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

const std::vector<std::pair<Dims, std::vector<int64_t>>> kShapesAndAxes = {{{1}, {0}},
                                                                           {{37}, {0, -1}},
                                                                           {{5, 33}, {0, 1}},
                                                                           {{3, 7, 1}, {0, 1, 2}},
                                                                           {{2, 19, 130}, {1, 2}},
                                                                           {{3, 4, 5, 600}, {0, 1, 3}},
                                                                           {{9, 5000}, {0, 1}},
                                                                           {{40000}, {0}}};

// Few different numbers, so that many are equal; zeros of both signs among them.
Tensor repetitive(const Dims& dims, std::mt19937& random) {
  Tensor tensor(DataType::kFloat, dims);
  for (float& x : tensor.data<float>()) x = static_cast<float>(static_cast<int>(random() % 9)) - 4;
  for (float& x : tensor.data<float>())
    if (x == 0 && random() % 2) x = -x;
  return tensor;
}

void expect_arg(const Tensor& tensor, int64_t axis) {
  for (const char* op_type : {"ArgMax", "ArgMin"})
    for (int64_t last : {0, 1}) {
      GraphMaker maker;
      Value* output = maker.node(op_type, {add_input(maker, tensor)},
                                 {{"axis", axis}, {"select_last_index", last}, {"keepdims", last}});
      expect_identical(maker, *output->producer(), {tensor});
    }
}

TEST(Lines, FindTheirExtremes) {
  std::mt19937 random(3);
  for (const auto& [dims, axes] : kShapesAndAxes)
    for (int64_t axis : axes) {
      expect_arg(random_tensor(dims, random), axis);
      expect_arg(repetitive(dims, random), axis);
    }
}

TEST(Lines, FindNanInEveryPlace) {
  std::mt19937 random(4);
  for (int64_t place = 0; place < 37; ++place) {
    Tensor tensor = random_tensor({37}, random);
    tensor.data<float>()[static_cast<size_t>(place)] = NAN;
    expect_arg(tensor, 0);
    expect_arg(tensor.reshaped({1, 37}), 0);
    tensor.data<float>()[static_cast<size_t>(random() % 37)] = NAN;
    expect_arg(tensor, 0);
    tensor = random_tensor({3, 37}, random);
    for (int i = 0; i < 2; ++i)
      tensor.data<float>()[static_cast<size_t>(place + 37 * static_cast<int64_t>(random() % 3))] = NAN;
    expect_arg(tensor, 0);
  }
}

TEST(Lines, FindInfinity) {
  for (float filler : {-HUGE_VALF, HUGE_VALF})
    for (int64_t place : {0, 1, 15, 16, 40}) {
      Tensor tensor(DataType::kFloat, {41});
      std::fill_n(tensor.data<float>().data(), 41, filler);
      expect_arg(tensor, 0);
      tensor.data<float>()[static_cast<size_t>(place)] = 1e38f;
      expect_arg(tensor, 0);
    }
}

void expect_top(const Tensor& tensor, int64_t axis) {
  const int64_t size = tensor.dim(axis < 0 ? tensor.rank() - 1 : static_cast<size_t>(axis));
  for (int64_t wanted : {int64_t{1}, int64_t{2}, size / 3, size - 1, size})
    for (int64_t largest : {0, 1}) {
      if (wanted < 1 || wanted > size) continue;
      GraphMaker maker;
      Node* node = maker.graph().add_node("TopK", {add_input(maker, tensor), integers(maker, {wanted})}, 2);
      node->set_attribute("axis", axis);
      node->set_attribute("largest", largest);
      expect_identical(maker, *node, {tensor});
    }
}

TEST(Lines, FindTheirFirst) {
  std::mt19937 random(5);
  for (const auto& [dims, axes] : kShapesAndAxes)
    for (int64_t axis : axes) {
      if (dims[0] == 40000) continue;
      Tensor tensor = random_tensor(dims, random);
      expect_top(tensor, axis);
      expect_top(repetitive(dims, random), axis);
      const auto values = tensor.data<float>();
      for (float special : {NAN, -NAN, HUGE_VALF, -HUGE_VALF, 0.0f, -0.0f, 1e-41f, -1e-41f})
        for (int i = 0; i < 3; ++i) values[random() % values.size()] = special;
      expect_top(tensor, axis);
      std::fill(values.begin(), values.end(), NAN);
      expect_top(tensor, axis);
    }
  // Sorted already, in both directions.
  Tensor tensor(DataType::kFloat, {2, 3000});
  for (size_t i = 0; i < 3000; ++i)
    tensor.data<float>()[i] = static_cast<float>(i), tensor.data<float>()[3000 + i] = -static_cast<float>(i);
  expect_top(tensor, 1);
}

// Of long lines some places are looked at first, at even distances: what is there may be the greatest, the
// least or all the same.
TEST(Lines, FindTheirFirstWhateverASampleSays) {
  const int64_t size = 9000;
  std::mt19937 random(8);
  for (float at_even_distances : {-100.0f, 0.0f, 100.0f, HUGE_VALF, NAN})
    for (float elsewhere : {0.0f, 1.0f}) {
      Tensor tensor(DataType::kFloat, {size});
      const auto values = tensor.data<float>();
      for (float& x : values) x = elsewhere * static_cast<float>(random() % 1000);
      for (size_t i = 0; i < 1024; ++i) values[i * values.size() / 1024] = at_even_distances;
      expect_top(tensor, 0);
    }
  Tensor rising(DataType::kFloat, {size});
  std::iota(rising.data<float>().begin(), rising.data<float>().end(), -4000.0f);
  expect_top(rising, 0);
}

TEST(Lines, AddUpAndMultiply) {
  for (const char* op_type : {"CumSum", "CumProd"})
    for (DataType type : {DataType::kFloat, DataType::kDouble, DataType::kInt32, DataType::kUint32,
                          DataType::kInt64, DataType::kUint64})
      for (const auto& [dims, axes] : kShapesAndAxes)
        for (int64_t axis : axes)
          for (int64_t mode = 0; mode < 4; ++mode) {
            GraphMaker maker;
            Tensor tensor = random_bits(type, dims, maker.random);
            if (type == DataType::kFloat) tensor = random_tensor(dims, maker.random, 2);
            if (type == DataType::kDouble)
              for (double& x : tensor.data<double>()) x = static_cast<double>(maker.random() % 1000) / 500;
            Value* output = maker.node(op_type, {add_input(maker, tensor), integers(maker, {axis})},
                                       {{"exclusive", mode % 2}, {"reverse", mode / 2}});
            expect_identical(maker, *output->producer(), {tensor});
          }
}

TEST(Lines, AddUpInfinityAndNan) {
  for (const Dims& dims : {Dims{40}, Dims{40, 33}}) {
    GraphMaker maker;
    Tensor tensor = random_tensor(dims, maker.random);
    for (float& x : tensor.data<float>()) {
      if (maker.random() % 50 == 0) x = maker.random() % 2 ? HUGE_VALF : -HUGE_VALF;
      if (maker.random() % 50 == 0) x = 1e-40f;
    }
    Value* output = maker.node("CumSum", {add_input(maker, tensor), integers(maker, {0})});
    expect_identical(maker, *output->producer(), {tensor});
  }
}

}  // namespace
}  // namespace slipway::engine
