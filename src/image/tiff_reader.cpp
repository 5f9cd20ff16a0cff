#ifndef SLIPWAY_WITHOUT_TIFF

#include "image/tiff_reader.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "image/tiff_library.hpp"

namespace slipway {
namespace {

// What the library may always take, whatever the limit of a picture is.
constexpr uint64_t kLeastWork = uint64_t{16} << 20;

// How samples are stored.
struct Form {
  PictureLayout layout;  // what the picture becomes
  uint16_t photometric;
  uint16_t bits;     // of a sample
  uint16_t samples;  // of a pixel
  bool apart;        // a plane for each sample
  bool alpha;
  bool premultiplied;  // colours are multiplied by alpha
  // Colours beside alpha: 1, 3, or 4 of CMYK.
  uint16_t colours() const { return photometric == PHOTOMETRIC_SEPARATED ? 4 : layout.channels < 3 ? 1 : 3; }
};

bool is_palette(const Form& form) {
  return form.photometric == PHOTOMETRIC_PALETTE;
}

// What the first sample is that is no colour.
uint16_t extra_sample(const TiffFile& file) {
  uint16_t count = 0;
  const uint16_t* kinds = nullptr;
  if (TIFFGetField(file.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1 || count == 0)
    return EXTRASAMPLE_UNSPECIFIED;
  return kinds[0];
}

void check_samples(const TiffFile& file, const Form& form) {
  const auto format = file.tag<uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
    fail(ErrorCode::kUnsupported, "a TIFF whose samples are no unsigned integers");
  const int depths[] = {1, 2, 4, 8, 16};
  if (std::find(std::begin(depths), std::end(depths), form.bits) == std::end(depths))
    fail(ErrorCode::kUnsupported, "a TIFF with samples of {} bits", form.bits);
  const auto compression = file.tag<uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (compression == COMPRESSION_OJPEG || TIFFIsCODECConfigured(compression) != 1)
    fail(ErrorCode::kUnsupported, "a TIFF of compression {}", compression);
}

Form read_form(TiffFile& file) {
  Form form{};
  TIFF* tiff = file.get();
  if (TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &form.layout.width) != 1 ||
      TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &form.layout.height) != 1 || form.layout.width == 0 ||
      form.layout.height == 0)
    fail(ErrorCode::kInvalidPicture, "damaged TIFF: it has no pixels");
  form.bits = file.tag<uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  form.samples = file.tag<uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  form.photometric = file.tag<uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  form.apart = file.tag<uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  form.premultiplied = extra_sample(file) == EXTRASAMPLE_ASSOCALPHA;
  form.alpha = form.premultiplied || extra_sample(file) == EXTRASAMPLE_UNASSALPHA;
  check_samples(file, form);
  int colours = 3;
  switch (form.photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      colours = 1;
      break;
    case PHOTOMETRIC_PALETTE:
      form.alpha = false;
      break;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_SEPARATED:
    case PHOTOMETRIC_YCBCR:
      break;
    default:
      fail(ErrorCode::kUnsupported, "a TIFF of photometric interpretation {}", form.photometric);
  }
  form.layout.channels = colours + (form.alpha ? 1 : 0);
  form.layout.depth = form.bits == 16 && !is_palette(form) ? 16 : 8;
  const int needed = is_palette(form) ? 1 : form.colours() + (form.alpha ? 1 : 0);
  if (form.samples < needed || form.samples > 64)
    fail(ErrorCode::kInvalidPicture, "damaged TIFF: {} samples a pixel for its colours", form.samples);
  return form;
}

// Sample `index` of a row of packed samples, as stored.
uint32_t sample_at(const std::byte* row, size_t index, uint16_t bits) {
  if (bits == 16) {
    uint16_t value;
    std::memcpy(&value, row + 2 * index, sizeof(value));
    return value;
  }
  const size_t bit = index * bits;
  const auto byte = std::to_integer<uint32_t>(row[bit / 8]);
  return byte >> (8 - bits - bit % 8) & ((1U << bits) - 1);
}

// Turns stored samples into those of the picture: rows, or parts of them.
class Converter {
 public:
  Converter(const TiffFile& file, const Form& form, Picture& picture) : form_(form), picture_(picture) {
    if (!is_palette(form)) return;
    if (form.bits > 8 ||
        TIFFGetField(file.get(), TIFFTAG_COLORMAP, &palette_[0], &palette_[1], &palette_[2]) != 1)
      fail(ErrorCode::kInvalidPicture, "damaged TIFF: it has no palette for its pixels");
  }

