// Windows of signals: hann_window and its like, of a known length, as constants.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "base/error.hpp"
#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {
namespace {

// More are nobody's window: a number in a file must not become a table of that size.
constexpr int64_t kLongest = 1 << 20;
// Of Kaiser's windows, whose Bessel function leaves f64 at 713.
constexpr double kLargestBeta = 700;

// A window's value at a place from 0, its begin, to 1, its end.
template <typename Window>
void convert_window(Conversion& c, const Window& window) {
  const int64_t length = c.integer("window_length");
  const DataType type = c.result_meta().type;
  if (length < 0 || !(c.result_meta().sizes == Shape{Dim(length)}))
    fail(ErrorCode::kInvalidModel, "a window of {} numbers was expected", length);
  if (length > kLongest) c.refuse(fmt::format("a window of {} numbers is too long", length));
  if (!is_floating_point(type)) c.refuse(fmt::format("a window of {} was asked for", name_of(type)));
  const auto steps = static_cast<double>(c.truth("periodic", true) ? length : length - 1);
  c.result(c.constant(element_list(type, {length}, [&](int64_t i) {
    return length == 1 ? 1.0 : window(static_cast<double>(i) / steps);
  })));
}

double turn(double place) {
  return 2 * std::numbers::pi * place;
}

}  // namespace

void convert_hann_window(Conversion& c) {
  convert_window(c, [](double place) { return 0.5 - 0.5 * std::cos(turn(place)); });
}

void convert_hamming_window(Conversion& c) {
  const double alpha = c.number("alpha", 0.54), beta = c.number("beta", 0.46);
  convert_window(c, [&](double place) { return alpha - beta * std::cos(turn(place)); });
}

void convert_blackman_window(Conversion& c) {
  convert_window(
      c, [](double place) { return 0.42 - 0.5 * std::cos(turn(place)) + 0.08 * std::cos(2 * turn(place)); });
}

void convert_bartlett_window(Conversion& c) {
  convert_window(c, [](double place) { return 1 - std::fabs(2 * place - 1); });
}

void convert_kaiser_window(Conversion& c) {
  const double beta = std::fabs(c.number("beta", 12));
  if (!(beta <= kLargestBeta)) c.refuse(fmt::format("beta is {}", beta));
  const double middle = std::cyl_bessel_i(0, beta);
  convert_window(c, [&](double place) {
    const double from_middle = 2 * place - 1;
    const double within = std::sqrt(std::max(0.0, 1 - from_middle * from_middle));
    return std::cyl_bessel_i(0, beta * within) / middle;
  });
}

}  // namespace slipway::torch::aten
