// Nodes whose shapes are known only when they run: after a NonZero, in a loop whose values grow, behind a
// size that is not the same in any two runs. A kernel is prepared for the shapes that come, at about the
// price of the node's share of a plan, and the last few are kept, so a loop that repeats itself pays once.
#include <algorithm>
#include <array>
#include <optional>

#include "base/error.hpp"
#include "engine/lower/choose_kernel.hpp"
#include "engine/lower/operation.hpp"
#include "engine/program/actions.hpp"
#include "engine/program/frame.hpp"
#include "engine/program/step_context.hpp"

namespace slipway::engine {
namespace {

constexpr size_t kBindings = 4;
// Values that may decide shapes are small, those of a list of axes or sizes.
constexpr int64_t kMostShapeElements = 64;
// Results of at most so many bytes stay where they are for the next time; larger ones come from a pool.
constexpr size_t kMostKeptBytes = 4096;

bool may_decide_shapes(const Tensor& tensor) {
  return tensor.rank() <= 1 && tensor.count() <= kMostShapeElements && tensor.type() != DataType::kString;
}

// A node's inference with the tensors of one run at hand.
class RunInference : public ops::InferenceContext {
 public:
  // `values`: whether what small inputs hold is known, or constants alone.
  RunInference(const Frame& frame, const Step& step, bool values)
      : frame_(frame),
        step_(step),
        values_(values),
        read_(step.inputs.size(), false),
        outputs_(step.outputs.size()) {
    for (size_t slot : step.inputs) {
      const Tensor* tensor = frame.tensor(slot);
      types_.push_back(tensor
                           ? Type::tensor(tensor->type(), Shape(tensor->dims().begin(), tensor->dims().end()))
                           : Type());
    }
  }

  const Node& node() const override { return *step_.node; }
  const Type& input_type(size_t index) const override {
    static const Type nothing;
    return index < types_.size() ? types_[index] : nothing;
  }
  const Tensor* input_constant(size_t index) const override {
    const Tensor* tensor = index < step_.inputs.size() ? frame_.tensor(step_.inputs[index]) : nullptr;
    if (!tensor || frame_.slot(step_.inputs[index]).place == Slot::Place::kConstant) return tensor;
    if (!values_ || !may_decide_shapes(*tensor)) return nullptr;
    read_[index] = true;
    return tensor;
  }
  std::optional<Shape> input_elements(size_t index) const override {
    const Tensor* tensor = input_constant(index);
    if (!tensor || !may_decide_shapes(*tensor)) return std::nullopt;
    if (tensor->type() != DataType::kInt64 && tensor->type() != DataType::kInt32) return std::nullopt;
    Shape elements;
    for (int64_t element : ops::read_integers(*tensor, "a list"))
      elements.push_back(element < 0 ? Dim() : Dim(element));
    return elements;
  }
  void set_output_type(size_t index, Type type) override {
    if (index < outputs_.size()) outputs_[index] = std::move(type);
  }
  void set_output_elements(size_t, Shape) override {}
  std::vector<Type> infer_subgraph(const Graph& body, const std::vector<Type>&) override {
    fail(ErrorCode::kInternal, "graph '{}' is inferred while it runs", body.name());
  }
  int nesting() const override { return 0; }

  bool all_known() const {
    for (size_t i = 0; i < outputs_.size(); ++i)
      if (step_.outputs[i] != kNoSlot && !static_dims(outputs_[i])) return false;
    return true;
  }
  const Type& output(size_t index) const { return outputs_[index]; }
  bool has_read(size_t index) const { return read_[index]; }

 private:
  const Frame& frame_;
  const Step& step_;
  bool values_;
  std::vector<Type> types_;
  mutable std::vector<bool> read_;
  std::vector<Type> outputs_;
};

// What is prepared for inputs of these types and shapes, and of these values where they decide.
struct Binding {
  struct Input {
    DataType type = DataType::kUndefined;
    Dims dims;
    Tensor value;  // a copy; only where it decides
  };
  struct Output {
    DataType type = DataType::kUndefined;
    Dims dims;
  };
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::unique_ptr<Kernel> kernel;  // nullptr: the reference kernel
  size_t scratch_bytes = 0;

  bool fits(const Frame& frame, const Step& step) const {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Tensor* tensor = frame.tensor(step.inputs[i]);
      if (!tensor) continue;
      const Input& input = inputs[i];
      if (tensor->type() != input.type || tensor->dims() != input.dims) return false;
      if (input.value.defined() && !identical(input.value, *tensor)) return false;
    }
    return true;
  }
};

struct LateState : ActionState {
  std::array<std::optional<Binding>, kBindings> bindings;
  size_t oldest = 0;
  // Small results, two of each output: one may still be what a loop carries while the other is made.
  std::vector<std::array<Tensor, 2>> kept;
};

class LateAction : public Action {
 public:
  LateAction(const ops::Operator& definition, WeightStore& weights, int threads, size_t state)
      : definition_(definition), weights_(weights), threads_(threads), state_(state) {}

