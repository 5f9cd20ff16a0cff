// Strided views of tensors that lie in memory in their order: elements by their places there.
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// More are no list that should stand in a file.
constexpr int64_t kMostPlaces = 1 << 22;

// How many places a view of these sizes reads. Refuses sizes and strides that are none.
int64_t count_of(const Conversion& c, const std::vector<int64_t>& sizes,
                 const std::vector<int64_t>& strides) {
  if (sizes.size() != strides.size() || sizes.size() > 64)
    c.refuse("sizes and strides are not those of a view");
  int64_t count = 1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 0 || strides[i] < 0) c.refuse("a size or stride is negative");
    if (sizes[i] == 0) return 0;
    if (count > kMostPlaces / sizes[i] || strides[i] > Conversion::kLargestInteger / sizes[i])
      c.refuse("it reads more places than a list of them should have");
    count *= sizes[i];
  }
  return count;
}

// The places in memory that a strided view reads, one after the other.
std::vector<int64_t> strided_places(const Conversion& c) {
  const auto sizes = c.integers("size"), strides = c.integers("stride");
  const ir::TensorMeta& meta = c.meta("self");
  if (count_of(c, sizes, strides) == 0) return {};
  // The offset counts from the start of the memory, in which self may stand further behind.
  const int64_t own = meta.offset.is_known() ? meta.offset.value() : 0;
  std::vector<int64_t> places = {c.has("storage_offset") ? c.integer("storage_offset") - own : 0};
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 1) continue;
    std::vector<int64_t> more;
    for (const int64_t place : places)
      for (int64_t k = 0; k < sizes[i]; ++k) more.push_back(place + k * strides[i]);
    places = std::move(more);
  }
  const int64_t count = element_count(c.known_sizes("self"));
  for (const int64_t place : places)
    if (place < 0 || place >= count) c.refuse("it reads beyond the tensor that it is given");
  return places;
}

// Does the tensor lie in memory in the order of its elements?
void require_contiguous(const Conversion& c) {
  const ir::TensorMeta& meta = c.meta("self");
  int64_t expected = 1;
  const auto sizes = c.known_sizes("self");
  for (size_t i = sizes.size(); i-- > 0 && !meta.strides.empty();) {
    if (sizes[i] != 1 && !(meta.strides[i] == Dim(expected)))
      c.refuse("the tensor does not lie in memory in its order");
    expected *= sizes[i];
  }
}

}  // namespace

// as_strided of a tensor that lies in memory in its order
void convert_as_strided(Conversion& c) {
  require_contiguous(c);
  const auto places = strided_places(c);
  const auto sizes = c.integers("size");
  Value* flat = c.rank("self") == 1 ? c.tensor("self") : c.emit("Reshape", {c.tensor("self"), c.ints({-1})});
  c.result(gather(c, flat, c.constant(Tensor::from<int64_t>(sizes, places)), 0));
}

void convert_as_strided_scatter(Conversion& c) {
  require_contiguous(c);
  const auto places = strided_places(c);
  const Shape& sizes = c.meta("self").sizes;
  const auto count = static_cast<int64_t>(places.size());
  Value* flat = c.rank("self") == 1 ? c.tensor("self") : c.emit("Reshape", {c.tensor("self"), c.ints({-1})});
  Value* part = reshape(c, operand(c, "src", c.result_meta().type), c.meta("src").sizes, {count});
  Value* written = c.emit("ScatterND", {flat, c.constant(Tensor::from<int64_t>({count, 1}, places)), part});
  c.result(reshape(c, written, {element_count(known_dims(sizes))}, sizes));
}

}  // namespace slipway::torch::aten
