// A model under a memory limit: what it takes is counted to the byte, and given back.
#include <gmock/gmock.h>

#include <numeric>

#include "backends/backend.hpp"
#include "base/error.hpp"
#include "engine/random_model.hpp"
#include "onnx/write_model.hpp"

namespace slipway::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr size_t kPlenty = size_t{1} << 30;

std::shared_ptr<MemoryAccount> account_of(size_t limit) {
  return std::make_shared<MemoryAccount>(limit);
}

std::unique_ptr<slipway::Model> copy_of(const GraphMaker& maker) {
  return std::make_unique<slipway::Model>(clone(*maker.model));
}

// A convolution (packed weights, an arena), a reference kernel (Unique, with lists of its own) and two
// outputs.
GraphMaker mixed_model() {
  GraphMaker maker;
  Value* x = maker.input({1, 3, 40, 40});
  Value* y = maker.node("Relu", {maker.conv(x, {8, 3, 3, 3}, {1, 1, 1, 1})});
  y = maker.node("Softmax", {maker.conv(y, {8, 8, 3, 3}, {1, 1, 1, 1})});
  maker.graph().add_output(y);
  maker.graph().add_output(maker.node("Unique", {maker.node("Floor", {y})}));
  return maker;
}

std::vector<RuntimeValue> inputs() {
  std::mt19937 random(3);
  return {random_tensor({1, 3, 40, 40}, random)};
}

TEST(MemoryLimit, ExactlyEnoughPassesAndOneByteLessFails) {
  const GraphMaker maker = mixed_model();
  const auto given = inputs();
  const auto run_with = [&](size_t limit) {
    const auto account = account_of(limit);
    Environment environment(1, nullptr, account);
    Context context(Model::make(copy_of(maker), environment));
    context.run(given);
    return account->peak();
  };
  const size_t needed = run_with(kPlenty);
  EXPECT_GT(needed, size_t{2} * 8 * 40 * 40 * 4);
  EXPECT_EQ(run_with(needed), needed);
  try {
    run_with(needed - 1);
    ADD_FAILURE() << "one byte less passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("(Unique)"), HasSubstr(std::to_string(needed - 1) + " bytes")));
  }
}

TEST(MemoryLimit, EverythingIsGivenBack) {
  const auto account = account_of(kPlenty);
  std::vector<RuntimeValue> outputs;
  {
    Environment environment(2, nullptr, account);
    const GraphMaker maker = mixed_model();
    Context context(Model::make(copy_of(maker), environment));
    context.run(inputs());
    const size_t at_rest = account->used();
    for (int i = 0; i < 50; ++i) {
      context.run(inputs());
      EXPECT_EQ(account->used(), at_rest);
    }
    outputs = context.run(inputs());
  }
  // What the caller still holds, which outlives the model.
  EXPECT_GE(account->used(), outputs[0].tensor().bytes());
  outputs.clear();
  EXPECT_EQ(account->used(), 0U);
}

TEST(MemoryLimit, FailuresLeaveNothingAndTheModelUsable) {
  GraphMaker maker;
  Value* x = maker.graph().add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 1}));
  Value* y = maker.graph().add_input("y", Type::tensor(DataType::kFloat, Shape{1, Dim::symbol("n")}));
  maker.graph().add_output(maker.node("Relu", {maker.node("MatMul", {x, y})}));
  backends::CompileOptions options;
  options.threads = 2;
  options.memory = account_of(1 << 20);
  {
    const auto executable = backends::find_backend("native").compile({"", copy_of(maker)}, options);
    const auto run = [&](int64_t size) {
      std::mt19937 random(1);
      const std::vector<RuntimeValue> given{random_tensor({size, 1}, random),
                                            random_tensor({1, size}, random)};
      return executable->run(given)[0].tensor().count();
    };
    size_t before = 0;
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(run(300), 300 * 300);
      EXPECT_EQ(run(200), 200 * 200);
      try {
        run(1000);
        ADD_FAILURE() << "4 MB passed a limit of 1 MB";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
        EXPECT_THAT(error.what(), AllOf(HasSubstr("f32[1000,1000]"), HasSubstr("(MatMul)")));
      }
      if (i > 0) {
        EXPECT_EQ(options.memory->used(), before);
      }
      before = options.memory->used();
    }
  }
  EXPECT_EQ(options.memory->used(), 0U);
}

