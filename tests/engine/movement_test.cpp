// Operators that only move elements, for every size of an element.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

using Settings = std::vector<GraphMaker::Setting>;

constexpr DataType kOfEveryWidth[] = {DataType::kBool,      DataType::kInt8,  DataType::kFloat16,
                                      DataType::kFloat,     DataType::kInt64, DataType::kComplex64,
                                      DataType::kComplex128};

// The operator with lists of integers as its further inputs.
void expect_moved(const char* op_type, const Dims& dims, const std::vector<std::vector<int64_t>>& lists,
                  const Settings& settings = {}, bool fast = true) {
  for (DataType type : kOfEveryWidth) {
    GraphMaker maker;
    const Tensor tensor = random_bits(type, dims, maker.random);
    std::vector<Value*> inputs{add_input(maker, tensor)};
    for (const auto& list : lists) inputs.push_back(integers(maker, list));
    expect_identical(maker, *maker.node(op_type, inputs, settings)->producer(), {tensor}, fast);
  }
}

TEST(Movement, TransposesEveryPermutation) {
  for (const Dims& dims : {Dims{2, 3, 5, 7}, Dims{3, 33, 2, 17}, Dims{1, 4, 70, 3}}) {
    std::vector<int64_t> perm{0, 1, 2, 3};
    do {
      expect_moved("Transpose", dims, {}, {{"perm", perm}});
    } while (std::next_permutation(perm.begin(), perm.end()));
  }
}

TEST(Movement, TransposesMatricesOfEverySize) {
  for (int64_t rows : {1, 2, 3, 4, 5, 15, 16, 17, 31, 64, 65, 130})
    for (int64_t columns : {1, 2, 3, 4, 7, 16, 33, 64, 100})
      expect_moved("Transpose", {rows, columns}, {}, {{"perm", std::vector<int64_t>{1, 0}}});
  // Rows of the output that are multiples of 2 KB apart, for each size of an element.
  for (int64_t rows : {128, 512, 1024, 2048})
    for (int64_t columns : {7, 16, 67})
      expect_moved("Transpose", {rows, columns}, {}, {{"perm", std::vector<int64_t>{1, 0}}});
  // More than one thread's piece in both directions.
  expect_moved("Transpose", {513, 700}, {}, {{"perm", std::vector<int64_t>{1, 0}}});
  expect_moved("Transpose", {3, 300, 401}, {}, {{"perm", std::vector<int64_t>{0, 2, 1}}});
}

TEST(Movement, SlicesByEveryStep) {
  for (int64_t step : {1, 2, 3, 4, 5, -1, -2, -3})
    for (int64_t first : {0, 1, 2}) {
      const int64_t begin = step > 0 ? first : -1 - first, end = step > 0 ? 1000 : -1000;
      expect_moved("Slice", {3, 77}, {{begin}, {end}, {1}, {step}});
      expect_moved("Slice", {41, 6, 5}, {{begin, 1}, {end, 5}, {0, -1}, {step, 2}});
    }
  expect_moved("Slice", {4, 9}, {{1, 2}, {3, 7}});
  expect_moved("Slice", {40000}, {{3}, {-2}, {0}});
  expect_moved("Slice", {60, 40, 3}, {{1}, {39}, {1}});
  expect_moved("Slice", {300, 1300}, {{1, 5}, {299, 1290}});
  expect_moved("Slice", {5, 9}, {{3}, {3}, {1}}, {}, false);
}

TEST(Movement, JoinsAndSplits) {
  for (DataType type : kOfEveryWidth)
    for (int64_t axis : {0, 1, 2, -1})
      for (int64_t middle : {1, 2, 5}) {
        Dims dims{3, 8, 6}, second = dims;
        second[static_cast<size_t>(axis < 0 ? 3 + axis : axis)] = middle;
        GraphMaker maker;
        const Tensor a = random_bits(type, dims, maker.random), b = random_bits(type, second, maker.random);
        const std::vector<Value*> inputs{add_input(maker, a), add_input(maker, b), maker.graph().inputs()[0]};
        expect_identical(maker, *maker.node("Concat", inputs, {{"axis", axis}})->producer(), {a, b});
      }
  for (DataType type : kOfEveryWidth)
    for (int64_t axis : {0, 1, -1}) {
      GraphMaker maker;
      const Tensor tensor = random_bits(type, {9, 9, 9}, maker.random);
      Node* node = maker.graph().add_node("Split", {add_input(maker, tensor), integers(maker, {2, 1, 6})}, 3);
      node->set_attribute("axis", axis);
      expect_identical(maker, *node, {tensor});
    }
}

TEST(Movement, Repeats) {
  expect_moved("Expand", {3, 1}, {{2, 3, 50}});
  expect_moved("Expand", {3, 1}, {{2, 3, 2}});
  expect_moved("Expand", {1}, {{70000}});
  expect_moved("Expand", {5, 1, 7}, {{5, 40, 7}});
  expect_moved("Expand", {5, 1, 2}, {{1, 3, 1}});
  expect_moved("Tile", {3, 5}, {{2, 3}});
  expect_moved("Tile", {3, 1}, {{1, 3}});
  expect_moved("Tile", {2, 3, 4}, {{3, 1, 50}});
  expect_moved("Tile", {2, 3}, {{0, 1}}, {}, false);
}

