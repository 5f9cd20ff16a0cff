// Einsum for f32: operands are joined two by two, each pair by a Contraction, in the order that keeps what
// lies in between smallest. What only one operand has and the result does not is summed first.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "engine/kernel.hpp"
#include "engine/kernels/contraction.hpp"
#include "engine/kernels/strided_copy.hpp"
#include "engine/kernels/strided_sum.hpp"
#include "ops/einsum_equation.hpp"

namespace slipway::engine {
namespace {

// The axes of an operand by name, with their strides. Diagonals are one axis with the sum of both strides;
// axes of size 1 have no name, so a broadcast operand simply lacks the axis.
using Layout = std::map<int, int64_t>;
using Sizes = std::map<int, int64_t>;

// An input, the output or a part of the scratch memory.
struct Place {
  enum class Kind : uint8_t { kInput, kOutput, kScratch } kind;
  int64_t index;  // of the input, or the first float of the scratch memory

  const float* read(const KernelRun& run) const {
    return kind == Kind::kInput ? run.input_floats(static_cast<size_t>(index)) : write(run);
  }
  float* write(const KernelRun& run) const {
    return kind == Kind::kOutput ? run.output_floats(0) : reinterpret_cast<float*>(run.scratch) + index;
  }
};

struct Operand {
  Place place;
  Layout axes;
  const Tensor* constant;
};

class Step {
 public:
  virtual ~Step() = default;
  virtual size_t scratch_bytes(int workers) const {
    static_cast<void>(workers);
    return 0;
  }
  // `scratch` is behind what lies between the steps.
  virtual void run(const KernelRun& run, std::byte* scratch) const = 0;
};

struct Copy : Step {
  Copy(Place from, Place to, StridedCopy copy) : from_(from), to_(to), copy_(std::move(copy)) {}
  void run(const KernelRun& run, std::byte*) const override {
    copy_.run(reinterpret_cast<const std::byte*>(from_.read(run)),
              reinterpret_cast<std::byte*>(to_.write(run)), run.pool);
  }
  Place from_, to_;
  StridedCopy copy_;
};

struct Sum : Step {
  Sum(Place from, Place to, StridedSum sum) : from_(from), to_(to), sum_(std::move(sum)) {}
  void run(const KernelRun& run, std::byte*) const override {
    sum_.run(from_.read(run), to_.write(run), run.pool);
  }
  Place from_, to_;
  StridedSum sum_;
};

struct Join : Step {
  Join(Place a, Place b, Place to, Contraction contraction)
      : a_(a), b_(b), to_(to), contraction_(std::move(contraction)) {}
  size_t scratch_bytes(int workers) const override { return contraction_.scratch_bytes(workers); }
  void run(const KernelRun& run, std::byte* scratch) const override {
    contraction_.run({a_.read(run), b_.read(run), to_.write(run), scratch, run.pool, run.cancellation});
  }
  Place a_, b_, to_;
  Contraction contraction_;
};

class Einsum : public Kernel {
 public:
  Einsum(std::vector<std::unique_ptr<Step>> steps, int64_t between)
      : steps_(std::move(steps)), between_(static_cast<size_t>(between) * sizeof(float)) {}

  size_t scratch_bytes(int workers) const override {
    size_t most = 0;
    for (const auto& step : steps_) most = std::max(most, step->scratch_bytes(workers));
    return between_ + most;
  }
  void run(const KernelRun& run) const override {
    for (const auto& step : steps_) step->run(run, run.scratch + between_);
  }

 private:
  std::vector<std::unique_ptr<Step>> steps_;
  size_t between_;
};

class EinsumPlanner {
 public:
  EinsumPlanner(const KernelRequest& request, const ops::EinsumEquation& equation, Sizes sizes)
      : request_(request), sizes_(std::move(sizes)) {
    for (const int name : equation.result)
      if (sizes_.count(name)) result_.push_back(name);
    for (size_t i = 0; i < equation.operands.size(); ++i)
      operands_.push_back(read_operand(i, equation.operands[i]));
  }

