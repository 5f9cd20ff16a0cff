// GatherElements and GatherND: elements and slices picked by an index each.
#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "ops/indexed_places.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// ---- GatherElements ----

size_t axis_of(const Node& node, size_t rank) {
  return normalize_axis(node.int_attribute("axis", 0), rank);
}

void infer_gather_elements(InferenceContext& context) {
  if (const auto& shape = context.input_shape(0)) axis_of(context.node(), shape->size());
  context.set_output_type(0, Type::tensor(context.input_element_type(0), context.input_shape(1)));
}

void compute_gather_elements(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& indices = context.input(1);
  const auto places = places_along_axis(data.dims(), indices, axis_of(context.node(), data.rank()));
  Tensor& output = context.make_output(0, data.type(), indices.dims());
  const ElementMover mover(data, output);
  for (size_t i = 0; i < places.size(); ++i) mover.move(places[i], static_cast<int64_t>(i));
}

// ---- GatherND ----

size_t batch_dims_of(const Node& node) {
  const int64_t count = node.int_attribute("batch_dims", 0);
  if (count < 0) fail(ErrorCode::kInvalidModel, "batch_dims is {}, but 0 or more was expected", count);
  return static_cast<size_t>(count);
}

void infer_gather_nd(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const size_t batch_dims = batch_dims_of(context.node());
  const auto& shape = context.input_shape(0);
  const auto& indices = context.input_shape(1);
  if (!shape || !indices || indices->empty() || !indices->back().is_known())
    return context.set_output_type(0, Type::tensor(type));
  const auto width = static_cast<uint64_t>(indices->back().value());
  if (batch_dims >= indices->size() || batch_dims > shape->size() || width > shape->size() - batch_dims)
    fail(ErrorCode::kInvalidModel, "rows of {} indices after {} batch axes do not fit data of shape {}",
         width, batch_dims, to_string(*shape));
  Shape result(indices->begin(), indices->end() - 1);
  result.insert(result.end(), shape->begin() + static_cast<std::ptrdiff_t>(batch_dims + width), shape->end());
  context.set_output_type(0, Type::tensor(type, std::move(result)));
}

void compute_gather_nd(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& indices = context.input(1);
  const Slices slices = places_of_rows(data.dims(), indices, batch_dims_of(context.node()));
  Dims dims(indices.dims().begin(), indices.dims().end() - 1);
  dims.insert(dims.end(), slices.dims.begin(), slices.dims.end());
  Tensor& output = context.make_output(0, data.type(), dims);
  const ElementMover mover(data, output);
  const int64_t size = element_count(slices.dims);
  for (size_t i = 0; i < slices.places.size(); ++i)
    mover.move(slices.places[i], static_cast<int64_t>(i) * size, size);
}

}  // namespace

void register_gather_elements(Registry& registry) {
  registry.add({.name = "GatherElements",
                .since_version = 13,
                .inputs = {{"data", "T"}, {"indices", "Tind"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"axis", Attribute::Kind::kInt}},
                .type_constraints = {{"T", kMovable}, {"Tind", {DataType::kInt32, DataType::kInt64}}},
                .infer = infer_gather_elements,
                .compute = compute_gather_elements});
  registry.add({.name = "GatherND",
                .since_version = 13,
                .inputs = {{"data", "T"}, {"indices", "tensor(int64)"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"batch_dims", Attribute::Kind::kInt}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_gather_nd,
                .compute = compute_gather_nd});
}

}  // namespace slipway::ops
