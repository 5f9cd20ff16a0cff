// MelWeightMatrix: triangles, evenly spaced on the mel scale, that gather the bins of a spectrum into bands.
#include <cmath>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/registry.hpp"
#include "ops/type_attribute.hpp"

namespace slipway::ops {
namespace {

DataType output_type(const Node& node) {
  return type_attribute(node, "output_datatype", DataType::kFloat, kNumbers);
}

// One positive number.
int64_t checked(const std::vector<int64_t>& numbers, const char* what) {
  constexpr int64_t kMost = int64_t{1} << 40;
  if (numbers.size() != 1 || numbers[0] < 1 || numbers[0] > kMost)
    fail(ErrorCode::kInvalidArgument, "{} is {}, but one number from 1 to {} was expected", what,
         to_string(numbers), kMost);
  return numbers[0];
}

Dim known_size(const InferenceContext& context, size_t input, const char* what) {
  const auto numbers = context.input_integers(input, what);
  return numbers ? Dim(checked(*numbers, what)) : Dim();
}

void infer(InferenceContext& context) {
  const Dim bands = known_size(context, 0, "num_mel_bins");
  const Dim length = known_size(context, 1, "dft_length");
  context.set_output_type(
      0, Type::tensor(output_type(context.node()), Shape{floor_div(length, 2) + Dim(1), bands}));
}

double read_frequency(const Tensor& tensor, const char* what) {
  const Tensor number = cast_elements(tensor, DataType::kDouble);
  if (number.count() != 1 || !(number.data<double>()[0] >= 0) || std::isinf(number.data<double>()[0]))
    fail(ErrorCode::kInvalidArgument, "{} is {}, but one number of hertz was expected", what,
         tensor.describe());
  return number.data<double>()[0];
}

double to_mel(double hertz) {
  return 2595 * std::log10(1 + hertz / 700);
}

double to_hertz(double mel) {
  return 700 * (std::pow(10, mel / 2595) - 1);
}

// The bins of the spectrum in which the bands begin, peak and end: band i at edges i, i + 1 and i + 2.
std::vector<int64_t> band_edges(KernelContext& context, int64_t bands, int64_t length, int64_t bins) {
  const int64_t rate = checked(read_integers(context.input(2), "sample_rate"), "sample_rate");
  const double low = to_mel(read_frequency(context.input(3), "lower_edge_hertz"));
  const double high = to_mel(read_frequency(context.input(4), "upper_edge_hertz"));
  const double step = (high - low) / static_cast<double>(bands + 2);
  std::vector<int64_t> edges;
  for (int64_t i = 0; i < bands + 2; ++i) {
    const double hertz = to_hertz(static_cast<double>(i) * step + low);
    const double edge = std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate));
    if (!(edge >= 0 && edge < static_cast<double>(bins)) || high < low)
      fail(
          ErrorCode::kInvalidArgument,
          "a band has an edge at {} hertz, which lies outside the spectrum of {} bins at a sample rate of {}",
          hertz, bins, rate);
    edges.push_back(static_cast<int64_t>(edge));
  }
  return edges;
}

void compute(KernelContext& context) {
  const int64_t bands = checked(read_integers(context.input(0), "num_mel_bins"), "num_mel_bins");
  const int64_t length = checked(read_integers(context.input(1), "dft_length"), "dft_length");
  const int64_t bins = length / 2 + 1;
  Tensor matrix = context.allocate(DataType::kDouble, {bins, bands});
  const auto weights = matrix.data<double>();
  std::fill(weights.begin(), weights.end(), 0.0);
  const std::vector<int64_t> edges = band_edges(context, bands, length, bins);
  for (size_t band = 0; band < static_cast<size_t>(bands); ++band) {
    const int64_t begin = edges[band], peak = edges[band + 1], end = edges[band + 2];
    const auto weight = [&](int64_t bin) -> double& {
      return weights[static_cast<size_t>(bin * bands) + band];
    };
    for (int64_t bin = begin; bin < peak; ++bin)
      weight(bin) = static_cast<double>(bin - begin) / static_cast<double>(peak - begin);
    weight(peak) = 1;
    for (int64_t bin = peak + 1; bin < end; ++bin)
      weight(bin) = static_cast<double>(end - bin) / static_cast<double>(end - peak);
  }
  cast_elements(matrix, context.make_output(0, output_type(context.node()), matrix.dims()));
}

}  // namespace

void register_mel_weight_matrix(Registry& registry) {
  registry.add(
      {.name = "MelWeightMatrix",
       .since_version = 17,
       .inputs = {{"num_mel_bins", "T1"},
                  {"dft_length", "T1"},
                  {"sample_rate", "T1"},
                  {"lower_edge_hertz", "T2"},
                  {"upper_edge_hertz", "T2"}},
       .outputs = {{"output", "T3"}},
       .attributes = {{"output_datatype", Attribute::Kind::kInt}},
       .type_constraints = {{"T1", {DataType::kInt32, DataType::kInt64}}, {"T2", kFloats}, {"T3", kNumbers}},
       .infer = infer,
       .compute = compute});
}

}  // namespace slipway::ops