  // Nothing where what lies in between is out of proportion.
  std::unique_ptr<Kernel> plan() {
    for (size_t i = 0; i < operands_.size() && operands_.size() > 1; ++i) sum_alone(i);
    while (operands_.size() > 1) {
      const auto [a, b] = next_pair();
      if (!join(a, b)) return nullptr;
    }
    finish(operands_.front());
    return std::make_unique<Einsum>(std::move(steps_), scratch_);
  }

 private:
  static constexpr Place kOutput{Place::Kind::kOutput, 0};

  Operand read_operand(size_t index, const ops::Term& term) const {
    const Dims& dims = request_.shapes.inputs[index];
    Operand operand{{Place::Kind::kInput, static_cast<int64_t>(index)}, {}, request_.shapes.constants[index]};
    int64_t stride = 1;
    for (size_t axis = dims.size(); axis-- > 0; stride *= dims[axis])
      if (dims[axis] != 1) operand.axes[term[axis]] += stride;
    return operand;
  }

  // Scratch memory for what the axes hold, laid out in their order.
  Operand make_operand(const std::vector<int>& names) {
    Operand made{{Place::Kind::kScratch, scratch_}, contiguous(names), nullptr};
    int64_t floats = 1;
    for (const int name : names) floats *= sizes_.at(name);
    scratch_ += (floats + 15) / 16 * 16;
    return made;
  }

  Layout contiguous(const std::vector<int>& names) const {
    Layout layout;
    int64_t stride = 1;
    for (size_t i = names.size(); i-- > 0; stride *= sizes_.at(names[i])) layout[names[i]] = stride;
    return layout;
  }

  bool is_in_result(int name) const {
    return std::find(result_.begin(), result_.end(), name) != result_.end();
  }
  bool is_wanted(int name, size_t a, size_t b) const {
    if (is_in_result(name)) return true;
    for (size_t i = 0; i < operands_.size(); ++i)
      if (i != a && i != b && operands_[i].axes.count(name)) return true;
    return false;
  }

  // Sums over the axes that neither the result nor another operand has.
  void sum_alone(size_t index) {
    std::vector<int> kept;
    for (const auto& [name, stride] : operands_[index].axes)
      if (is_wanted(name, index, index)) kept.push_back(name);
    if (kept.size() == operands_[index].axes.size()) return;
    // Where they lie in memory, the outermost first.
    std::sort(kept.begin(), kept.end(),
              [&](int x, int y) { return operands_[index].axes.at(x) > operands_[index].axes.at(y); });
    Operand made = make_operand(kept);
    add_sum(operands_[index], kept, made.place);
    operands_[index] = made;
  }

  void add_sum(const Operand& from, const std::vector<int>& kept, Place to) {
    Dims kept_sizes, kept_strides, sizes, strides;
    for (const int name : kept) {
      kept_sizes.push_back(sizes_.at(name));
      kept_strides.push_back(from.axes.at(name));
    }
    for (const auto& [name, stride] : from.axes)
      if (std::find(kept.begin(), kept.end(), name) == kept.end()) {
        sizes.push_back(sizes_.at(name));
        strides.push_back(stride);
      }
    steps_.push_back(std::make_unique<Sum>(
        from.place, to, StridedSum(std::move(kept_sizes), std::move(kept_strides), sizes, strides)));
  }

  // Elements of the product of two operands.
  double product_size(size_t a, size_t b) const {
    double size = 1;
    for (const auto& [name, length] : sizes_)
      if ((operands_[a].axes.count(name) || operands_[b].axes.count(name)) && is_wanted(name, a, b))
        size *= static_cast<double>(length);
    return size;
  }

  // The two operands whose product is smallest.
  std::pair<size_t, size_t> next_pair() const {
    std::pair<size_t, size_t> best{0, 1};
    double least = HUGE_VAL;
    for (size_t a = 0; a < operands_.size(); ++a)
      for (size_t b = a + 1; b < operands_.size(); ++b) {
        const double size = product_size(a, b);
        if (size < least) least = size, best = {a, b};
      }
    return best;
  }

