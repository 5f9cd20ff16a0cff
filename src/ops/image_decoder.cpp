// ImageDecoder: the pixels of a picture file, as u8 of [height, width, channels]. What cannot be decoded is
// an empty picture, says the standard.
#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "image/read_picture.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

enum class PixelFormat { kRgb, kBgr, kGrayscale };

PixelFormat pixel_format(const Node& node) {
  const std::string name = node.string_attribute("pixel_format", "RGB");
  if (name == "RGB") return PixelFormat::kRgb;
  if (name == "BGR") return PixelFormat::kBgr;
  if (name == "Grayscale") return PixelFormat::kGrayscale;
  fail(ErrorCode::kInvalidModel, "pixel_format is '{}', but 'RGB', 'BGR' or 'Grayscale' was expected", name);
}

int64_t channels_of(PixelFormat format) {
  return format == PixelFormat::kGrayscale ? 1 : 3;
}

void infer(InferenceContext& context) {
  if (const auto& shape = context.input_shape(0); shape && shape->size() != 1)
    fail(ErrorCode::kInvalidModel, "the input has rank {}, but the bytes of a file were expected",
         shape->size());
  context.set_output_type(
      0, Type::tensor(DataType::kUint8, Shape{Dim(), Dim(), channels_of(pixel_format(context.node()))}));
}

// Nothing where the file is damaged, of an unknown format, or too large, unless a memory limit was set: that
// one must be heard of.
std::optional<Picture> decoded(const Tensor& file) {
  try {
    return decode_stored_picture(std::as_bytes(file.data<uint8_t>()));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kOutOfMemory && MemoryAccount::current()) throw;
    const ErrorCode reasons[] = {ErrorCode::kInvalidPicture, ErrorCode::kUnsupported,
                                 ErrorCode::kOutOfMemory};
    if (std::find(std::begin(reasons), std::end(reasons), error.code()) == std::end(reasons)) throw;
    return std::nullopt;
  }
}

// ITU-R BT.601's luma in 16 bits of fraction, to the nearest.
uint8_t luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 0x8000) >> 16);
}

// Of 16 bits the upper eight; alpha is left out.
template <typename Sample>
void convert(const Picture& picture, PixelFormat format, uint8_t* out) {
  const auto channels = static_cast<size_t>(picture.channels());
  const bool is_grey = channels < 3;
  for (uint32_t y = 0; y < picture.height(); ++y) {
    const std::span<const Sample> row = picture.row<Sample>(y);
    for (size_t at = 0; at < row.size(); at += channels) {
      uint8_t rgb[3];
      for (size_t c = 0; c < 3; ++c)
        rgb[c] = static_cast<uint8_t>(row[at + (is_grey ? 0 : c)] >> (8 * (sizeof(Sample) - 1)));
      if (format == PixelFormat::kBgr) std::swap(rgb[0], rgb[2]);
      if (format == PixelFormat::kGrayscale)
        *out++ = is_grey ? rgb[0] : luma(rgb);
      else
        out = std::copy(rgb, rgb + 3, out);
    }
  }
}

void compute(KernelContext& context) {
  const Tensor& file = context.input(0);
  const PixelFormat format = pixel_format(context.node());
  if (file.rank() != 1)
    fail(ErrorCode::kInvalidArgument, "the input is {}, but the bytes of a file were expected",
         file.describe());
  const std::optional<Picture> picture = decoded(file);
  const int64_t channels = channels_of(format);
  if (!picture) {
    context.make_output(0, DataType::kUint8, {0, 0, channels});
    return;
  }
  Tensor& output = context.make_output(0, DataType::kUint8, {picture->height(), picture->width(), channels});
  uint8_t* out = output.data<uint8_t>().data();
  picture->depth() == 16 ? convert<uint16_t>(*picture, format, out) : convert<uint8_t>(*picture, format, out);
}

}  // namespace

void register_image_decoder(Registry& registry) {
  registry.add({.name = "ImageDecoder",
                .since_version = 20,
                .inputs = {{"encoded_stream", "T1"}},
                .outputs = {{"image", "T2"}},
                .attributes = {{"pixel_format", Attribute::Kind::kString}},
                .type_constraints = {{"T1", {DataType::kUint8}}, {"T2", {DataType::kUint8}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
