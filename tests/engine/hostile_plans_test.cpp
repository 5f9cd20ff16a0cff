// What a plan takes for granted of a model and its inputs, where a model was made to make it wrong.
#include <gmock/gmock.h>

#include "base/error.hpp"
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// Both interpreters refuse it, and say so.
void expect_error(GraphMaker& maker, Value* output, const std::vector<RuntimeValue>& inputs,
                  const char* what) {
  maker.graph().add_output(output);
  std::map<std::string, RuntimeValue, std::less<>> named;
  for (size_t i = 0; i < inputs.size(); ++i) named[maker.graph().inputs()[i]->name()] = inputs[i];
  EXPECT_THAT([&] { reference::run(*maker.model, named, ops::standard_operators()); },
              ThrowsMessage<Error>(HasSubstr(what)));
  EXPECT_THAT([&] { run_on_engine(maker, inputs, 1); }, ThrowsMessage<Error>(HasSubstr(what)));
}

// The last place of an axis is computed, and is what values are clipped to: no clamp of what computes it.
TEST(HostilePlans, ClipsToAComputedBound) {
  GraphMaker maker;
  const Tensor x = random_tensor({2, 3}, maker.random), data = random_tensor({50}, maker.random, 5);
  Value* of_x = add_input(maker, x);
  Value* of_data = add_input(maker, data);
  Value* first = maker.graph().add_initializer("first", Tensor::scalar(int64_t{0}));
  Value* size = maker.node("Gather", {maker.node("Shape", {of_x}), first});
  Value* one = maker.graph().add_initializer("one", Tensor::scalar(1.0f));
  Value* last = maker.node("Sub", {maker.node("Cast", {size}, {{"to", int64_t{1}}}), one});
  expect_like_reference(maker, maker.node("Clip", {of_data, nullptr, last}), {x, data}, 0);
}

// The name of a size may be the text of another one.
TEST(HostilePlans, SymbolsThatReadLikeNumbers) {
  GraphMaker maker;
  Value* x = maker.graph().add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("1000"), Dim(8)}));
  maker.graph().add_output(maker.node("Relu", {x}));
  Environment environment(1);
  auto model = std::make_unique<slipway::Model>(clone(*maker.model));
  Context context(Model::make(std::move(model), environment, {.plan_cache_size = 4}));
  // Often enough that the sizes are left open; the plan of 1000 stays in the cache.
  for (int64_t size = 1; size < 40; ++size)
    for (const int64_t rows : {int64_t{1000}, size}) {
      const Tensor input = random_tensor({rows, 8}, maker.random);
      const auto made = context.run({{input}})[0].tensor();
      ASSERT_EQ(made.dims(), input.dims());
      for (size_t i = 0; i < made.data<float>().size(); ++i)
        ASSERT_EQ(made.data<float>()[i], std::max(input.data<float>()[i], 0.0f)) << rows << " rows";
    }
}

TEST(HostilePlans, ReshapeToWhatTheRunSays) {
  for (const int64_t size : {5, -7}) {
    GraphMaker maker;
    const Tensor x = random_tensor({12}, maker.random);
    Value* y = maker.node(
        "Reshape",
        {add_input(maker, x), maker.graph().add_input("sizes", Type::tensor(DataType::kInt64, Shape{1}))});
    expect_error(maker, y, {x, Tensor::from<int64_t>({1}, std::vector<int64_t>{size})}, "Reshape");
  }
}

// Sequences of sequences would nest deeper with each round of a loop.
TEST(HostilePlans, SequenceMapMakesTensors) {
  GraphMaker maker;
  Value* sequence = maker.graph().add_input("s", Type::sequence(Type::tensor(DataType::kFloat)));
  Node* map = maker.graph().add_node("SequenceMap", {sequence});
  auto body = std::make_unique<Graph>("body", map);
  body->add_input("element", Type::tensor(DataType::kFloat));
  body->add_output(body->add_node("Identity", {sequence})->output(0));
  map->set_attribute("body", std::move(body));
  expect_error(maker, map->output(0), {Sequence{Tensor::scalar(1.0f)}}, "the body makes a sequence");
}

TEST(HostilePlans, GeluOfNoSuchApproximation) {
  GraphMaker maker;
  const Tensor x = random_tensor({7}, maker.random);
  Value* y = maker.node("Gelu", {add_input(maker, x)}, {{"approximate", std::string("sometimes")}});
  expect_error(maker, y, {x}, "sometimes");
}

// Whole tiles of the chain lie to the right of the picture.
TEST(HostilePlans, ChainIntoWidePadding) {
  GraphMaker maker;
  const Tensor x = random_tensor({1, 1, 256, 256}, maker.random);
  Value* large = maker.node("Resize", {add_input(maker, x), nullptr, maker.floats({1, 1, 2, 2})},
                            {{"mode", std::string("nearest")},
                             {"coordinate_transformation_mode", std::string("asymmetric")},
                             {"nearest_mode", std::string("floor")}});
  const std::vector<int64_t> kernel{1, 1}, pads{0, 0, 0, 1000};
  Value* y = maker.node("AveragePool", {large},
                        {{"kernel_shape", kernel}, {"pads", pads}, {"count_include_pad", int64_t{1}}});
  expect_like_reference(maker, y, {x}, 0);
}

}  // namespace
}  // namespace slipway::engine
