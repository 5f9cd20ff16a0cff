// Rows of a table: one by one, and in bags that are summed, averaged or searched for their largest elements.
#include <limits>

#include "torch/aten/normalization.hpp"

namespace slipway::torch::aten {
namespace {

enum Mode : int64_t { kSum = 0, kMean = 1, kMax = 2 };

struct Bags {
  Value* bag_of = nullptr;  // i64[n,1]: which bag an index is in
  Value* count = nullptr;   // i64[1]
};

Value* range(Conversion& c, Value* size) {
  return c.emit("Range", {c.scalar(DataType::kInt64, int64_t{0}), c.emit("Squeeze", {size}),
                          c.scalar(DataType::kInt64, int64_t{1})});
}

// A bag begins where its offset says: an index is in the last bag that begins at it or before.
Bags find_bags(Conversion& c) {
  const ir::TensorMeta& meta = c.meta("offsets");
  if (meta.sizes.size() != 1 || c.rank("indices") != 1 || c.rank("weight") != 2)
    c.refuse("its table has two axes, its indices and offsets one");
  Value* offsets = c.cast(c.tensor("offsets"), DataType::kInt64);
  if (c.truth("include_last_offset", false))
    offsets = c.emit("Slice", {offsets, c.ints({0}), c.ints({-1}), c.ints({0})});
  Bags bags;
  if (const Dim& count = meta.sizes[0]; count.is_known())
    bags.count = c.ints({count.value() - (c.truth("include_last_offset", false) ? 1 : 0)});
  else
    bags.count = c.emit("Shape", {offsets});
  Value* places = range(c, c.shape_of(c.tensor("indices"), c.meta("indices"), 0, 1));
  Value* begun = c.emit("GreaterOrEqual", {c.emit("Unsqueeze", {places, c.ints({1})}), offsets});
  Value* bags_begun = c.emit("ReduceSum", {c.emit("Cast", {begun}, {{"to", DataType::kInt64}}), c.ints({1})});
  bags.bag_of = c.emit("Sub", {bags_begun, c.ints({1})});
  return bags;
}

Value* filled(Conversion& c, Value* shape, double value) {
  return c.emit("Expand", {c.scalar(c.meta("weight").type, value), shape});
}

// Indices that count: true except where they are padding; nullptr when all do.
Value* counting(Conversion& c) {
  const int64_t padding = c.integer("padding_idx", -1);
  if (padding < 0) return nullptr;
  const ir::TensorMeta& indices = c.meta("indices");
  Value* same = c.emit("Equal", {c.tensor("indices"), c.scalar(indices.type, padding)});
  return c.emit("Unsqueeze", {c.emit("Not", {same}), c.ints({1})});
}

Value* add_up(Conversion& c, const Bags& bags, Value* rows, Value* width) {
  Value* zeros = filled(c, c.emit("Concat", {bags.count, width}, {{"axis", 0}}), 0);
  return c.emit("ScatterND", {zeros, bags.bag_of, rows}, {{"reduction", "add"}});
}

// What an empty bag has is 0, not the least of all numbers.
Value* largest(Conversion& c, const Bags& bags, Value* rows, Value* width) {
  const DataType type = c.meta("weight").type;
  const double least = -std::numeric_limits<double>::infinity();
  Value* start = filled(c, c.emit("Concat", {bags.count, width}, {{"axis", 0}}), least);
  Value* found = c.emit("ScatterND", {start, bags.bag_of, rows}, {{"reduction", "max"}});
  return c.emit("Where", {c.emit("Equal", {found, c.scalar(type, least)}), c.scalar(type, 0.0), found});
}

}  // namespace

void convert_embedding(Conversion& c) {
  c.result(c.emit("Gather", {c.tensor("weight"), c.tensor("indices")}));
}

// embedding_bag, _embedding_bag, _embedding_bag_forward_only
void convert_embedding_bag(Conversion& c) {
  require_first_result_only(c);
  const DataType type = c.meta("weight").type;
  const int64_t mode = c.integer("mode", kSum);
  Value* weight = c.tensor("weight");
  const Bags bags = find_bags(c);
  Value* width = c.shape_of(weight, c.meta("weight"), 1, 2);
  Value* rows = c.emit("Gather", {weight, c.tensor("indices")});
  if (c.has("per_sample_weights"))
    rows = c.emit("Mul", {rows, c.emit("Unsqueeze", {c.tensor("per_sample_weights"), c.ints({1})})});
  Value* counted = counting(c);
  if (mode == kMax) {
    if (counted)
      rows = c.emit("Where", {counted, rows, c.scalar(type, -std::numeric_limits<double>::infinity())});
    return c.result(largest(c, bags, rows, width));
  }
  if (counted) rows = c.emit("Where", {counted, rows, c.scalar(type, 0.0)});
  Value* sum = add_up(c, bags, rows, width);
  if (mode != kMean) return c.result(sum);
  Value* ones =
      counted ? c.emit("Cast", {counted}, {{"to", type}}) : filled(c, c.emit("Shape", {bags.bag_of}), 1);
  Value* counts = add_up(c, bags, ones, c.ints({1}));
  c.result(c.emit("Div", {sum, c.emit("Max", {counts, c.scalar(type, 1.0)})}));
}

}  // namespace slipway::torch::aten
