// Kernels of spatially local operators (convolution, pooling, resize) that can make any rectangle of their
// output plane from the rectangle of the input that it depends on. The depth-first executor strings them
// together tile by tile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/kernel.hpp"
#include "ops/footprint.hpp"

namespace slipway::engine {

using ops::Interval;

// The part of a [channels][height][width] image that is in memory. Rows and columns count in the coordinates
// of the whole image and may reach beyond it, where padding is stored.
struct PlaneView {
  float* data = nullptr;  // of (channel 0, rows.begin, columns.begin)
  int64_t channel_stride = 0;
  int64_t row_stride = 0;
  Interval rows;
  Interval columns;

  float* at(int64_t channel, int64_t row, int64_t column) const {
    return data + channel * channel_stride + (row - rows.begin) * row_stride + (column - columns.begin);
  }
};

struct ImageShape {
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;
};

class RegionKernel {
 public:
  virtual ~RegionKernel() = default;

  ImageShape input_shape() const { return input_; }
  ImageShape output_shape() const { return output_; }

  // Rows (columns) of the input that these rows (columns) of the output need. They may reach beyond the
  // image: there, the view holds padding_value().
  virtual Interval input_rows(Interval output_rows) const = 0;
  virtual Interval input_columns(Interval output_columns) const = 0;
  virtual float padding_value() const { return 0.0f; }
  // Does run() stay inside the rows and columns that it asked for? Otherwise it may read kLanePadding floats
  // more.
  virtual bool reads_exactly() const { return false; }
  // Floats of working memory to make a rectangle of this size.
  virtual size_t scratch_floats(int64_t rows, int64_t columns) const {
    static_cast<void>(rows), static_cast<void>(columns);
    return 0;
  }
  // Floats of constants that every rectangle reads: they compete with the tiles for the cache.
  virtual size_t constant_floats() const { return 0; }
  // Makes rows × columns of all channels. `out` holds them, `in` holds what they need. Writes nothing else.
  virtual void run(const PlaneView& in, const PlaneView& out, Interval rows, Interval columns,
                   float* scratch) const = 0;

 protected:
  ImageShape input_;
  ImageShape output_;
};

using MakeRegionKernel = std::unique_ptr<RegionKernel> (*)(const KernelRequest&);

// The region kernel for a request (input 0 is the image, the other inputs are constants), or nullptr.
std::unique_ptr<RegionKernel> make_region_kernel(const KernelRequest& request);

}  // namespace slipway::engine