  bool join(size_t a, size_t b) {
    const Operand first = operands_[a], second = operands_[b];
    if (product_size(a, b) > kMostFloats) return false;
    std::vector<int> batch, rows, columns;
    int64_t matrix = 1;
    for (const auto& [name, size] : sizes_) {
      const bool in_a = first.axes.count(name) > 0, in_b = second.axes.count(name) > 0;
      if ((!in_a && !in_b) || !is_wanted(name, a, b)) continue;
      (in_a && in_b ? batch : in_a ? rows : columns).push_back(name);
      if (!in_a || !in_b) matrix *= size;
    }
    const bool is_last = operands_.size() == 2;
    // The innermost axis of what a Contraction makes belongs to one of the operands alone, if matrices are
    // more than a few numbers.
    const bool ends_in_batch =
        !result_.empty() && std::find(batch.begin(), batch.end(), result_.back()) != batch.end();
    Operand made{kOutput, contiguous(result_), nullptr};
    if (!is_last || (ends_in_batch && matrix > kSmallMatrix)) {
      batch.insert(batch.end(), rows.begin(), rows.end());
      batch.insert(batch.end(), columns.begin(), columns.end());
      made = make_operand(batch);
    }
    add_join(first, second, made);
    operands_.erase(operands_.begin() + static_cast<std::ptrdiff_t>(b));
    operands_[a] = made;
    return true;
  }

  void add_join(const Operand& a, const Operand& b, const Operand& to) {
    std::vector<ContractionAxis> axes;
    for (const auto& [name, size] : sizes_) {
      ContractionAxis axis{size, {}, {}, {}};
      if (const auto found = a.axes.find(name); found != a.axes.end()) axis.a = found->second;
      if (const auto found = b.axes.find(name); found != b.axes.end()) axis.b = found->second;
      if (const auto found = to.axes.find(name); found != to.axes.end()) axis.out = found->second;
      if (axis.a || axis.b) axes.push_back(axis);
    }
    steps_.push_back(std::make_unique<Join>(
        a.place, b.place, to.place, Contraction(std::move(axes), a.constant, b.constant, request_.weights)));
  }

  // From the one operand that is left to the output, unless it is the output.
  void finish(const Operand& from) {
    if (from.place.kind == Place::Kind::kOutput) return;
    if (from.axes.size() != result_.size()) return add_sum(from, result_, kOutput);
    Dims sizes, strides, to;
    const Layout layout = contiguous(result_);
    for (const int name : result_) {
      sizes.push_back(sizes_.at(name));
      strides.push_back(from.axes.at(name));
      to.push_back(layout.at(name));
    }
    steps_.push_back(
        std::make_unique<Copy>(from.place, kOutput, StridedCopy(sizeof(float), sizes, strides, to)));
  }

  static constexpr int64_t kSmallMatrix = 16;
  static constexpr double kMostFloats = 0x1p40;

  const KernelRequest& request_;
  Sizes sizes_;
  std::vector<int> result_;  // without axes of size 1
  std::vector<Operand> operands_;
  std::vector<std::unique_ptr<Step>> steps_;
  int64_t scratch_ = 0;  // floats
};

// The order in which operands are joined is looked for in time that grows with their number's cube.
constexpr size_t kMostOperands = 32;

// Of all axes but those of size 1. Nothing where sizes contradict each other, which the reference kernel
// says.
std::optional<Sizes> sizes_of(const ops::EinsumEquation& equation, const std::vector<Dims>& inputs) {
  Sizes sizes;
  for (size_t i = 0; i < inputs.size(); ++i)
    for (size_t axis = 0; axis < inputs[i].size(); ++axis) {
      const int64_t size = inputs[i][axis];
      if (size != 1 && sizes.emplace(equation.operands[i][axis], size).first->second != size)
        return std::nullopt;
    }
  return sizes;
}

}  // namespace

std::unique_ptr<Kernel> make_einsum(const KernelRequest& request) {
  if (!request.is_all_float() || request.shapes.inputs.size() > kMostOperands) return nullptr;
  std::vector<size_t> ranks;
  for (const Dims& dims : request.shapes.inputs) ranks.push_back(dims.size());
  const auto equation = ops::parse_equation(request.node().string_attribute("equation", ""), ranks);
  auto sizes = sizes_of(equation, request.shapes.inputs);
  if (!sizes) return nullptr;
  return EinsumPlanner(request, equation, std::move(*sizes)).plan();
}

}  // namespace slipway::engine