  size_t run(Frame& frame, const Step& step) const override {
    if (!all_tensors(frame, step)) {
      run_reference(frame, step);
      return kNextStep;
    }
    LateState& state = frame.state<LateState>(state_);
    const Binding& binding = bound(frame, step, state);
    if (!binding.kernel) {
      run_reference(frame, step);
      return kNextStep;
    }
    for (size_t i = 0; i < step.outputs.size(); ++i)
      if (step.outputs[i] != kNoSlot) make_output(frame, step.outputs[i], binding.outputs[i], state.kept[i]);
    frame.run_kernel(*binding.kernel, step, frame.late_scratch(binding.scratch_bytes));
    return kNextStep;
  }

 private:
  static bool all_tensors(const Frame& frame, const Step& step) {
    return std::all_of(step.inputs.begin(), step.inputs.end(),
                       [&](size_t slot) { return slot == kNoSlot || frame.value(slot).is_tensor(); });
  }

  void run_reference(Frame& frame, const Step& step) const {
    StepContext context(frame, step);
    definition_.compute(context);
  }

  static void make_output(Frame& frame, size_t slot, const Binding::Output& output,
                          std::array<Tensor, 2>& kept) {
    const size_t bytes = bytes_for(output.type, element_count(output.dims));
    if (frame.slot(slot).is_placed() || bytes > kMostKeptBytes) {
      frame.make(slot, output.type, output.dims);
      return;
    }
    for (Tensor& tensor : kept) {
      const bool is_free = tensor.defined() && tensor.buffer().use_count() == 1;
      if (!is_free || tensor.type() != output.type || tensor.dims() != output.dims) continue;
      frame.assign(slot, tensor);
      return;
    }
    Tensor& made = frame.make(slot, output.type, output.dims);
    // Instead of one that nobody else holds, or of the elder.
    std::swap(kept[0], kept[1]);
    kept[0] = made;
  }

  const Binding& bound(Frame& frame, const Step& step, LateState& state) const {
    for (const auto& binding : state.bindings)
      if (binding && binding->fits(frame, step)) return *binding;
    auto& place = state.bindings[state.oldest];
    state.oldest = (state.oldest + 1) % kBindings;
    place.reset();
    place = bind(frame, step);
    state.kept.resize(step.outputs.size());
    return *place;
  }

  Binding bind(const Frame& frame, const Step& step) const {
    std::optional<RunInference> found;
    for (bool values : {false, true}) {
      found.emplace(frame, step, values);
      if (definition_.infer) definition_.infer(*found);
      if (found->all_known()) break;
    }
    const RunInference& inference = *found;
    Binding binding;
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      const Tensor* tensor = frame.tensor(step.inputs[i]);
      Binding::Input input;
      if (tensor) input = {tensor->type(), tensor->dims(), {}};
      if (tensor && inference.has_read(i)) input.value = tensor->clone();
      binding.inputs.push_back(std::move(input));
    }
    if (!inference.all_known()) return binding;
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      const Type& type = inference.output(i);
      if (const auto dims = static_dims(type))
        binding.outputs.push_back({type.element_type(), *dims});
      else
        binding.outputs.emplace_back();
    }
    binding.kernel = kernel_for(frame, step, binding);
    if (binding.kernel) binding.scratch_bytes = binding.kernel->scratch_bytes(threads_);
    return binding;
  }

  std::unique_ptr<Kernel> kernel_for(const Frame& frame, const Step& step, const Binding& binding) const {
    KernelRequest request{{*step.node, {}, {}, {}}, {}, {}, {}, weights_, threads_};
    for (size_t i = 0; i < binding.inputs.size(); ++i) {
      const Binding::Input& input = binding.inputs[i];
      const size_t slot = step.inputs[i];
      const bool is_constant = slot != kNoSlot && frame.slot(slot).place == Slot::Place::kConstant;
      request.shapes.inputs.push_back(input.dims);
      request.shapes.constants.push_back(is_constant             ? frame.tensor(slot)
                                         : input.value.defined() ? &input.value
                                                                 : nullptr);
      request.input_types.push_back(input.type);
    }
    for (const Binding::Output& output : binding.outputs) {
      request.shapes.outputs.push_back(output.dims);
      request.output_types.push_back(output.type);
    }
    return choose_kernel(request);
  }

  const ops::Operator& definition_;
  WeightStore& weights_;
  int threads_;
  size_t state_;
};

}  // namespace

std::unique_ptr<const Action> run_late(const ops::Operator& definition, WeightStore& weights, int threads,
                                       size_t state) {
  return std::make_unique<LateAction>(definition, weights, threads, state);
}

}  // namespace slipway::engine
