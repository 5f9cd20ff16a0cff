// What the elementwise operators have in common: loops over one tensor or over several that are broadcast,
// and the inference that goes with them.
#pragma once

#include "ops/element_dispatch.hpp"
#include "ops/operator.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {

// Output 0 has the inputs' element type (or bool) and their broadcast shape.
void infer_broadcast(InferenceContext& context);
void infer_broadcast_to_bool(InferenceContext& context);
// One operation per element.
double flops_elementwise(const ShapeContext& context);

// Follows the elements of small integer tensors through an operator with two inputs.
void infer_elements(InferenceContext& context, Dim (*combine)(const Dim& a, const Dim& b));

template <typename R, typename T>
using ResultType = std::conditional_t<std::is_same_v<R, bool>, bool, T>;

// output = f(input), element by element. f takes ExactType<T> and returns that, or bool for an output of
// bools.
template <typename List, typename Function>
void map_elements(KernelContext& context, Function f) {
  const Tensor& input = context.input(0);
  dispatch<List>(input.type(), [&]<typename T>(ElementType<T>) {
    using Result = ResultType<decltype(f(ExactType<T>{})), T>;
    const auto in = input.data<T>();
    const auto out = context.make_output(0, data_type_of<Result>, input.dims()).template data<Result>();
    for (size_t i = 0; i < in.size(); ++i) out[i] = static_cast<Result>(f(to_exact(in[i])));
  });
}

// output = f(input 0, input 1) with broadcasting; both of one type.
template <typename List, typename Function>
void map_pairs(KernelContext& context, Function f) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  dispatch<List>(a.type(), [&]<typename T>(ElementType<T>) {
    using Result = ResultType<decltype(f(ExactType<T>{}, ExactType<T>{})), T>;
    const Dims dims = broadcast_dims(a.dims(), b.dims());
    const auto left = a.data<T>(), right = b.data<T>();
    const auto out = context.make_output(0, data_type_of<Result>, dims).template data<Result>();
    StridedWalk<2> at(dims, {broadcast_strides(a.dims(), dims), broadcast_strides(b.dims(), dims)});
    for (size_t i = 0; i < out.size(); ++i, at.next())
      out[i] = static_cast<Result>(
          f(to_exact(left[static_cast<size_t>(at[0])]), to_exact(right[static_cast<size_t>(at[1])])));
  });
}

// An operator of one input and one output of type T, or of two inputs that are broadcast.
Operator unary_operator(std::string_view name, int since_version, TypeSet types,
                        void (*compute)(KernelContext&), std::vector<AttributeSpec> attributes = {});
Operator binary_operator(std::string_view name, int since_version, TypeSet types,
                         void (*compute)(KernelContext&));
// The same with bools coming out.
Operator binary_predicate(std::string_view name, int since_version, TypeSet types,
                          void (*compute)(KernelContext&));

}  // namespace slipway::ops