  // `count` pixels that begin at (x, y), of which `row` has sample `sample`, or all when they are not apart.
  void put(const std::byte* row, uint32_t x, uint32_t y, uint32_t count, uint16_t sample) {
    if (form_.photometric == PHOTOMETRIC_SEPARATED) return put_cmyk(row, x, y, count);
    for (uint32_t i = 0; i < count; ++i) {
      if (is_palette(form_)) {
        if (sample > 0) return;
        const uint32_t index = sample_at(row, form_.apart ? i : size_t{i} * form_.samples, form_.bits);
        for (int c = 0; c < 3; ++c) store(x + i, y, c, static_cast<uint32_t>(palette_[c][index]) >> 8);
      } else if (form_.apart) {
        if (sample < form_.layout.channels) store(x + i, y, sample, scaled(sample_at(row, i, form_.bits)));
      } else {
        for (int c = 0; c < form_.layout.channels; ++c)
          store(x + i, y, c,
                scaled(sample_at(row, size_t{i} * form_.samples + static_cast<size_t>(c), form_.bits)));
      }
    }
  }

 private:
  uint32_t full() const { return form_.layout.depth == 16 ? 0xffff : 0xff; }
  // To the full range: 255 is a multiple of the highest sample of fewer bits.
  uint32_t scaled(uint32_t sample) const {
    return form_.bits < 8 ? sample * (0xffU / ((1U << form_.bits) - 1)) : sample;
  }
  void store(uint32_t x, uint32_t y, int channel, uint32_t value) {
    const bool is_colour = !form_.alpha || channel != form_.layout.channels - 1;
    if (form_.photometric == PHOTOMETRIC_MINISWHITE && is_colour) value = full() - value;
    const size_t at = size_t{x} * static_cast<size_t>(form_.layout.channels) + static_cast<size_t>(channel);
    if (form_.layout.depth == 16)
      picture_.row<uint16_t>(y)[at] = static_cast<uint16_t>(value);
    else
      picture_.row<uint8_t>(y)[at] = static_cast<uint8_t>(value);
  }
  void put_cmyk(const std::byte* row, uint32_t x, uint32_t y, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      const size_t pixel = size_t{i} * form_.samples;
      const uint64_t paper = full() - scaled(sample_at(row, pixel + 3, form_.bits));
      for (int c = 0; c < 3; ++c) {
        const uint64_t ink = scaled(sample_at(row, pixel + static_cast<size_t>(c), form_.bits));
        const uint64_t covered = (ink * paper * 2 + full()) / (2 * full());
        store(x + i, y, c, static_cast<uint32_t>(paper - covered));
      }
      if (form_.alpha) store(x + i, y, 3, scaled(sample_at(row, pixel + 4, form_.bits)));
    }
  }

  const Form& form_;
  Picture& picture_;
  uint16_t* palette_[3] = {};
};

// Bytes of samples that the library hands out at a time; what a file may state of them is bounded.
std::vector<std::byte> buffer_of(TiffFile& file, tmsize_t bytes, uint64_t most_bytes) {
  if (bytes <= 0) file.fail_damaged();
  if (static_cast<uint64_t>(bytes) > most_bytes)
    fail(ErrorCode::kOutOfMemory, "a TIFF whose parts have {} bytes; the limit is {}", bytes, most_bytes);
  return std::vector<std::byte>(static_cast<size_t>(bytes));
}

void read_strips(TiffFile& file, const Form& form, Converter& converter, uint64_t most_bytes) {
  std::vector<std::byte> row = buffer_of(file, TIFFScanlineSize(file.get()), most_bytes);
  const size_t samples = form.apart ? 1 : form.samples;
  if (row.size() < (size_t{form.layout.width} * samples * form.bits + 7) / 8) file.fail_damaged();
  for (uint16_t plane = 0; plane < (form.apart ? form.samples : 1); ++plane)
    for (uint32_t y = 0; y < form.layout.height; ++y) {
      if (TIFFReadScanline(file.get(), row.data(), y, plane) != 1) file.fail_damaged();
      converter.put(row.data(), 0, y, form.layout.width, plane);
    }
}

