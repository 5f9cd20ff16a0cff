// Operators that make each line of elements along attribute 'axis' (the last one unless stated) into another,
// such as Softmax.
#pragma once

#include <span>
#include <vector>

#include "ops/axis_split.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::ops {

// Output 0 is input 0 after transform(line) of every line, a std::span<double>.
template <typename Transform>
void map_lines(KernelContext& context, Transform transform) {
  const Tensor& input = context.input(0);
  const size_t axis = normalize_axis(context.node().int_attribute("axis", -1), input.rank());
  const AxisSplit split = split_at(input.dims(), axis);
  dispatch<Floats>(input.type(), [&]<typename T>(ElementType<T>) {
    const auto in = input.data<T>();
    const auto out = context.make_output(0, input.type(), input.dims()).template data<T>();
    CountedVector<double> line(static_cast<size_t>(split.size));
    for_each_line(split, [&](int64_t first) {
      const auto at = [&](size_t i) {
        return static_cast<size_t>(first + static_cast<int64_t>(i) * split.inner);
      };
      for (size_t i = 0; i < line.size(); ++i) line[i] = to_exact(in[at(i)]);
      transform(std::span<double>(line));
      for (size_t i = 0; i < line.size(); ++i) out[at(i)] = static_cast<T>(line[i]);
    });
  });
}

// Output 0 has input 0's type; the axis is checked.
inline void infer_lines(InferenceContext& context) {
  infer_like_first_input(context);
  if (const auto& shape = context.input_shape(0))
    normalize_axis(context.node().int_attribute("axis", -1), shape->size());
}

}  // namespace slipway::ops
