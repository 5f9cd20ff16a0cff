// Padding: by a constant, by reflection, by the edge, and around.
#include "torch/aten/pad.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace slipway::torch::aten {
namespace {

// PyTorch lists begin and end of the last axis first; here they are by axis, the first one that is padded in
// front.
struct Pads {
  std::vector<int64_t> axes, begins, ends;
};

Pads read(const Conversion& c, const std::vector<int64_t>& pads) {
  const auto rank = static_cast<int64_t>(c.rank("self")), count = static_cast<int64_t>(pads.size()) / 2;
  if (pads.size() % 2 != 0 || count > rank)
    c.refuse(fmt::format("{} pads are none for a tensor of {} axes", pads.size(), rank));
  Pads read;
  for (int64_t i = count; i-- > 0;) {
    read.axes.push_back(rank - 1 - i);
    read.begins.push_back(pads[static_cast<size_t>(2 * i)]);
    read.ends.push_back(pads[static_cast<size_t>(2 * i + 1)]);
  }
  return read;
}

// Negative pads cut off.
Value* cut(Conversion& c, Value* input, const Pads& pads) {
  std::vector<int64_t> starts, ends, axes;
  for (size_t i = 0; i < pads.axes.size(); ++i) {
    if (pads.begins[i] >= 0 && pads.ends[i] >= 0) continue;
    starts.push_back(std::max<int64_t>(-pads.begins[i], 0));
    ends.push_back(pads.ends[i] < 0 ? pads.ends[i] : std::numeric_limits<int64_t>::max());
    axes.push_back(pads.axes[i]);
  }
  return axes.empty() ? input : c.emit("Slice", {input, c.ints(starts), c.ints(ends), c.ints(axes)});
}

Value* filling(Conversion& c, const std::string& mode) {
  if (mode != "constant" || !c.has("value") || c.number("value") == 0) return nullptr;
  return c.scalar(c.meta("self").type, c.number("value"));
}

// Pads that are known only when the model runs; they must not be negative then.
Value* pad_by_numbers(Conversion& c, const char* argument, const std::string& mode) {
  const auto count = static_cast<int64_t>(c.dims(argument).size()) / 2, rank = c.rank("self");
  std::vector<int64_t> order(static_cast<size_t>(2 * count)), axes;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t listed = 2 * (count - 1 - i);
    order[static_cast<size_t>(i)] = listed;
    order[static_cast<size_t>(count + i)] = listed + 1;
    axes.push_back(rank - count + i);
  }
  Value* pads = c.emit("Gather", {c.sizes(argument), c.ints(order)});
  return c.emit("Pad", {c.tensor("self"), pads, filling(c, mode), c.ints(axes)}, pad_mode(c, mode));
}

void pad(Conversion& c, const char* argument, const std::string& mode) {
  if (!c.is_constant(argument)) return c.result(pad_by_numbers(c, argument, mode));
  const Pads pads = read(c, c.integers(argument));
  Value* input = cut(c, c.tensor("self"), pads);
  const auto rank = static_cast<size_t>(c.rank("self"));
  std::vector<int64_t> all(2 * rank, 0);
  for (size_t i = 0; i < pads.axes.size(); ++i) {
    const auto axis = static_cast<size_t>(pads.axes[i]);
    all[axis] = std::max<int64_t>(pads.begins[i], 0);
    all[axis + rank] = std::max<int64_t>(pads.ends[i], 0);
  }
  if (std::all_of(all.begin(), all.end(), [](int64_t n) { return n == 0; })) return c.result(input);
  c.result(c.emit("Pad", {input, c.ints(all), filling(c, mode)}, pad_mode(c, mode)));
}

}  // namespace

Attributes pad_mode(const Conversion& c, const std::string& mode) {
  if (mode == "constant") return {};
  if (mode == "reflect") return {{"mode", "reflect"}};
  if (mode == "replicate") return {{"mode", "edge"}};
  if (mode == "circular") return {{"mode", "wrap"}};
  c.refuse(fmt::format("the mode '{}' is none of constant, reflect, replicate and circular", mode));
}

void convert_pad(Conversion& c) {
  pad(c, "pad", c.text("mode", "constant"));
}

void convert_constant_pad(Conversion& c) {
  pad(c, "pad", "constant");
}

// reflection_pad1d, 2d, 3d
void convert_reflection_pad(Conversion& c) {
  pad(c, "padding", "reflect");
}

// replication_pad1d, 2d, 3d
void convert_replication_pad(Conversion& c) {
  pad(c, "padding", "replicate");
}

void convert_circular_pad(Conversion& c) {
  pad(c, "pad", "circular");
}

}  // namespace slipway::torch::aten