// Each size alone fits; what the runs before it have left must not be in its way.
TEST(MemoryLimit, EarlierRunsAreNotInTheWay) {
  GraphMaker maker;
  const Shape open{1, 4, Dim::symbol("h"), Dim::symbol("w")};
  Value* x = maker.graph().add_input("x", Type::tensor(DataType::kFloat, open));
  x = maker.conv(x, {16, 4, 3, 3}, {1, 1, 1, 1});
  maker.graph().add_output(maker.node("Softmax", {maker.conv(x, {4, 16, 3, 3}, {1, 1, 1, 1})}));
  const auto run = [](backends::Executable& executable, int64_t size) {
    std::mt19937 random(1);
    const std::vector<RuntimeValue> given{random_tensor({1, 4, size, 300 - size}, random)};
    executable.run(given);
  };
  backends::CompileOptions options;
  options.threads = 1;
  size_t most = 0;
  for (int64_t size = 100; size < 120; ++size) {
    options.memory = account_of(kPlenty);
    run(*backends::find_backend("native").compile({"", copy_of(maker)}, options), size);
    most = std::max(most, options.memory->peak());
  }
  options.memory = account_of(most);
  const auto executable = backends::find_backend("native").compile({"", copy_of(maker)}, options);
  for (int round = 0; round < 2; ++round)
    for (int64_t size = 100; size < 120; ++size) EXPECT_NO_THROW(run(*executable, size)) << size;
}

TEST(MemoryLimit, TwoSessionsDoNotDisturbEachOther) {
  const GraphMaker maker = mixed_model();
  backends::CompileOptions small, large, none;
  small.threads = large.threads = none.threads = 2;
  small.memory = account_of(300 << 10);
  large.memory = account_of(kPlenty);
  const auto& native = backends::find_backend("native");
  const auto tight = native.compile({"", copy_of(maker)}, small);
  const auto wide = native.compile({"", copy_of(maker)}, large);
  const auto free = native.compile({"", copy_of(maker)}, none);
  const auto given = inputs();
  const auto expected = free->run(given);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(tight->run(given), Error);
    EXPECT_TRUE(identical(wide->run(given)[0].tensor(), expected[0].tensor()));
    EXPECT_TRUE(identical(free->run(given)[0].tensor(), expected[0].tensor()));
  }
  EXPECT_LE(small.memory->peak(), small.memory->limit());
  EXPECT_GT(large.memory->peak(), small.memory->limit());
}

// Constants that the limit has no room for are not folded, and the run says so.
TEST(MemoryLimit, CountsWhatLoadingMakes) {
  GraphMaker maker;
  Value* ones =
      maker.graph().add_initializer("ones", Tensor::from<int64_t>({1}, std::vector<int64_t>{1 << 20}));
  Value* x = maker.graph().add_input("x", Type::tensor(DataType::kFloat, Shape{1}));
  maker.graph().add_output(maker.node("Add", {x, maker.node("ConstantOfShape", {ones})}));
  backends::CompileOptions options;
  options.memory = account_of(1 << 20);
  try {
    const auto executable = backends::find_backend("native").compile({"", copy_of(maker)}, options);
    EXPECT_LT(options.memory->peak(), size_t{1} << 19);
    const std::vector<RuntimeValue> given{Tensor::from<float>({1}, std::vector<float>{1})};
    executable->run(given);
    ADD_FAILURE() << "4 MB were made under a limit of 1 MB";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("ConstantOfShape"), HasSubstr("f32[1048576]")));
  }
  EXPECT_EQ(options.memory->used(), 0U);
}

// A loop whose value grows: what its rounds let go is taken again before the limit is.
TEST(MemoryLimit, AGrowingLoopFailsWhereItsValueDoesNotFit) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* count = graph.add_input("n", Type::tensor(DataType::kInt64, Shape{}));
  Value* start = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{Dim()}));
  Node* loop = graph.add_node("Loop", {count, nullptr, start}, 1);
  auto body = std::make_unique<Graph>("body", loop);
  body->add_input("round", {});
  Value* going = body->add_input("going", {});
  Value* carried = body->add_input("carried", {});
  body->add_output(body->add_node("Identity", {going})->output(0));
  Node* concat = body->add_node("Concat", {carried, carried});
  concat->set_attribute("axis", int64_t{0});
  body->add_output(concat->output(0));
  loop->set_attribute("body", std::move(body));
  graph.add_output(loop->output(0));
  const auto account = account_of(16 << 20);
  Environment environment(1, nullptr, account);
  Context context(Model::make(copy_of(maker), environment));
  const auto run = [&](int64_t rounds) {
    const std::vector<RuntimeValue> given{Tensor::scalar(rounds),
                                          Tensor::from<float>({1}, std::vector<float>{1})};
    return context.run(given)[0].tensor().count();
  };
  // 4 MB and 8 MB beside each other.
  EXPECT_EQ(run(20), 1 << 20);
  EXPECT_EQ(run(21), 1 << 21);
  try {
    run(40);
    ADD_FAILURE() << "4 TB passed";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("Loop"), HasSubstr("Concat"), HasSubstr("memory limit")));
  }
  EXPECT_EQ(run(20), 1 << 20);
}

TEST(MemoryLimit, TheOtherEngineSaysThatItHasNone) {
  const GraphMaker maker = mixed_model();
  backends::CompileOptions options;
  options.memory = account_of(kPlenty);
  try {
    backends::find_backend("onnxruntime").compile({"", copy_of(maker)}, options);
    ADD_FAILURE() << "onnxruntime took a limit";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("--max-memory"), HasSubstr("--backend native")));
  }
}

}  // namespace
}  // namespace slipway::engine
