// If, Loop and Scan: bodies in bodies, values from around, no rounds, many rounds. The expected values are
// computed by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/infer_types.hpp"
#include "reference/interpreter.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const Type kNumber = Type::tensor(DataType::kFloat, Shape{});
const Type kCount = Type::tensor(DataType::kInt64, Shape{});
const Type kFlag = Type::tensor(DataType::kBool, Shape{});

std::vector<float> floats(const RuntimeValue& value) {
  const auto elements = value.tensor().data<float>();
  return {elements.begin(), elements.end()};
}

// The body of a loop with one carried number: next = number + step, and the number as a row.
std::unique_ptr<Graph> counting_body(Value* step) {
  auto body = std::make_unique<Graph>("count");
  body->add_input("round", kCount);
  Value* condition = body->add_input("condition", kFlag);
  Value* number = body->add_input("number", kNumber);
  body->add_output(condition);
  body->add_output(body->add_node("Add", {number, step})->output(0));
  body->add_output(body->add_node("Identity", {number})->output(0));
  return body;
}

class LoopTest : public testing::Test {
 protected:
  LoopTest() {
    start_ = graph_->add_input("start", kNumber);
    step_ = graph_->add_input("step", kNumber);
  }

  Node* add_loop(Value* trips, Value* condition) {
    Node* loop = graph_->add_node("Loop", {trips, condition, start_}, 2);
    loop->set_attribute("body", counting_body(step_));
    for (Value* output : loop->outputs()) graph_->add_output(output);
    return loop;
  }

  std::vector<RuntimeValue> run(float start, float step) {
    infer_types(model_, standard_operators());
    return reference::run(model_, {{"start", Tensor::scalar(start)}, {"step", Tensor::scalar(step)}},
                          standard_operators());
  }

  std::string output_type(size_t output) {
    return infer_types_for(*graph_, standard_operators(), {}).type(graph_->outputs()[output]).to_string();
  }

  Value* constant(Tensor tensor) { return graph_->add_initializer("constant", std::move(tensor)); }

  Model model_;
  Graph* graph_ = model_.graph.get();
  Value* start_;
  Value* step_;
};

TEST_F(LoopTest, CountsAndCollectsWithAValueFromAround) {
  add_loop(constant(Tensor::scalar<int64_t>(3)), nullptr);
  const auto outputs = run(1, 2);
  EXPECT_THAT(floats(outputs[0]), ElementsAre(7));
  EXPECT_THAT(floats(outputs[1]), ElementsAre(1, 3, 5));
  EXPECT_EQ(output_type(0), "f32[]");
  EXPECT_EQ(output_type(1), "f32[3]");
}

TEST_F(LoopTest, NoRoundHandsTheInputOnAndMakesNoRows) {
  add_loop(constant(Tensor::scalar<int64_t>(0)), constant(Tensor::scalar(true)));
  const auto outputs = run(1, 2);
  EXPECT_THAT(floats(outputs[0]), ElementsAre(1));
  EXPECT_EQ(outputs[1].tensor().dims(), Dims{0});
}

TEST_F(LoopTest, AFalseConditionStopsBeforeTheFirstRound) {
  add_loop(constant(Tensor::scalar<int64_t>(5)), constant(Tensor::scalar(false)));
  EXPECT_THAT(floats(run(1, 2)[0]), ElementsAre(1));
  EXPECT_EQ(output_type(1), "f32[?]");
}

TEST_F(LoopTest, ALoopThatCannotEndIsRefused) {
  add_loop(nullptr, constant(Tensor::scalar(true)));
  EXPECT_THAT([&] { run(1, 2); }, ThrowsMessage<Error>(HasSubstr("never end")));
}

TEST_F(LoopTest, StopsEarlyByItsOwnCondition) {
  Node* loop = graph_->add_node("Loop", {nullptr, constant(Tensor::scalar(true)), start_}, 1);
  auto body = std::make_unique<Graph>("until");
  body->add_input("round", kCount);
  body->add_input("condition", kFlag);
  Value* number = body->add_input("number", kNumber);
  Value* next = body->add_node("Add", {number, step_})->output(0);
  Value* limit = body->add_initializer("limit", Tensor::scalar(10.0F));
  body->add_output(body->add_node("Less", {next, limit})->output(0));
  body->add_output(next);
  loop->set_attribute("body", std::move(body));
  graph_->add_output(loop->output(0));
  EXPECT_THAT(floats(run(1, 4)[0]), ElementsAre(13));
}

