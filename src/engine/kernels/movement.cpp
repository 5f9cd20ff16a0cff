// Concat, Split, Slice, Transpose, Expand, Tile, DepthToSpace and SpaceToDepth, for elements of whole bytes:
// each is a few strided copies.
#include <utility>

#include "engine/kernel.hpp"
#include "engine/kernels/strided_copy.hpp"
#include "ops/depth_to_space.hpp"
#include "ops/inference_context.hpp"
#include "ops/slice.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::engine {
namespace {

using ops::contiguous_strides;

// From the element `from` of an input to the element `to` of an output.
struct Part {
  size_t input;
  int64_t from;
  size_t output;
  int64_t to;
  StridedCopy copy;
};

class Copies : public Kernel {
 public:
  Copies(size_t width, std::vector<Part> parts)
      : width_(static_cast<int64_t>(width)), parts_(std::move(parts)) {}

  void run(const KernelRun& run) const override {
    for (const Part& part : parts_)
      part.copy.run(static_cast<const std::byte*>(run.input(part.input).raw()) + part.from * width_,
                    static_cast<std::byte*>(run.output(part.output).raw()) + part.to * width_, run.pool);
  }

 private:
  int64_t width_;
  std::vector<Part> parts_;
};

// Bytes of an element, 0 for packed types and strings: the reference kernel moves those.
size_t element_bytes(const KernelRequest& request) {
  return static_cast<size_t>(bits_of(request.input_types[0])) / 8;
}

// Output 0 has `sizes` and takes its elements from input 0 by strides.
std::unique_ptr<Kernel> make_copy(const KernelRequest& request, const Dims& sizes, const Dims& strides,
                                  int64_t first = 0) {
  const size_t width = element_bytes(request);
  return std::make_unique<Copies>(
      width, std::vector<Part>{{0, first, 0, 0, {width, sizes, strides, contiguous_strides(sizes)}}});
}

}  // namespace

std::unique_ptr<Kernel> make_concat(const KernelRequest& request) {
  const size_t width = element_bytes(request);
  if (width == 0) return nullptr;
  const Dims& out = request.shapes.outputs[0];
  const size_t axis = ops::normalize_axis(request.node().int_attribute("axis", 0), out.size());
  const Dims strides = contiguous_strides(out);
  std::vector<Part> parts;
  int64_t begin = 0;
  for (size_t i = 0; i < request.shapes.inputs.size(); ++i) {
    const Dims& in = request.shapes.inputs[i];
    parts.push_back({i, 0, 0, begin * strides[axis], {width, in, contiguous_strides(in), strides}});
    begin += in[axis];
  }
  return std::make_unique<Copies>(width, std::move(parts));
}

std::unique_ptr<Kernel> make_split(const KernelRequest& request) {
  const size_t width = element_bytes(request);
  if (width == 0) return nullptr;
  const Dims& in = request.shapes.inputs[0];
  const size_t axis = ops::normalize_axis(request.node().int_attribute("axis", 0), in.size());
  const Dims strides = contiguous_strides(in);
  std::vector<Part> parts;
  int64_t begin = 0;
  for (size_t i = 0; i < request.shapes.outputs.size(); ++i) {
    // Nothing tells the size of a part that nobody wants.
    if (!request.node().output(i)) return nullptr;
    const Dims& out = request.shapes.outputs[i];
    parts.push_back({0, begin * strides[axis], i, 0, {width, out, strides, contiguous_strides(out)}});
    begin += out[axis];
  }
  return std::make_unique<Copies>(width, std::move(parts));
}

std::unique_ptr<Kernel> make_slice(const KernelRequest& request) {
  const auto& constants = request.shapes.constants;
  if (element_bytes(request) == 0) return nullptr;
  for (size_t i = 1; i < constants.size(); ++i)
    if (request.node().input(i) && !constants[i]) return nullptr;
  const auto optional = [&](size_t i) { return i < constants.size() ? constants[i] : nullptr; };
  const auto view =
      ops::slice_view(request.shapes.inputs[0], *constants[1], *constants[2], optional(3), optional(4));
  return make_copy(request, view.dims, view.strides, view.first);
}

std::unique_ptr<Kernel> make_transpose(const KernelRequest& request) {
  const Dims &in = request.shapes.inputs[0], strides = contiguous_strides(in);
  if (element_bytes(request) == 0) return nullptr;
  std::vector<int64_t> reversed;
  for (size_t axis = in.size(); axis-- > 0;) reversed.push_back(static_cast<int64_t>(axis));
  Dims sizes, from;
  for (int64_t axis : request.node().ints_attribute("perm", reversed)) {
    const size_t place = ops::normalize_axis(axis, in.size());
    sizes.push_back(in[place]);
    from.push_back(strides[place]);
  }
  return make_copy(request, sizes, from);
}

std::unique_ptr<Kernel> make_expand(const KernelRequest& request) {
  const Dims& out = request.shapes.outputs[0];
  if (element_bytes(request) == 0) return nullptr;
  return make_copy(request, out, ops::broadcast_strides(request.shapes.inputs[0], out));
}

// Each axis is two: the repetition, which does not move, and the axis itself.
std::unique_ptr<Kernel> make_tile(const KernelRequest& request) {
  const Dims &in = request.shapes.inputs[0], &out = request.shapes.outputs[0];
  if (element_bytes(request) == 0) return nullptr;
  const Dims strides = contiguous_strides(in);
  Dims sizes, from;
  for (size_t axis = 0; axis < in.size(); ++axis) {
    sizes.insert(sizes.end(), {out[axis] / in[axis], in[axis]});
    from.insert(from.end(), {0, strides[axis]});
  }
  return make_copy(request, sizes, from);
}

std::unique_ptr<Kernel> make_depth_to_space(const KernelRequest& request) {
  if (element_bytes(request) == 0) return nullptr;
  const auto view = ops::depth_to_space_view(request.node(), request.shapes.inputs[0]);
  return make_copy(request, view.sizes, view.strides);
}

std::unique_ptr<Kernel> make_space_to_depth(const KernelRequest& request) {
  if (element_bytes(request) == 0) return nullptr;
  const auto view = ops::space_to_depth_view(request.node(), request.shapes.inputs[0]);
  return make_copy(request, view.sizes, view.strides);
}

}  // namespace slipway::engine
