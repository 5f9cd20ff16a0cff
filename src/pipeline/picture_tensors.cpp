#include "pipeline/picture_tensors.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace slipway::pipeline {
namespace {

double most_of(int depth) {
  return depth == 8 ? 255.0 : 65535.0;
}

// Where colour c (red, green, blue) stands among a tensor's channels.
size_t channel_of(Color order, size_t c) {
  return order == Color::kBgr ? 2 - c : c;
}

// Where the elements of a picture's tensor lie.
struct TensorLayout {
  int64_t channels, height, width;
  bool channels_last;

  int64_t offset(int64_t channel, int64_t y, int64_t x) const {
    return channels_last ? (y * width + x) * channels + channel : (channel * height + y) * width + x;
  }
  int64_t step() const { return channels_last ? channels : 1; }
  Dims dims() const {
    return channels_last ? Dims{1, height, width, channels} : Dims{1, channels, height, width};
  }
};

TensorLayout layout_of(const PictureTensor& description, int64_t height, int64_t width) {
  return {description.channels(), height, width, description.layout == Layout::kNhwc};
}

template <typename Sample>
float sample_at(std::span<const Sample> row, const PictureLayout& layout, size_t x, size_t color) {
  const size_t channels = static_cast<size_t>(layout.channels);
  return static_cast<float>(row[x * channels + (channels >= 3 ? color : 0)]);
}

// (low + (high − low) · s / m − mean) / std
class Normalization {
 public:
  Normalization(const PictureTensor& description, int depth) : d_(description), most_(most_of(depth)) {}
  float operator()(double sample, size_t channel) const {
    const double value = d_.range[0] + (d_.range[1] - d_.range[0]) * sample / most_;
    return static_cast<float>((value - d_.mean[channel]) / d_.std_deviation[channel]);
  }
  // For every sample that there can be: a table costs less than three divisions a pixel.
  std::vector<float> table(size_t channel) const {
    std::vector<float> values;
    for (int sample = 0; sample <= static_cast<int>(most_); ++sample)
      values.push_back((*this)(sample, channel));
    return values;
  }

 private:
  const PictureTensor& d_;
  double most_;
};

Plane empty_plane(const PictureLayout& layout) {
  return {layout.height, layout.width, CountedVector<float>(layout.pixels())};
}

template <typename Sample>
void convert_colors(const Picture& picture, const PictureTensor& description, const TensorLayout& layout,
                    float* out) {
  const Normalization normalize(description, picture.depth());
  for (size_t color = 0; color < 3; ++color) {
    const size_t channel = channel_of(description.color, color);
    const auto table = normalize.table(channel);
    for (uint32_t y = 0; y < picture.height(); ++y) {
      const auto row = picture.row<Sample>(y);
      float* to = out + layout.offset(static_cast<int64_t>(channel), y, 0);
      for (size_t x = 0; x < picture.width(); ++x, to += layout.step())
        *to = table[static_cast<size_t>(sample_at(row, picture.layout(), x, color))];
    }
  }
}

// JPEG's full-range BT.601.
template <typename Sample>
void convert_luma(const Picture& picture, const PictureTensor& description, float* out,
                  PictureAsTensor& aside) {
  const Normalization normalize(description, picture.depth());
  aside.blue_difference = empty_plane(picture.layout());
  aside.red_difference = empty_plane(picture.layout());
  size_t pixel = 0;
  for (uint32_t y = 0; y < picture.height(); ++y) {
    const auto row = picture.row<Sample>(y);
    for (size_t x = 0; x < picture.width(); ++x, ++pixel) {
      const float red = sample_at(row, picture.layout(), x, 0),
                  green = sample_at(row, picture.layout(), x, 1),
                  blue = sample_at(row, picture.layout(), x, 2);
      const float luma = 0.299f * red + 0.587f * green + 0.114f * blue;
      out[pixel] = normalize(double{luma}, 0);
      aside.blue_difference.values[pixel] = 0.564334f * (blue - luma);
      aside.red_difference.values[pixel] = 0.713267f * (red - luma);
    }
  }
}

template <typename Sample>
Plane alpha_of(const Picture& picture) {
  Plane plane = empty_plane(picture.layout());
  const size_t channels = static_cast<size_t>(picture.channels());
  size_t pixel = 0;
  for (uint32_t y = 0; y < picture.height(); ++y) {
    const auto row = picture.row<Sample>(y);
    for (size_t x = 0; x < picture.width(); ++x)
      plane.values[pixel++] = static_cast<float>(row[(x + 1) * channels - 1]);
  }
  return plane;
}

template <typename Sample>
void convert(const Picture& picture, const PictureTensor& description, const TensorLayout& layout,
             PictureAsTensor& result) {
  float* out = result.tensor.data<float>().data();
  if (description.color == Color::kLuma) {
    convert_luma<Sample>(picture, description, out, result);
  } else {
    convert_colors<Sample>(picture, description, layout, out);
  }
  if (picture.layout().has_alpha()) result.alpha = alpha_of<Sample>(picture);
}

template <typename To, typename From>
Tensor converted(const Tensor& tensor) {
  Tensor result(data_type_of<To>, tensor.dims());
  const auto from = tensor.data<From>();
  auto to = result.data<To>();
  for (size_t i = 0; i < from.size(); ++i) to[i] = static_cast<To>(static_cast<float>(from[i]));
  return result;
}

}  // namespace