TEST(Movement, SpreadsChannels) {
  for (const char* mode : {"DCR", "CRD"})
    for (int64_t block : {1, 2, 3, 4, 5})
      expect_moved("DepthToSpace", {2, 3 * block * block, 5, 37}, {},
                   {{"blocksize", block}, {"mode", std::string(mode)}});
}

TEST(Movement, GathersSpace) {
  for (int64_t block : {1, 2, 3, 4, 5})
    expect_moved("SpaceToDepth", {2, 3, 4 * block, 7 * block}, {}, {{"blocksize", block}});
}

TEST(Movement, KeepsTriangles) {
  for (int64_t upper : {0, 1})
    for (int64_t k : {0, 1, -2, 40, -40, 6})
      for (const Dims& dims : {Dims{5, 7}, Dims{3, 33, 20}, Dims{300, 200}, Dims{2, 1, 9}})
        expect_moved("Trilu", dims, {{k}}, {{"upper", upper}});
}

TEST(Movement, ReversesSequences) {
  for (int64_t batch_axis : {0, 1}) {
    const Settings settings{{"batch_axis", batch_axis}, {"time_axis", 1 - batch_axis}};
    expect_moved("ReverseSequence", {4, 4, 5}, {{4, 0, 1, 3}}, settings);
    expect_moved("ReverseSequence", batch_axis == 0 ? Dims{3, 70} : Dims{70, 3}, {{70, 69, 2}}, settings);
  }
}

TEST(Movement, MarksOne) {
  for (DataType type : kOfEveryWidth)
    for (int64_t axis : {0, 1, -1})
      for (const Dims& dims : {Dims{7}, Dims{3, 50}, Dims{40, 3, 2}}) {
        GraphMaker maker;
        Tensor indices(DataType::kInt64, dims);
        for (int64_t& index : indices.data<int64_t>()) index = static_cast<int64_t>(maker.random() % 30) - 14;
        const Tensor values = random_bits(type, {2}, maker.random);
        const std::vector<Value*> inputs{add_input(maker, indices), integers(maker, {11}),
                                         add_input(maker, values)};
        expect_identical(maker, *maker.node("OneHot", inputs, {{"axis", axis}})->producer(),
                         {indices, values});
      }
}

TEST(Movement, Pads) {
  for (const char* mode : {"constant", "edge", "reflect", "wrap"}) {
    const Settings settings{{"mode", std::string(mode)}};
    expect_moved("Pad", {2, 3, 5, 7}, {{0, 0, 1, 2, 0, 0, 2, 3}}, settings);
    expect_moved("Pad", {2, 3, 5, 7}, {{1, 2, 3, 4, 4, 3, 2, 1}}, settings);
    expect_moved("Pad", {2, 3, 5, 7}, {{0, 0, -1, 9, 0, 1, 2, -3}}, settings);
    expect_moved("Pad", {3, 4, 6}, {{0, 2, 0, 0, 5, 0}}, settings);
    expect_moved("Pad", {1, 1}, {{2, 0, 3, 4}}, settings);
    expect_moved("Pad", {60, 1300}, {{3, 5, 2, 1}}, settings);
    expect_moved("Pad", {5}, {{-2, -3}}, settings, false);
  }
}

TEST(Movement, PadsWithAConstantAlongSomeAxes) {
  for (DataType type : kOfEveryWidth)
    for (bool known : {true, false}) {
      GraphMaker maker;
      const Tensor tensor = random_bits(type, {3, 4, 5}, maker.random),
                   constant = random_bits(type, {}, maker.random);
      std::vector<RuntimeValue> given{tensor};
      std::vector<Value*> inputs{add_input(maker, tensor), integers(maker, {1, 2, 3, 0})};
      if (known)
        inputs.push_back(maker.graph().add_initializer("v", constant));
      else
        inputs.push_back(add_input(maker, constant)), given.push_back(constant);
      inputs.push_back(integers(maker, {-1, 0}));
      expect_identical(maker, *maker.node("Pad", inputs)->producer(), given);
    }
}

TEST(Movement, Gathers) {
  for (DataType type : kOfEveryWidth)
    for (int64_t axis : {0, 1, 2, -1})
      for (bool wide : {true, false}) {
        GraphMaker maker;
        const Tensor tensor = random_bits(type, {6, 7, 5}, maker.random);
        const std::vector<int64_t> picked{0, 4, -1, -5, 2, 2, 3, 1};
        const std::vector<int32_t> narrow(picked.begin(), picked.end());
        const Tensor indices = wide ? Tensor::from<int64_t>({2, 4}, std::span(picked))
                                    : Tensor::from<int32_t>({2, 4}, std::span(narrow));
        const std::vector<Value*> inputs{add_input(maker, tensor), add_input(maker, indices)};
        expect_identical(maker, *maker.node("Gather", inputs, {{"axis", axis}})->producer(),
                         {tensor, indices});
      }
}

TEST(Movement, GatherChecksIndices) {
  for (int64_t index : {int64_t{6}, int64_t{-7}, std::numeric_limits<int64_t>::min()}) {
    GraphMaker maker;
    const Tensor tensor = random_bits(DataType::kFloat, {6, 3}, maker.random);
    const Tensor indices = Tensor::from<int64_t>({1}, std::span<const int64_t>(&index, 1));
    const std::vector<Value*> inputs{add_input(maker, tensor), add_input(maker, indices)};
    maker.graph().add_output(maker.node("Gather", inputs));
    EXPECT_THROW(run_on_engine(maker, {tensor, indices}, 2), Error);
  }
}

}  // namespace
}  // namespace slipway::engine
