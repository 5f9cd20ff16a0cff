// ai.onnx.ml's ArrayFeatureExtractor and FeatureVectorizer: columns taken out of a table, and tables put side
// by side.
#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// A list is a table of one row.
template <typename Size>
std::vector<Size> with_columns(std::vector<Size> shape, const Size& columns) {
  if (shape.size() == 1) shape = {Size(1), columns};
  if (!shape.empty()) shape.back() = columns;
  return shape;
}

void infer_extractor(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  const auto& indices = context.input_shape(1);
  if (!shape) return context.set_output_type(0, Type::tensor(context.input_element_type(0)));
  Dim columns = indices ? Dim(1) : Dim();
  if (indices)
    for (const Dim& size : *indices) columns = columns * size;
  context.set_output_type(0, Type::tensor(context.input_element_type(0), with_columns(*shape, columns)));
}

void compute_extractor(KernelContext& context) {
  const Tensor& input = context.input(0);
  const auto indices = context.input(1).data<int64_t>();
  if (input.rank() == 0) fail(ErrorCode::kInvalidArgument, "the input is a scalar: it has no columns");
  const int64_t columns = input.dims().back();
  for (int64_t index : indices)
    if (index < 0 || index >= columns)
      fail(ErrorCode::kInvalidArgument, "index {} is outside the {} columns of {}", index, columns,
           input.describe());
  Tensor& output = context.make_output(0, input.type(), with_columns(input.dims(), context.input(1).count()));
  const ElementMover mover(input, output);
  const int64_t rows = columns == 0 ? 0 : input.count() / columns;
  int64_t target = 0;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t index : indices) mover.move(row * columns + index, target++);
}

std::vector<int64_t> check_widths(const Node& node) {
  std::vector<int64_t> widths = node.ints_attribute("inputdimensions", {});
  if (widths.size() != node.inputs().size())
    fail(ErrorCode::kInvalidModel, "'inputdimensions' has {} elements for {} inputs", widths.size(),
         node.inputs().size());
  for (int64_t width : widths)
    if (width < 0)
      fail(ErrorCode::kInvalidModel, "'inputdimensions' has {}, but sizes are not negative", width);
  return widths;
}

void infer_vectorizer(InferenceContext& context) {
  Dim rows, columns = 0;
  for (int64_t width : check_widths(context.node())) columns = columns + Dim(width);
  for (size_t i = 0; i < context.input_count() && !rows.is_known(); ++i)
    if (const auto& shape = context.input_shape(i)) rows = shape->size() == 2 ? shape->front() : Dim(1);
  context.set_output_type(0, Type::tensor(DataType::kFloat, Shape{rows, columns}));
}

// What an input has beyond its width is left out, what it lacks is 0.
void compute_vectorizer(KernelContext& context) {
  const std::vector<int64_t> widths = check_widths(context.node());
  const auto rows_of = [&](size_t i) { return context.input(i).rank() == 2 ? context.input(i).dim(0) : 1; };
  const int64_t rows = rows_of(0);
  int64_t columns = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    const Tensor& input = context.input(i);
    if (input.rank() < 1 || input.rank() > 2 || rows_of(i) != rows)
      fail(ErrorCode::kInvalidArgument, "input {} is {}, but a table of {} rows was expected", i,
           input.describe(), rows);
    if (widths[i] > std::numeric_limits<int64_t>::max() - columns)
      fail(ErrorCode::kInvalidModel, "'inputdimensions' add up to more than 64 bits hold");
    columns += widths[i];
  }
  const auto out = context.make_output(0, DataType::kFloat, {rows, columns}).data<float>();
  std::fill(out.begin(), out.end(), 0.0F);
  int64_t begin = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    const Tensor numbers = cast_elements(context.input(i), DataType::kFloat);
    const int64_t given = numbers.dims().back();
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < std::min(given, widths[i]); ++column)
        out[static_cast<size_t>(row * columns + begin + column)] =
            numbers.data<float>()[static_cast<size_t>(row * given + column)];
    begin += widths[i];
  }
}

}  // namespace

void register_feature_selection(Registry& registry) {
  constexpr TypeSet kFeatures{DataType::kFloat, DataType::kDouble, DataType::kInt64, DataType::kInt32};
  registry.add({.name = "ArrayFeatureExtractor",
                .domain = "ai.onnx.ml",
                .inputs = {{"X", "T"}, {"Y", "tensor(int64)"}},
                .outputs = {{"Z", "T"}},
                .type_constraints = {{"T", kFeatures | TypeSet{DataType::kString}}},
                .infer = infer_extractor,
                .compute = compute_extractor});
  registry.add({.name = "FeatureVectorizer",
                .domain = "ai.onnx.ml",
                .inputs = {{"X", "T1", Arity::kVariadic}},
                .outputs = {{"Y", "tensor(float)"}},
                .attributes = {{"inputdimensions", Attribute::Kind::kInts}},
                .type_constraints = {{"T1", kFeatures}},
                .min_inputs = 1,
                .infer = infer_vectorizer,
                .compute = compute_vectorizer});
}

}  // namespace slipway::ops
