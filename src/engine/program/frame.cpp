#include "engine/program/frame.hpp"

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "base/work_scope.hpp"
#include "ops/element_mover.hpp"

namespace slipway::engine {
namespace {

using Place = Slot::Place;

// Strings are objects, not bytes.
bool is_pooled(const Slot& slot) {
  return slot.place == Place::kOutput && slot.type != DataType::kString;
}

size_t bytes_of(const Slot& slot) {
  return bytes_for(slot.type, element_count(slot.dims));
}

// The value in memory that nobody else has.
RuntimeValue owned(RuntimeValue value) {
  if (value.is_tensor()) {
    if (value.tensor().buffer().use_count() > 1) return value.tensor().clone();
    return value;
  }
  if (!value.is_sequence()) return value;
  Sequence elements = value.take_sequence();
  for (RuntimeValue& element : elements) element = owned(std::move(element));
  return elements;
}

// Innermost first: the node, the graph in whose body it stands, the node that has the body…
void add_places(Error& error, const Node* node) {
  while (node) {
    error.add_context(node->describe());
    const Graph& graph = node->graph();
    node = graph.owner();
    if (node) error.add_context(fmt::format("graph '{}'", graph.name()));
  }
}

}  // namespace

const RuntimeValue Frame::kAbsent;

Frame::Frame(std::shared_ptr<const Plan> plan, std::shared_ptr<Buffer> arena, OutputPool& outputs,
             const Environment& environment)
    : plan_(std::move(plan)),
      arena_(std::move(arena)),
      pool_of_outputs_(outputs),
      environment_(environment),
      values_(plan_->slots().size()),
      states_(plan_->states()) {
  for (size_t i = 0; i < values_.size(); ++i) {
    const Slot& slot = plan_->slots()[i];
    if (slot.place == Place::kConstant) values_[i] = slot.constant;
    if (slot.place == Place::kArena) values_[i] = Tensor(slot.type, slot.dims, arena_, slot.offset);
  }
}

std::vector<RuntimeValue> Frame::run(std::span<const RuntimeValue> inputs, const Cancellation& cancellation) {
  struct Clear {
    Frame& frame;
    ~Clear() { frame.clear(); }
  } at_the_end{*this};
  cancellation_ = &cancellation;
  const WorkScope work(cancellation);
  with_context([&] { return plan_->describe_memory(); }, [&] { begin(inputs); });
  execute();
  return take_outputs();
}

void Frame::begin(std::span<const RuntimeValue> inputs) {
  size_t output_bytes = 0;
  for (const Slot& slot : plan_->slots())
    if (is_pooled(slot)) output_bytes += bytes_of(slot);
  pool_of_outputs_.begin_run(output_bytes);
  pool_of_values_.begin_run();
  for (size_t i = 0; i < values_.size(); ++i) {
    const Slot& slot = plan_->slots()[i];
    if (slot.place == Place::kInput) values_[i] = inputs[slot.index];
    if (slot.place != Place::kOutput) continue;
    values_[i] = is_pooled(slot) ? Tensor(slot.type, slot.dims, pool_of_outputs_.take(bytes_of(slot)))
                                 : Tensor(slot.type, slot.dims);
  }
}

void Frame::execute() {
  const auto& steps = plan_->steps();
  size_t at = 0;
  try {
    while (at < steps.size()) {
      cancellation_->check();
      const Step& step = steps[at];
      const size_t next = with_memory_errors([&] { return step.action->run(*this, step); });
      for (size_t slot : step.released) release(slot);
      at = next == kNextStep ? at + 1 : next;
    }
  } catch (Error& error) {
    add_places(error, steps[at].node);
    // What a loop has collected, say.
    for (auto& state : states_) state.reset();
    throw;
  }
}

std::vector<RuntimeValue> Frame::take_outputs() {
  std::vector<RuntimeValue> outputs;
  for (size_t slot : plan_->outputs()) outputs.push_back(value(slot));
  // What the frame still holds would make every value look shared.
  clear();
  for (RuntimeValue& output : outputs) output = owned(std::move(output));
  return outputs;
}

void Frame::clear() {
  for (size_t i = 0; i < values_.size(); ++i) {
    const Place place = plan_->slots()[i].place;
    if (place != Place::kConstant && place != Place::kArena) release(i);
  }
}

void Frame::check_expected(size_t index, DataType type, const Dims& dims) const {
  const Slot& expected = slot(index);
  if (expected.type != DataType::kUndefined && (type != expected.type || dims != expected.dims))
    fail(ErrorCode::kInvalidModel, "{}{} came, but by what the model states it is {}{}", name_of(type),
         to_string(dims), name_of(expected.type), to_string(expected.dims));
}

Tensor Frame::allocate(DataType type, Dims dims) {
  // Small ones are the allocator's business; strings are objects.
  constexpr size_t kSmallest = 4096;
  if (type == DataType::kString) return Tensor(type, std::move(dims));
  const size_t bytes = bytes_for(type, element_count(dims));
  if (bytes < kSmallest) return Tensor(type, std::move(dims));
  auto memory = with_context([&] { return std::string(name_of(type)) + to_string(dims); },
                             [&] { return pool_of_values_.take(bytes); });
  return Tensor(type, std::move(dims), std::move(memory));
}

Tensor& Frame::make(size_t index, DataType type, Dims dims) {
  check_expected(index, type, dims);
  if (!slot(index).is_placed()) values_[index] = allocate(type, std::move(dims));
  return values_[index].tensor();
}

void Frame::assign(size_t index, RuntimeValue value) {
  if (slot(index).type != DataType::kUndefined)
    check_expected(index, value.tensor().type(), value.tensor().dims());
  if (slot(index).is_placed()) {
    const Tensor& from = value.tensor();
    ops::ElementMover(from, placed(index)).move(0, 0, from.count());
  } else if (value.is_tensor() && is_in_arena(value.tensor())) {
    values_[index] = value.tensor().clone();
  } else {
    values_[index] = std::move(value);
  }
}

void Frame::view(size_t to, size_t from) {
  values_[to] = values_[from].tensor().reshaped(slot(to).dims);
}

std::byte* Frame::late_scratch(size_t bytes) {
  if (bytes == 0) return nullptr;
  if (!late_scratch_ || late_scratch_->size() < bytes) {
    late_scratch_.reset();
    late_scratch_ = Buffer::allocate(bytes);
  }
  return static_cast<std::byte*>(late_scratch_->data());
}

void Frame::run_kernel(const Kernel& kernel, const Step& step, std::byte* scratch) {
  kernel_inputs_.clear();
  kernel_outputs_.clear();
  for (size_t slot : step.inputs) kernel_inputs_.push_back(tensor(slot));
  for (size_t slot : step.outputs)
    kernel_outputs_.push_back(slot == kNoSlot ? nullptr : &values_[slot].tensor());
  kernel.run({kernel_inputs_, kernel_outputs_, scratch, pool(), *cancellation_});
}

}  // namespace slipway::engine
