// MatMul: NumPy's matmul.
#include "ops/matmul_shapes.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void infer(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(context.input_element_type(0),
                                          matmul_shape(context.input_shape(0), context.input_shape(1))));
}

void compute(KernelContext& context) {
  const Tensor &a = context.input(0), &b = context.input(1);
  const MatMulShapes shapes = matmul_shapes(a.dims(), b.dims());
  dispatch<WideNumbers>(a.type(), [&]<typename T>(ElementType<T>) {
    multiply_matrices<T>(shapes, a.data<T>(), b.data<T>(),
                         context.make_output(0, a.type(), shapes.out).template data<T>());
  });
}

double flops(const ShapeContext& context) {
  const Dims& a = context.inputs[0];
  return 2 * static_cast<double>(element_count(context.outputs[0])) * static_cast<double>(a.back());
}

}  // namespace

void register_matmul(Registry& registry) {
  registry.add({.name = "MatMul",
                .since_version = 13,
                .inputs = {{"A", "T"}, {"B", "T"}},
                .outputs = {{"Y", "T"}},
                .type_constraints = {{"T", kWideNumbers}},
                .infer = infer,
                .compute = compute,
                .flops = flops});
}

}  // namespace slipway::ops
