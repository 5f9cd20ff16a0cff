// GatherBlockQuantized: Gather from a table that is quantised in blocks along another axis; what is gathered
// becomes real numbers.
#include "ops/axis_split.hpp"
#include "ops/contrib/packed_integers.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

enum Input : uint8_t { kData, kIndices, kScales, kZeroPoints };

// The table as its elements are counted: bytes hold several, side by side along the last axis.
struct Table {
  Dims dims;
  int bits;  // of an element in a byte; 0 where the tensor's own elements count
  size_t gather_axis, quantize_axis;
  int64_t block;
};

int bits_of_bytes(const Node& node, DataType type) {
  return type == DataType::kUint8 ? bits_attribute(node) : 0;
}

Table table_of(const Node& node, DataType type, Dims dims) {
  if (dims.empty()) fail(ErrorCode::kInvalidModel, "the data is a scalar");
  const int bits = bits_of_bytes(node, type);
  if (bits != 0) dims.back() = element_count({dims.back(), 8 / bits});
  const size_t gather_axis = normalize_axis(node.int_attribute("gather_axis", 0), dims.size(), "gather_axis");
  const size_t quantize_axis =
      normalize_axis(node.int_attribute("quantize_axis", 1), dims.size(), "quantize_axis");
  if (bits != 0 && bits < 8 && gather_axis == dims.size() - 1)
    fail(ErrorCode::kInvalidModel,
         "attribute 'gather_axis' is the last axis, along which elements are packed into bytes");
  return {std::move(dims), bits, gather_axis, quantize_axis, block_size_attribute(node, 128)};
}

// Entries of one row of the last axis of the tensor, wherever each begins with a byte of its own.
CountedVector<double> unpacked(const Tensor& tensor, int bits, const Dims& dims) {
  CountedVector<double> elements(static_cast<size_t>(element_count(dims)));
  Dims stored = dims;
  if (bits != 0) stored.back() = packed_size(dims.back(), bits);
  require_dims(tensor, "the zero points", stored);
  if (bits == 0) {
    const Tensor exact = cast_elements(tensor, DataType::kDouble);
    std::copy(exact.data<double>().begin(), exact.data<double>().end(), elements.begin());
    return elements;
  }
  size_t next = 0;
  for (int64_t row = 0; next < elements.size(); row += stored.back()) {
    const PackedIntegers packed(tensor.data<uint8_t>().subspan(static_cast<size_t>(row)), bits);
    for (int64_t i = 0; i < dims.back(); ++i) elements[next++] = packed[i];
  }
  return elements;
}

class Dequantizer {
 public:
  Dequantizer(const KernelContext& context, const Table& table)
      : table_(table),
        split_(split_at(table.dims, table.quantize_axis)),
        scales_(exact_input(context, kScales)),
        data_(context.input(kData)) {
    Dims expected = table.dims;
    blocks_ = expected[table.quantize_axis] = split_.size / table.block + (split_.size % table.block != 0);
    require_dims(scales_, "the scale", expected);
    if (context.has_input(kZeroPoints))
      zero_points_ = unpacked(context.input(kZeroPoints), table.bits, expected);
    if (table.bits == 0) exact_ = cast_elements(data_, DataType::kDouble);
  }

  double operator()(int64_t element) const {
    const int64_t outer = element / (split_.size * split_.inner),
                  place = element / split_.inner % split_.size;
    const auto scale =
        static_cast<size_t>((outer * blocks_ + place / table_.block) * split_.inner + element % split_.inner);
    const double middle_point = table_.bits == 0 ? 0 : middle(table_.bits);
    const double zero_point = zero_points_.empty() ? middle_point : zero_points_[scale];
    return (stored(element) - zero_point) * scales_.data<double>()[scale];
  }

 private:
  double stored(int64_t element) const {
    if (table_.bits == 0) return exact_.data<double>()[static_cast<size_t>(element)];
    return PackedIntegers(data_.data<uint8_t>(), table_.bits)[element];
  }

  const Table& table_;
  AxisSplit split_;
  int64_t blocks_;
  Tensor scales_;
  const Tensor& data_;
  Tensor exact_;
  CountedVector<double> zero_points_;  // empty: the default for all
};

void compute(KernelContext& context) {
  const Tensor& data = context.input(kData);
  const Table table = table_of(context.node(), data.type(), data.dims());
  const Tensor& indices = context.input(kIndices);
  const Tensor exact_indices = cast_elements(indices, DataType::kInt64);
  const AxisSplit split = split_at(table.dims, table.gather_axis);
  const Dequantizer dequantize(context, table);
  Dims dims = table.dims;
  const auto axis = dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(table.gather_axis));
  dims.insert(axis, indices.dims().begin(), indices.dims().end());
  Tensor result(DataType::kDouble, dims);
  double* to = result.data<double>().data();
  for (int64_t outer = 0; outer < split.outer; ++outer)
    for (int64_t index : exact_indices.data<int64_t>()) {
      if (index < 0) index += split.size;
      // Nothing is there: zeros.
      const bool inside = index >= 0 && index < split.size;
      const int64_t first = inside ? (outer * split.size + index) * split.inner : 0;
      for (int64_t inner = 0; inner < split.inner; ++inner) *to++ = inside ? dequantize(first + inner) : 0.0;
    }
  round_to_output(context, 0, context.input(kScales).type(), result);
}

void infer(InferenceContext& context) {
  const auto &data = context.input_shape(kData), &indices = context.input_shape(kIndices);
  const DataType type = context.input_element_type(kScales);
  if (!data || !indices || !all_known(*data)) return context.set_output_type(0, Type::tensor(type));
  const Table table = table_of(context.node(), context.input_element_type(kData), known_dims(*data));
  Shape shape(table.dims.begin(), table.dims.end());
  const auto axis = shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(table.gather_axis));
  shape.insert(axis, indices->begin(), indices->end());
  context.set_output_type(0, Type::tensor(type, shape));
}

}  // namespace

void register_gather_block_quantized(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "GatherBlockQuantized",
                .domain = "com.microsoft",
                .inputs = {{"data", "T1"},
                           {"indices", "Tind"},
                           {"scales", "T2"},
                           {"zero_points", "T1", Arity::kOptional}},
                .outputs = {{"output", "T2"}},
                .attributes = {{"bits", Kind::kInt},
                               {"block_size", Kind::kInt},
                               {"gather_axis", Kind::kInt},
                               {"quantize_axis", Kind::kInt}},
                .type_constraints = {{"T1", {DataType::kInt4, DataType::kUint4, DataType::kUint8}},
                                     {"T2", {DataType::kFloat, DataType::kFloat16, DataType::kBfloat16}},
                                     {"Tind", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