TEST_F(LoopTest, ABranchRunsALoopWithACarriedSequence) {
  // If start < step: a loop that appends the start three times to a sequence. Otherwise an empty sequence.
  Value* less = graph_->add_node("Less", {start_, step_})->output(0);
  Node* choice = graph_->add_node("If", {less});
  auto then_branch = std::make_unique<Graph>("then");
  Value* trips = then_branch->add_initializer("trips", Tensor::scalar<int64_t>(3));
  Node* loop =
      then_branch->add_node("Loop", {trips, nullptr, then_branch->add_node("SequenceEmpty", {})->output(0)});
  auto body = std::make_unique<Graph>("append");
  body->add_input("round", kCount);
  Value* condition = body->add_input("condition", kFlag);
  Value* sequence = body->add_input("sequence", {});
  body->add_output(condition);
  body->add_output(body->add_node("SequenceInsert", {sequence, start_})->output(0));
  loop->set_attribute("body", std::move(body));
  then_branch->add_output(loop->output(0));
  auto else_branch = std::make_unique<Graph>("else");
  else_branch->add_output(else_branch->add_node("SequenceEmpty", {})->output(0));
  choice->set_attribute("then_branch", std::move(then_branch));
  choice->set_attribute("else_branch", std::move(else_branch));
  graph_->add_output(choice->output(0));

  EXPECT_EQ(run(1, 2)[0].sequence().size(), 3u);
  EXPECT_EQ(run(2, 1)[0].sequence().size(), 0u);
  EXPECT_EQ(output_type(0), "seq(f32[...])");
}

TEST_F(LoopTest, AShapeThatGrowsIsUnknown) {
  Node* loop = graph_->add_node(
      "Loop", {constant(Tensor::scalar<int64_t>(4)), nullptr, constant(Tensor(DataType::kFloat, {0}))});
  auto body = std::make_unique<Graph>("grow");
  body->add_input("round", kCount);
  Value* condition = body->add_input("condition", kFlag);
  Value* list = body->add_input("list", {});
  Value* axes = body->add_initializer("axes", Tensor::from<int64_t>({1}, std::vector<int64_t>{0}));
  Value* row = body->add_node("Unsqueeze", {start_, axes})->output(0);
  Node* longer = body->add_node("Concat", {list, row});
  longer->set_attribute("axis", int64_t{0});
  body->add_output(condition);
  body->add_output(longer->output(0));
  loop->set_attribute("body", std::move(body));
  graph_->add_output(loop->output(0));
  EXPECT_EQ(output_type(0), "f32[?]");
  EXPECT_THAT(floats(run(5, 0)[0]), ElementsAre(5, 5, 5, 5));
}

TEST(Scan, SumsBackwardsAlongTheLastAxis) {
  Model model;
  Graph& graph = *model.graph;
  Value* start = graph.add_input("start", Type::tensor(DataType::kFloat, Shape{2}));
  Value* table = graph.add_input("table", Type::tensor(DataType::kFloat, Shape{2, 3}));
  Node* scan = graph.add_node("Scan", {start, table}, 2);
  auto body = std::make_unique<Graph>("sum");
  Value* state = body->add_input("state", {});
  Value* column = body->add_input("column", {});
  Value* sum = body->add_node("Add", {state, column})->output(0);
  body->add_output(sum);
  body->add_output(body->add_node("Identity", {sum})->output(0));
  scan->set_attribute("body", std::move(body));
  scan->set_attribute("num_scan_inputs", int64_t{1});
  scan->set_attribute("scan_input_axes", std::vector<int64_t>{-1});
  scan->set_attribute("scan_input_directions", std::vector<int64_t>{1});
  scan->set_attribute("scan_output_axes", std::vector<int64_t>{-1});
  for (Value* output : scan->outputs()) graph.add_output(output);

  const auto types = infer_types_for(graph, standard_operators(), {});
  EXPECT_EQ(types.type(scan->output(0)).to_string(), "f32[2]");
  EXPECT_EQ(types.type(scan->output(1)).to_string(), "f32[2,3]");
  const auto outputs =
      reference::run(model,
                     {{"start", Tensor::from<float>({2}, std::vector<float>{0, 10})},
                      {"table", Tensor::from<float>({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6})}},
                     standard_operators());
  EXPECT_THAT(floats(outputs[0]), ElementsAre(6, 25));
  EXPECT_THAT(floats(outputs[1]), ElementsAre(3, 5, 6, 16, 21, 25));
}

}  // namespace
}  // namespace slipway::ops