void read_tiles(TiffFile& file, const Form& form, Converter& converter, uint64_t most_bytes) {
  const auto width = file.tag<uint32_t>(TIFFTAG_TILEWIDTH, 0),
             height = file.tag<uint32_t>(TIFFTAG_TILELENGTH, 0);
  if (width == 0 || height == 0) file.fail_damaged();
  std::vector<std::byte> tile = buffer_of(file, TIFFTileSize(file.get()), most_bytes);
  const uint64_t samples = form.apart ? 1 : form.samples;
  const uint64_t row_bytes = (width * samples * form.bits + 7) / 8;
  if (row_bytes * height > tile.size()) file.fail_damaged();
  for (uint16_t plane = 0; plane < (form.apart ? form.samples : 1); ++plane)
    for (uint64_t top = 0; top < form.layout.height; top += height)
      for (uint64_t left = 0; left < form.layout.width; left += width) {
        if (TIFFReadTile(file.get(), tile.data(), static_cast<uint32_t>(left), static_cast<uint32_t>(top), 0,
                         plane) <= 0)
          file.fail_damaged();
        const auto rows = static_cast<uint32_t>(std::min<uint64_t>(height, form.layout.height - top));
        const auto columns = static_cast<uint32_t>(std::min<uint64_t>(width, form.layout.width - left));
        for (uint32_t y = 0; y < rows; ++y)
          converter.put(tile.data() + y * row_bytes, static_cast<uint32_t>(left),
                        static_cast<uint32_t>(top) + y, columns, plane);
      }
}

// YCbCr by the library's own conversion, which knows its kinds of subsampling: four bytes a pixel.
void read_ycbcr(TiffFile& file, Picture& picture, uint64_t most_bytes) {
  const PictureLayout& layout = picture.layout();
  const auto pixels = static_cast<size_t>(layout.pixels());
  if (pixels > most_bytes / 4) buffer_of(file, static_cast<tmsize_t>(4 * pixels), most_bytes);
  std::vector<uint32_t> raster(pixels);
  if (TIFFReadRGBAImageOriented(file.get(), layout.width, layout.height, raster.data(),
                                file.tag<uint16_t>(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT), 1) != 1)
    file.fail_damaged();
  uint8_t* out = reinterpret_cast<uint8_t*>(picture.bytes().data());
  for (const uint32_t pixel : raster) {
    *out++ = static_cast<uint8_t>(TIFFGetR(pixel));
    *out++ = static_cast<uint8_t>(TIFFGetG(pixel));
    *out++ = static_cast<uint8_t>(TIFFGetB(pixel));
  }
}

// Colours as they were before they were multiplied by alpha: cut, as in Pillow.
template <typename Sample>
void divide_by_alpha(Picture& picture) {
  constexpr uint32_t kFull = std::numeric_limits<Sample>::max();
  const auto channels = static_cast<size_t>(picture.channels());
  for (uint32_t y = 0; y < picture.height(); ++y) {
    const std::span<Sample> row = picture.row<Sample>(y);
    for (size_t pixel = 0; pixel < row.size(); pixel += channels) {
      const uint32_t alpha = row[pixel + channels - 1];
      for (size_t i = pixel; alpha > 0 && i + 1 < pixel + channels; ++i)
        row[i] = static_cast<Sample>(std::min(kFull, row[i] * kFull / alpha));
    }
  }
}

Orientation orientation_of(const TiffFile& file) {
  const auto stated = file.tag<uint16_t>(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  return stated >= 1 && stated <= 8 ? static_cast<Orientation>(stated) : Orientation::kUpright;
}

}  // namespace

StoredPicture decode_tiff(std::span<const std::byte> bytes, const PictureLimits& limits) {
  const uint64_t most_bytes = std::max(limits.max_bytes, kLeastWork);
  TiffFile file(bytes, most_bytes);
  const Form form = read_form(file);
  check_limits("TIFF", form.layout, limits);
  const auto compression = file.tag<uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  const bool is_ycbcr = form.photometric == PHOTOMETRIC_YCBCR;
  // JPEG's own colours are its decoder's to convert.
  if (is_ycbcr && compression == COMPRESSION_JPEG && !form.apart)
    TIFFSetField(file.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  Picture picture(form.layout);
  if (is_ycbcr && (compression != COMPRESSION_JPEG || form.apart)) {
    if (form.bits != 8 || form.alpha)
      fail(ErrorCode::kUnsupported, "a TIFF of YCbCr with alpha or samples of {} bits", form.bits);
    read_ycbcr(file, picture, most_bytes);
  } else {
    if (form.apart && form.photometric == PHOTOMETRIC_SEPARATED)
      fail(ErrorCode::kUnsupported, "a TIFF of CMYK whose inks stand apart");
    Converter converter(file, form, picture);
    TIFFIsTiled(file.get()) ? read_tiles(file, form, converter, most_bytes)
                            : read_strips(file, form, converter, most_bytes);
  }
  if (form.premultiplied && form.alpha)
    form.layout.depth == 16 ? divide_by_alpha<uint16_t>(picture) : divide_by_alpha<uint8_t>(picture);
  return {std::move(picture), orientation_of(file)};
}

}  // namespace slipway

#endif  // SLIPWAY_WITHOUT_TIFF
