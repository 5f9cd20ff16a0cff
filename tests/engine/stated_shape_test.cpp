// A file may state a shape that values decide when the model runs. The engine plans with what is stated, so
// it must notice when something else comes: a right statement changes nothing, a wrong one is an error.
#include <gmock/gmock.h>

#include "base/error.hpp"
#include "engine/random_model.hpp"

namespace slipway::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct StatedCase {
  const char* op_type;
  Dims x;
  std::vector<int64_t> right, wrong;  // what the values that decide are
  Dims stated;                        // of the output: true for the right ones
  size_t place = 1;                   // of those values among the inputs
};

const StatedCase kStatedCases[] = {
    {"Expand", {1, 3}, {4, 3}, {5, 3}, {4, 3}},
    {"Reshape", {2, 6}, {3, 4}, {4, 3}, {3, 4}},
    {"Tile", {1, 3}, {4, 1}, {2, 2}, {4, 3}},
    {"Resize", {1, 1, 2, 2}, {1, 1, 4, 4}, {1, 1, 5, 4}, {1, 1, 4, 4}, 3},
    {"Pad", {3}, {1, 0}, {2, 0}, {4}},
    {"Slice", {8}, {4}, {6}, {4}, 2},
    {"TopK", {8}, {4}, {6}, {4}},
    {"Unsqueeze", {3, 4}, {0}, {1}, {1, 3, 4}},
};

// The deciding values come as an input of the model, or out of a node that nobody can look through in
// advance.
std::unique_ptr<GraphMaker> made_of(const StatedCase& one, bool from_a_node) {
  auto maker = std::make_unique<GraphMaker>();
  const auto count = static_cast<int64_t>(one.right.size());
  Value* x = maker->input(one.x);
  const Shape shape = from_a_node ? Shape{Dim(1), Dim(count)} : Shape{Dim(count)};
  Value* values = maker->graph().add_input("values", Type::tensor(DataType::kInt64, shape));
  if (from_a_node) {
    const std::vector<int64_t> list{count};
    values = maker->node("Reshape",
                         {values, maker->graph().add_initializer("list", Tensor::from<int64_t>({1}, list))});
  }
  std::vector<Value*> inputs{x};
  if (one.place == 2)
    inputs.push_back(
        maker->graph().add_initializer("zero", Tensor::from<int64_t>({1}, std::vector<int64_t>{0})));
  inputs.resize(one.place, nullptr);
  inputs.push_back(values);
  Node* node = maker->graph().add_node(one.op_type, inputs, std::string(one.op_type) == "TopK" ? 2 : 1);
  node->output(0)->set_type(Type::tensor(DataType::kFloat, Shape(one.stated.begin(), one.stated.end())));
  maker->graph().add_output(node->output(0));
  return maker;
}

std::vector<RuntimeValue> inputs_of(GraphMaker& maker, const StatedCase& one, bool from_a_node,
                                    const std::vector<int64_t>& values) {
  const auto count = static_cast<int64_t>(values.size());
  return {random_tensor(one.x, maker.random),
          Tensor::from<int64_t>(from_a_node ? Dims{1, count} : Dims{count}, values)};
}

TEST(StatedShape, ChangesNothingWhereItIsRight) {
  for (const StatedCase& one : kStatedCases)
    for (const bool from_a_node : {false, true}) {
      SCOPED_TRACE(std::string(one.op_type) +
                   (from_a_node ? " of computed values" : " of an input's values"));
      const auto maker = made_of(one, from_a_node);
      const auto inputs = inputs_of(*maker, one, from_a_node, one.right);
      const auto expected =
          reference::run(*maker->model, {{"x", inputs[0]}, {"values", inputs[1]}}, ops::standard_operators());
      for (const bool optimize : {false, true}) {
        const auto got = run_on_engine(*maker, inputs, 1, optimize);
        EXPECT_EQ(got[0].tensor().dims(), one.stated);
        EXPECT_LE(relative_error(got[0].tensor(), expected[0].tensor()), 1e-6);
      }
    }
}

TEST(StatedShape, IsAnErrorWhereItIsWrong) {
  for (const StatedCase& one : kStatedCases)
    for (const bool from_a_node : {false, true})
      for (const bool optimize : {false, true}) {
        SCOPED_TRACE(std::string(one.op_type) +
                     (from_a_node ? " of computed values" : " of an input's values"));
        const auto maker = made_of(one, from_a_node);
        try {
          run_on_engine(*maker, inputs_of(*maker, one, from_a_node, one.wrong), 1, optimize);
          ADD_FAILURE() << "it ran";
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
          EXPECT_THAT(error.what(), AllOf(HasSubstr("states"), HasSubstr(one.op_type)));
        }
      }
}

}  // namespace
}  // namespace slipway::engine
