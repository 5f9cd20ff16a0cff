// What a model says of its pre- and post-processing: the JSON under `slipway.pipeline` in its metadata,
// version 1. docs/pipeline.md defines every field; reading is strict, since a mistake would otherwise show
// only as wrong colours.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/model.hpp"

namespace slipway::pipeline {

inline constexpr std::string_view kMetadataKey = "slipway.pipeline";

enum class Color : uint8_t { kRgb, kBgr, kLuma };
enum class Layout : uint8_t { kNchw, kNhwc };
enum class Rounding : uint8_t { kNearest, kTruncate };
enum class Alpha : uint8_t { kBicubic, kDrop };

// How one side's tensor stands for a picture.
struct PictureTensor {
  std::string name;  // of the graph's input or output
  Color color = Color::kRgb;
  Layout layout = Layout::kNchw;
  std::array<double, 2> range{0.0, 1.0};
  std::vector<double> mean;  // one a channel
  std::vector<double> std_deviation;

  int channels() const { return color == Color::kLuma ? 1 : 3; }
};

struct Description {
  PictureTensor input;
  PictureTensor output;
  int scale = 1;
  Alpha alpha = Alpha::kBicubic;
  Rounding rounding = Rounding::kNearest;
  std::optional<int> bits;  // of the written samples; those of the input picture where not stated
  int64_t max_pixels = int64_t{4096} * 4096;
  std::optional<std::array<int64_t, 2>> typical_size;  // height, width: for benchmarks
};

// Reads a description and holds it against the graph. Throws kInvalidModel naming the field, what stands
// there and what was expected.
Description parse_description(std::string_view json, const Graph& graph);

// The model's description. Throws kInvalidArgument when it carries none.
Description description_of(const Model& model);

}  // namespace slipway::pipeline
