// StringSplit: cuts strings at a delimiter or at white space; the pieces stand along a new last axis, which
// empty strings fill up.
#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Pieces = CountedVector<std::string_view>;

constexpr std::string_view kWhitespace = " \t\n\v\f\r";

Pieces split_at_delimiter(std::string_view text, std::string_view delimiter, size_t most_cuts) {
  Pieces pieces;
  for (size_t cut; pieces.size() < most_cuts && (cut = text.find(delimiter)) != text.npos;) {
    pieces.push_back(text.substr(0, cut));
    text.remove_prefix(cut + delimiter.size());
  }
  pieces.push_back(text);
  return pieces;
}

// White space in a row is one cut; at the ends there is none. What is left after the last cut allowed keeps
// the white space at its end, as with NumPy.
Pieces split_at_whitespace(std::string_view text, size_t most_cuts) {
  Pieces pieces;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kWhitespace), text.size()));
    if (text.empty()) return pieces;
    const size_t end = pieces.size() < most_cuts ? text.find_first_of(kWhitespace) : text.npos;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(pieces.back().size());
  }
}

void infer(InferenceContext& context) {
  std::optional<Shape> shape = context.input_shape(0);
  context.set_output_type(1, Type::tensor(DataType::kInt64, shape));
  if (shape) shape->push_back(Dim());
  context.set_output_type(0, Type::tensor(DataType::kString, std::move(shape)));
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const std::string delimiter = context.node().string_attribute("delimiter", "");
  const int64_t stated = context.node().int_attribute("maxsplit", -1);
  const size_t most_cuts = stated < 0 ? std::numeric_limits<size_t>::max() : static_cast<size_t>(stated);

  CountedVector<Pieces> all;
  size_t most = 0;
  for (const Text& text : input.data<Text>()) {
    all.push_back(delimiter.empty() ? split_at_whitespace(text, most_cuts)
                                    : split_at_delimiter(text, delimiter, most_cuts));
    most = std::max(most, all.back().size());
  }
  Dims dims = input.dims();
  dims.push_back(static_cast<int64_t>(most));
  const auto pieces = context.make_output(0, DataType::kString, std::move(dims)).data<Text>();
  for (size_t i = 0; i < all.size(); ++i)
    std::copy(all[i].begin(), all[i].end(), pieces.begin() + static_cast<std::ptrdiff_t>(i * most));
  if (!context.wants_output(1)) return;
  const auto counts = context.make_output(1, DataType::kInt64, input.dims()).data<int64_t>();
  for (size_t i = 0; i < all.size(); ++i) counts[i] = static_cast<int64_t>(all[i].size());
}

}  // namespace

void register_string_split(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "StringSplit",
                .since_version = 20,
                .inputs = {{"X", "T1"}},
                .outputs = {{"Y", "T1"}, {"Z", "tensor(int64)"}},
                .attributes = {{"delimiter", Kind::kString}, {"maxsplit", Kind::kInt}},
                .type_constraints = {{"T1", {DataType::kString}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
