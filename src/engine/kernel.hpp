// A kernel is one step of a plan: prepared once for a node and the shapes of its tensors, then run any number
// of times, from several contexts at once. Makers look at a request and say nothing (nullptr) to what they
// cannot do; the reference kernel does the rest.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/cancellation.hpp"
#include "base/thread_pool.hpp"
#include "engine/clamp.hpp"
#include "engine/weight_store.hpp"
#include "ops/footprint.hpp"
#include "tensor/tensor.hpp"

namespace slipway::engine {

// One run: tensors as the plan placed them, contiguous, nullptr for absent ones.
struct KernelRun {
  std::span<const Tensor* const> inputs;
  std::span<Tensor* const> outputs;
  std::byte* scratch = nullptr;  // scratch_bytes() of it, aligned to 64 bytes; belongs to this run alone
  ThreadPool& pool;
  const Cancellation& cancellation;

  const Tensor& input(size_t index) const { return *inputs[index]; }
  Tensor& output(size_t index) const { return *outputs[index]; }
  const float* input_floats(size_t index) const { return input(index).data<float>().data(); }
  float* output_floats(size_t index) const { return output(index).data<float>().data(); }
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  // Working memory of one run on a pool of `workers` threads.
  virtual size_t scratch_bytes(int workers) const {
    static_cast<void>(workers);
    return 0;
  }
  virtual void run(const KernelRun& run) const = 0;
};

// What lowering made a node do beyond its operator: add a further tensor of the output's shape (it then
// stands after the node's own inputs, at `residual_input`), then clamp.
struct Fusion {
  size_t residual_input = 0;  // 0: none
  Clamp clamp;
  bool is_empty() const { return residual_input == 0 && clamp.is_open(); }
};

// A node with all shapes known, as ops::ShapeContext has it, the element types, and where packed weights are
// kept.
struct KernelRequest {
  ops::ShapeContext shapes;
  Fusion fusion;
  std::vector<DataType> input_types;  // kUndefined for absent inputs
  std::vector<DataType> output_types;
  WeightStore& weights;
  int threads;

  const Node& node() const { return shapes.node; }
  // Every input and output that is there is an f32 tensor.
  bool is_all_float() const;
  // May a product round its operands to bf16?
  bool multiplies_bfloat16() const;
};

using MakeKernel = std::unique_ptr<Kernel> (*)(const KernelRequest&);

// The fast kernel for a request, or nullptr.
std::unique_ptr<Kernel> make_fast_kernel(const KernelRequest& request);

}  // namespace slipway::engine
