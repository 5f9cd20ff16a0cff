// MatMulNBits: a product with weights of few bits, which are quantised in blocks along the inner axis and
// packed into bytes.
#include "base/work_scope.hpp"
#include "ops/contrib/packed_integers.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

enum Input : uint8_t { kA, kWeights, kScales, kZeroPoints, kGroups, kBias };

struct Sizes {
  int bits;
  int64_t inner, columns, block, blocks;
};

int64_t size_attribute(const Node& node, const char* name) {
  const int64_t size = node.int_attribute(name, 0);
  if (size < 1 || size > int64_t{1} << 31)
    fail(ErrorCode::kInvalidModel, "attribute '{}' is {}, but a size of 1 to 2^31 was expected", name, size);
  return size;
}

Sizes sizes_of(const Node& node) {
  if (const int64_t packing = node.int_attribute("weight_prepacked", 0); packing != 0)
    fail(ErrorCode::kUnsupported,
         "attribute 'weight_prepacked' is {}: the weights are laid out for one kind of GPU; quantise the "
         "model again without it",
         packing);
  const int64_t inner = size_attribute(node, "K"), block = block_size_attribute(node, 0);
  return {bits_attribute(node), inner, size_attribute(node, "N"), block,
          inner / block + (inner % block != 0)};
}

void require_count(const Tensor& tensor, const char* what, int64_t expected) {
  if (tensor.count() != expected)
    fail(ErrorCode::kInvalidModel, "{} are {}, but {} entries are expected", what, tensor.describe(),
         expected);
}

// Of each column's blocks, one column after the other.
CountedVector<double> zero_points(const KernelContext& context, const Sizes& sizes) {
  CountedVector<double> points(static_cast<size_t>(element_count({sizes.columns, sizes.blocks})),
                               middle(sizes.bits));
  if (!context.has_input(kZeroPoints)) return points;
  const Tensor& given = context.input(kZeroPoints);
  if (given.type() != DataType::kUint8) {
    require_count(given, "the zero points", static_cast<int64_t>(points.size()));
    const Tensor exact = exact_input(context, kZeroPoints);
    std::copy(exact.data<double>().begin(), exact.data<double>().end(), points.begin());
    return points;
  }
  // Each column begins with a byte of its own.
  const int64_t row = packed_size(sizes.blocks, sizes.bits);
  require_count(given, "the packed zero points", element_count({sizes.columns, row}));
  for (int64_t column = 0; column < sizes.columns; ++column) {
    const PackedIntegers packed(given.data<uint8_t>().subspan(static_cast<size_t>(column * row)), sizes.bits);
    for (int64_t block = 0; block < sizes.blocks; ++block)
      points[static_cast<size_t>(column * sizes.blocks + block)] = packed[block];
  }
  return points;
}

// To which block each place along the inner axis belongs.
CountedVector<size_t> blocks_of_places(const KernelContext& context, const Sizes& sizes) {
  CountedVector<size_t> blocks(static_cast<size_t>(sizes.inner));
  if (!context.has_input(kGroups)) {
    for (size_t place = 0; place < blocks.size(); ++place)
      blocks[place] = place / static_cast<size_t>(sizes.block);
    return blocks;
  }
  const auto groups = context.input(kGroups).data<int32_t>();
  if (groups.size() < blocks.size())
    fail(ErrorCode::kInvalidModel, "g_idx has {} entries, but K is {}", groups.size(), sizes.inner);
  for (size_t place = 0; place < blocks.size(); ++place) {
    if (groups[place] < 0 || groups[place] >= sizes.blocks)
      fail(ErrorCode::kInvalidArgument, "g_idx has the entry {}, but there are {} blocks", groups[place],
           sizes.blocks);
    blocks[place] = static_cast<size_t>(groups[place]);
  }
  return blocks;
}

