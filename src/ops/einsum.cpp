// Einsum: products of operands, summed over every axis that the result does not name.
#include <map>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/einsum_equation.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

EinsumEquation equation_of(const Node& node, const std::vector<size_t>& ranks) {
  return parse_equation(node.string_attribute("equation", ""), ranks);
}

// ---- Inference ----

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  std::vector<size_t> ranks;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const auto& shape = context.input_shape(i);
    if (!shape) return context.set_output_type(0, Type::tensor(type));
    ranks.push_back(shape->size());
  }
  const EinsumEquation equation = equation_of(context.node(), ranks);
  // Sizes of 1 are stretched, as in broadcasting.
  std::map<int, Shape> sizes;
  for (size_t i = 0; i < ranks.size(); ++i)
    for (size_t axis = 0; axis < ranks[i]; ++axis) {
      const Shape size{(*context.input_shape(i))[axis]};
      const auto [known, fresh] = sizes.emplace(equation.operands[i][axis], size);
      if (!fresh) known->second = broadcast(known->second, size);
    }
  Shape result;
  for (int axis : equation.result) result.push_back(sizes.at(axis).front());
  context.set_output_type(0, Type::tensor(type, std::move(result)));
}

// ---- The kernel ----

std::map<int, int64_t> axis_sizes(const KernelContext& context, const EinsumEquation& equation) {
  std::map<int, int64_t> sizes;
  for (size_t i = 0; i < context.input_count(); ++i)
    for (size_t axis = 0; axis < context.input(i).rank(); ++axis) {
      const int64_t size = context.input(i).dim(axis);
      int64_t& known = sizes.emplace(equation.operands[i][axis], size).first->second;
      if (known != size && known != 1 && size != 1)
        fail(ErrorCode::kInvalidArgument, "axis {} of input {} has size {}, but another of that name has {}",
             axis, i, size, known);
      if (known == 1) known = size;
    }
  return sizes;
}

// An operand's strides along `axes`: 0 along those that it does not have, the sum where it has one twice.
Dims strides_along(const Term& axes, const Tensor& operand, const Term& names) {
  const Dims own = broadcast_strides(operand.dims(), operand.dims());
  Dims strides(axes.size(), 0);
  for (size_t i = 0; i < axes.size(); ++i)
    for (size_t axis = 0; axis < names.size(); ++axis)
      if (names[axis] == axes[i]) strides[i] += own[axis];
  return strides;
}

// A walk over some axes that keeps the offsets into all operands.
class OperandsWalk {
 public:
  OperandsWalk(const KernelContext& context, const EinsumEquation& equation, const Term& axes,
               const Dims& dims) {
    for (size_t i = 0; i < context.input_count(); ++i)
      walks_.emplace_back(dims, std::array{strides_along(axes, context.input(i), equation.operands[i])});
  }
  int64_t operator[](size_t operand) const { return walks_[operand][0]; }
  void next() {
    for (auto& walk : walks_) walk.next();
  }

 private:
  std::vector<StridedWalk<1>> walks_;
};

void compute(KernelContext& context) {
  std::vector<size_t> ranks;
  for (size_t i = 0; i < context.input_count(); ++i) ranks.push_back(context.input(i).rank());
  const EinsumEquation equation = equation_of(context.node(), ranks);
  auto sizes = axis_sizes(context, equation);
  Dims dims, summed_dims;
  Term summed;
  for (int axis : equation.result) {
    dims.push_back(sizes.at(axis));
    sizes.erase(axis);
  }
  for (const auto& [axis, size] : sizes) {
    summed.push_back(axis);
    summed_dims.push_back(size);
  }
  const int64_t terms = element_count(summed_dims);
  const DataType type = context.input(0).type();
  Tensor& output = context.make_output(0, type, dims);
  if (output.empty()) return;
  OperandsWalk place(context, equation, equation.result, dims), term(context, equation, summed, summed_dims);
  dispatch<Numbers>(type, [&]<typename T>(ElementType<T>) {
    std::vector<const T*> operands;
    for (size_t i = 0; i < context.input_count(); ++i) operands.push_back(context.input(i).data<T>().data());
    for (T& result : output.data<T>()) {
      ExactType<T> sum = 0;
      WorkScope::spend(static_cast<double>(terms) * static_cast<double>(operands.size()));
      for (int64_t i = 0; i < terms; ++i, term.next()) {
        ExactType<T> product = 1;
        for (size_t operand = 0; operand < operands.size(); ++operand)
          product = wrapping_multiply(product, to_exact(operands[operand][place[operand] + term[operand]]));
        sum = wrapping_add(sum, product);
      }
      result = static_cast<T>(sum);
      place.next();
    }
  });
}

}  // namespace

void register_einsum(Registry& registry) {
  registry.add({.name = "Einsum",
                .since_version = 12,
                .inputs = {{"Inputs", "T", Arity::kVariadic}},
                .outputs = {{"Output", "T"}},
                .attributes = {{"equation", Attribute::Kind::kString, true}},
                .type_constraints = {{"T", kIeeeFloats | kIntegers}},
                .min_inputs = 1,
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