PictureAsTensor to_tensor(const Picture& picture, const PictureTensor& description, DataType element) {
  const TensorLayout layout = layout_of(description, picture.height(), picture.width());
  PictureAsTensor result;
  result.tensor = Tensor(DataType::kFloat, layout.dims());
  if (picture.depth() == 8) {
    convert<uint8_t>(picture, description, layout, result);
  } else {
    convert<uint16_t>(picture, description, layout, result);
  }
  if (element == DataType::kFloat16) result.tensor = converted<Float16, float>(result.tensor);
  return result;
}

PictureRows::PictureRows(const Tensor& tensor, const Description& description, const PictureLayout& source,
                         const PictureAsTensor& aside)
    : description_(description) {
  layout_.width = source.width * static_cast<uint32_t>(description.scale);
  layout_.height = source.height * static_cast<uint32_t>(description.scale);
  layout_.depth = description.bits.value_or(source.depth);
  aside_scale_ = static_cast<float>(most_of(layout_.depth) / most_of(source.depth));
  const bool has_alpha = !aside.alpha.empty() && description.alpha == Alpha::kBicubic;
  layout_.channels = has_alpha ? 4 : 3;
  const Dims expected = layout_of(description.output, layout_.height, layout_.width).dims();
  if (tensor.dims() != expected)
    fail(ErrorCode::kInvalidModel, "output '{}' is {}, but a picture of {} × {} times {} is {}",
         description.output.name, tensor.describe(), source.height, source.width, description.scale,
         to_string(expected));
  values_ = tensor.type() == DataType::kFloat16 ? converted<float, Float16>(tensor) : tensor;
  if (has_alpha) alpha_.emplace_back(aside.alpha, description.scale);
  if (description.output.color == Color::kLuma) {
    differences_.emplace_back(aside.blue_difference, description.scale);
    differences_.emplace_back(aside.red_difference, description.scale);
  }
  colors_.assign(3, std::vector<float>(layout_.width));
  row_.resize(layout_.row_bytes());
}

// (v · std + mean − low) / (high − low) · m
void PictureRows::read_colors(int64_t y) {
  const PictureTensor& d = description_.output;
  const TensorLayout layout = layout_of(d, layout_.height, layout_.width);
  const float most = static_cast<float>(most_of(layout_.depth));
  const float low = static_cast<float>(d.range[0]), span = static_cast<float>(d.range[1] - d.range[0]);
  for (size_t color = 0; color < static_cast<size_t>(d.channels()); ++color) {
    const size_t channel = d.color == Color::kLuma ? 0 : channel_of(d.color, color);
    const float deviation = static_cast<float>(d.std_deviation[channel]),
                mean = static_cast<float>(d.mean[channel]);
    const float* from = values_.data<float>().data() + layout.offset(static_cast<int64_t>(channel), y, 0);
    for (float& value : colors_[color]) {
      value = (*from * deviation + mean - low) / span * most;
      from += layout.step();
    }
  }
}

void PictureRows::add_color_differences(int64_t y) {
  const auto &blue = differences_[0].row(y), &red = differences_[1].row(y);
  for (size_t x = 0; x < blue.size(); ++x) {
    const float luma = colors_[0][x];
    const float cb = blue[x] * aside_scale_, cr = red[x] * aside_scale_;
    colors_[0][x] = luma + 1.402f * cr;
    colors_[1][x] = luma - 0.344136f * cb - 0.714136f * cr;
    colors_[2][x] = luma + 1.772f * cb;
  }
}

void PictureRows::write_samples(const std::vector<float>& values, size_t channel, size_t channels,
                                Rounding rounding) {
  const float most = static_cast<float>(most_of(layout_.depth));
  for (size_t x = 0; x < values.size(); ++x) {
    // NaN fails the comparison and becomes 0.
    const float inside = values[x] > 0.0f ? std::min(values[x], most) : 0.0f;
    const auto sample =
        static_cast<uint32_t>(rounding == Rounding::kNearest ? std::nearbyint(inside) : std::trunc(inside));
    const size_t place = x * channels + channel;
    if (layout_.depth == 8) {
      row_[place] = static_cast<std::byte>(sample);
    } else {
      reinterpret_cast<uint16_t*>(row_.data())[place] = static_cast<uint16_t>(sample);
    }
  }
}

void PictureRows::write_alpha() {
  std::vector<float> alpha = alpha_[0].row(y_);
  for (float& value : alpha) value *= aside_scale_;
  write_samples(alpha, 3, 4, Rounding::kNearest);
}

std::span<const std::byte> PictureRows::next() {
  read_colors(y_);
  if (!differences_.empty()) add_color_differences(y_);
  const size_t channels = static_cast<size_t>(layout_.channels);
  for (size_t color = 0; color < 3; ++color)
    write_samples(colors_[color], color, channels, description_.rounding);
  if (!alpha_.empty()) write_alpha();
  ++y_;
  return row_;
}

}  // namespace slipway::pipeline
