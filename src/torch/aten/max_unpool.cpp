// max_unpool2d, max_unpool3d: elements back at the places of a plane where a maximum pool found them.
#include "torch/aten/reshape.hpp"
#include "torch/aten/window.hpp"

namespace slipway::torch::aten {
namespace {

void unpool(Conversion& c, size_t axes) {
  const Shape &in = c.meta("self").sizes, out = c.result_meta().sizes;
  if (in.size() < axes || out.size() < axes) c.refuse("its input has too few axes");
  const auto flat = [&](const Shape& sizes) {
    Shape kept(sizes.begin(), sizes.end() - static_cast<int64_t>(axes));
    Dim plane = 1;
    for (size_t i = sizes.size() - axes; i < sizes.size(); ++i) plane = plane * sizes[i];
    kept.push_back(plane);
    return kept;
  };
  const Shape planes = flat(out);
  Value* zeros = c.emit("Expand", {c.scalar(c.meta("self").type, 0.0), c.shape(planes)});
  Value* elements = reshape(c, c.tensor("self"), in, flat(in));
  Value* places = reshape(c, c.cast(c.tensor("indices"), DataType::kInt64), in, flat(in));
  Value* scattered = c.emit("ScatterElements", {zeros, places, elements}, {{"axis", -1}});
  c.result(reshape(c, scattered, planes, out));
}

}  // namespace

// max_unpool2d, max_unpool3d
void convert_max_unpool(Conversion& c) {
  unpool(c, window_axes(c));
}

}  // namespace slipway::torch::aten
