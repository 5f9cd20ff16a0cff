// A model that draws random numbers, opened so that its draws can be seen and repeated. A test holds one draw
// of a generator that the standard does not fix; so it is judged by what any right generator gives:
//
//   - every output has the expected type and shape;
//   - every draw is of numbers that its operator can give, and its own operator alone, for the inputs that it
//     has in this model, follows its distribution over a million draws;
//   - when all draws have seeds, the model loaded anew gives the same;
//   - for these draws, the rest of the model gives what the reference interpreter gives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "workbench/compare_values.hpp"
#include "workbench/draw_rules.hpp"

namespace slipway::workbench {

class DrawnModel {
 public:
  // nullptr for a model without draws, and for one whose draws lie in bodies, where nobody sees them from
  // outside. Draws in functions of the model do not hide. Throws what compiling throws.
  static std::unique_ptr<DrawnModel> open(const slipway::Model& model, const backends::Backend& backend,
                                          const backends::CompileOptions& options);

  const std::vector<backends::Port>& inputs() const { return executable_->inputs(); }
  const std::vector<backends::Port>& outputs() const { return executable_->outputs(); }
  // "" when all of the above holds; otherwise what does not. `expected` are the outputs of the test.
  std::string judge(const std::vector<RuntimeValue>& inputs, const std::vector<RuntimeValue>& expected,
                    const Bounds& bounds) const;

 private:
  struct Draw {
    const Node* node;
    const DrawRule* rule;
    size_t output;  // among the outputs of `executable_`
  };
  DrawnModel(slipway::Model model, const backends::Backend& backend, const backends::CompileOptions& options);
  size_t expose(Value* value);
  bool all_seeded() const;
  Tensor input_of(const Draw& draw, const std::vector<RuntimeValue>& inputs,
                  const std::vector<RuntimeValue>& outputs) const;
  std::string judge_draw(const Draw& draw, const Tensor& input, const Tensor& drawn) const;
  std::string judge_rest(const std::vector<RuntimeValue>& inputs, const std::vector<RuntimeValue>& outputs,
                         const Bounds& bounds) const;

  std::shared_ptr<slipway::Model> model_;  // with the draws and their inputs among its outputs
  size_t own_outputs_;
  const backends::Backend& backend_;
  backends::CompileOptions options_;
  std::vector<Draw> draws_;
  std::unique_ptr<backends::Executable> executable_;
};

}  // namespace slipway::workbench