// result[row, column] = a's row · the column's weights, column after column.
void multiply(const KernelContext& context, const Sizes& sizes, const Tensor& a, Tensor& result) {
  const Tensor& weights = context.input(kWeights);
  const Tensor scales = exact_input(context, kScales);
  const int64_t blob = sizes.block / 8 * sizes.bits;
  require_count(weights, "the weights", element_count({sizes.columns, sizes.blocks, blob}));
  require_count(scales, "the scales", element_count({sizes.columns, sizes.blocks}));
  const auto points = zero_points(context, sizes);
  const auto blocks = blocks_of_places(context, sizes);
  const int64_t rows = a.count() / sizes.inner;
  CountedVector<double> column_weights(blocks.size());
  for (int64_t column = 0; column < sizes.columns; ++column) {
    const auto first = static_cast<size_t>(column * sizes.blocks);
    const PackedIntegers packed(weights.data<uint8_t>().subspan(first * static_cast<size_t>(blob)),
                                sizes.bits);
    for (size_t place = 0; place < blocks.size(); ++place)
      column_weights[place] = (packed[static_cast<int64_t>(place)] - points[first + blocks[place]]) *
                              scales.data<double>()[first + blocks[place]];
    WorkScope::spend(static_cast<double>(rows) * static_cast<double>(sizes.inner));
    const double* left = a.data<double>().data();
    for (int64_t row = 0; row < rows; ++row, left += sizes.inner) {
      double sum = 0;
      for (size_t place = 0; place < blocks.size(); ++place) sum += left[place] * column_weights[place];
      result.data<double>()[static_cast<size_t>(row * sizes.columns + column)] = sum;
    }
  }
}

void compute(KernelContext& context) {
  const Sizes sizes = sizes_of(context.node());
  const Tensor a = exact_input(context, kA);
  if (a.rank() == 0 || a.dims().back() != sizes.inner)
    fail(ErrorCode::kInvalidModel, "A is {}, but a last axis of K = {} is expected",
         context.input(kA).describe(), sizes.inner);
  Dims dims = a.dims();
  dims.back() = sizes.columns;
  Tensor result = exact_zeros(dims);
  // Weights that are left out count as zeros.
  if (!context.input(kWeights).empty()) multiply(context, sizes, a, result);
  if (context.has_input(kBias)) {
    const Tensor bias = exact_input(context, kBias);
    require_dims(bias, "the bias", {sizes.columns});
    const auto elements = result.data<double>();
    for (size_t i = 0; i < elements.size(); ++i)
      elements[i] += bias.data<double>()[i % static_cast<size_t>(sizes.columns)];
  }
  round_to_output(context, 0, context.input(kA).type(), result);
}

void infer(InferenceContext& context) {
  const Sizes sizes = sizes_of(context.node());
  std::optional<Shape> shape = context.input_shape(kA);
  if (shape) {
    if (shape->empty() || contradict(shape->back(), Dim(sizes.inner)))
      fail(ErrorCode::kInvalidModel, "A is {}, but a last axis of K = {} is expected", to_string(*shape),
           sizes.inner);
    shape->back() = sizes.columns;
  }
  context.set_output_type(0, Type::tensor(context.input_element_type(kA), shape));
}

double flops(const ShapeContext& context) {
  return 2 * static_cast<double>(element_count(context.outputs[0])) *
         static_cast<double>(context.inputs[kA].back());
}

}  // namespace

void register_matmul_nbits(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr TypeSet kFloat32AndHalves{DataType::kFloat, DataType::kFloat16, DataType::kBfloat16};
  registry.add({.name = "MatMulNBits",
                .domain = "com.microsoft",
                .inputs = {{"A", "T1"},
                           {"B", "T2"},
                           {"scales", "T1"},
                           {"zero_points", "T3", Arity::kOptional},
                           {"g_idx", "T4", Arity::kOptional},
                           {"bias", "T1", Arity::kOptional}},
                .outputs = {{"Y", "T1"}},
                .attributes = {{"K", Kind::kInt, true},
                               {"N", Kind::kInt, true},
                               {"accuracy_level", Kind::kInt},
                               {"bits", Kind::kInt},
                               {"block_size", Kind::kInt, true},
                               {"weight_prepacked", Kind::kInt}},
                .type_constraints = {{"T1", kFloat32AndHalves},
                                     {"T2", {DataType::kUint8}},
                                     {"T3", kFloat32AndHalves | TypeSet{DataType::kUint8}},
                                     {"T4", {DataType::kInt32}}},
                .infer = infer,
                .compute = compute,
                .flops = flops});
}

}  // namespace slipway::ops
