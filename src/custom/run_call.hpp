// A call of run: the inputs' values, and outputs that are made in memory whose surroundings are watched.
#pragma once

#include <vector>

#include "custom/call.hpp"
#include "ops/kernel_context.hpp"
#include "tensor/type.hpp"

namespace slipway::custom {

class RunCall : public slipway_op_call {
 public:
  // `inferred`: what infer stated of the outputs for these inputs, as InferCall::outputs() has it.
  RunCall(const ops::Operator& schema, ops::KernelContext& context, std::vector<Type> inferred);

  const slipway_op_tensor* input(size_t index) override;
  void* output(size_t index) override;
  void* output_of_shape(size_t index, const int64_t* dims, size_t rank) override;
  void set_string(size_t output, size_t index, const char* text, size_t length) override;

  // After the call: hands the outputs over. Throws kInternal for one that is wanted and was not made, that
  // was written beyond its ends, or that has bools which are neither 0 nor 1.
  void hand_over();

 protected:
  bool is_of_one_node() const override { return true; }

 private:
  struct Output {
    Tensor tensor;
    Tensor block;  // the memory around it; undefined for strings, which are objects
    bool made = false;
  };
  std::string name_of_output(size_t index) const;
  Output& place_of(size_t index);
  void* make(size_t index, Dims dims);
  void check_guards(size_t index) const;

  ops::KernelContext& context_;
  std::vector<Type> inferred_;
  std::vector<const slipway_op_tensor*> inputs_;
  std::vector<Output> outputs_;
};

}  // namespace slipway::custom
