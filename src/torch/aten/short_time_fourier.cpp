// stft and istft: the spectra of the frames of a signal, and the signal that has such spectra.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "torch/aten/complex.hpp"
#include "torch/aten/fourier.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/pad.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"
#include "torch/ir/complex_pairs.hpp"

namespace slipway::torch::aten {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

// Frames of `length` samples, one begins every `step`.
struct Frames {
  explicit Frames(const Conversion& c)
      : length(c.integer("n_fft")),
        step(c.integer("hop_length", length / 4)),
        window(c.integer("win_length", length)) {
    if (length < 1 || step < 1 || window < 1 || window > length)
      c.refuse(fmt::format("frames of {} samples, one every {}, with windows of {} are none", length, step,
                           window));
  }
  int64_t length, step, window;
};

// A window that is shorter than the frames stands in their middle. nullptr: ones throughout.
Value* window_of(Conversion& c, const Frames& frames, DataType part) {
  if (c.has("window") && ir::is_complex(c.meta("window").type)) c.refuse("its window is complex");
  const int64_t before = (frames.length - frames.window) / 2;
  const int64_t after = frames.length - frames.window - before;
  Value* window = nullptr;
  if (c.has("window"))
    window = operand(c, "window", part);
  else if (before + after > 0)
    window = c.emit("Expand", {c.scalar(part, 1.0), c.ints({frames.window})});
  return before + after > 0 ? c.emit("Pad", {window, c.ints({before, after})}) : window;
}

// stft.center pads the signal; torch.stft does so itself.
Value* centred(Conversion& c, Value* signal, const Frames& frames) {
  const int64_t half = frames.length / 2;
  return c.emit("Pad", {signal, c.ints({0, half, 0, 0, half, 0})},
                pad_mode(c, c.text("pad_mode", "reflect")));
}

bool is_onesided(const Conversion& c, bool otherwise) {
  return c.truth("onesided", otherwise);
}

Value* times(Conversion& c, Value* value, DataType part, double factor) {
  return c.emit("Mul", {value, c.scalar(part, factor)});
}

// [batch, frames, length], each behind the one before by a step and added up: [batch, samples].
Value* overlapped(Conversion& c, Value* value, const Frames& frames, const Dim& samples, const Shape& sizes) {
  Value* columns = transpose(c, value, {0, 2, 1});
  const Shape image = {1, samples};
  Value* signal = c.emit("Col2Im", {columns, c.shape(image), c.ints({1, frames.length})},
                         {{"strides", std::vector<int64_t>{1, frames.step}}});
  return reshape(c, signal, {sizes[0], 1, 1, samples}, {sizes[0], samples});
}

// What istft keeps of its sum: without the halves of frames that stand out, and up to the length that is
// asked for, with zeros behind where there is less.
class Kept {
 public:
  Kept(Conversion& c, const Frames& frames, const Dim& samples)
      : c_(c), samples_(samples), begin_(c.truth("center", true) ? frames.length / 2 : 0) {
    if (c.has("length")) end_ = stated_size(c, "length") + Dim(begin_);
  }

  Value* of(Value* sum) const {
    Value* end = end_ ? c_.shape({&*end_, 1}) : c_.ints({begin_ > 0 ? -begin_ : kEnd});
    return c_.emit("Slice", {sum, c_.ints({begin_}), end, c_.ints({1})});
  }

  Value* filled(Value* signal) const {
    if (!end_) return signal;
    const bool known = end_->is_known() && samples_.is_known();
    if (known && end_->value() <= samples_.value()) return signal;
    Value* more = c_.emit("Sub", {c_.shape({&*end_, 1}), c_.shape({&samples_, 1})});
    more = c_.emit("Max", {more, c_.ints({0})});
    return c_.emit("Pad", {signal, c_.emit("Concat", {c_.ints({0, 0, 0}), more}, {{"axis", 0}})});
  }

 private:
  Conversion& c_;
  const Dim& samples_;
  int64_t begin_;
  std::optional<Dim> end_;
};

}  // namespace

// [.., samples] to [.., bins, frames]
void convert_stft(Conversion& c) {
  const Frames frames(c);
  const DataType type = c.meta("self").type;
  const bool complex = ir::is_complex(type), batched = c.rank("self") == 2;
  const DataType part = complex ? ir::part_type(type) : type;
  if (!is_floating_point(part) || c.rank("self") < 1 || c.rank("self") > 2)
    c.refuse("its signal must be real or complex, of one axis or two");
  if (c.truth("align_to_window", false)) c.refuse("its frames are aligned to the window");
  Value* signal = complex ? c.tensor("self") : unsqueeze(c, c.tensor("self"), {c.rank("self")});
  if (!batched) signal = unsqueeze(c, signal, {0});
  const bool is_center = c.call().target == "aten.stft.center";
  if (is_center && c.truth("center", true)) signal = centred(c, signal, frames);
  const bool onesided = is_onesided(c, !complex);
  Value* made =
      c.emit("STFT", {signal, integer(c, frames.step), window_of(c, frames, part), integer(c, frames.length)},
             onesided ? Attributes{} : Attributes{{"onesided", 0}});
  if (c.truth("normalized", false))
    made = times(c, made, part, 1 / std::sqrt(static_cast<double>(frames.length)));
  made = transpose(c, made, {0, 2, 1, 3});
  c.result(batched ? made : squeeze(c, made, {0}));
}

// [.., bins, frames] to [.., samples]: the frames are added up, and divided by the squares of their windows.
void convert_istft(Conversion& c) {
  const Frames frames(c);
  if (ir::is_complex(c.result_meta().type)) c.refuse("its signal is complex (return_complex)");
  if (c.rank("self") < 2 || c.rank("self") > 3) c.refuse("its spectra must have two axes or three");
  const DataType part = c.result_meta().type;
  const bool batched = c.rank("self") == 3;
  const Shape& sizes = c.meta("self").sizes;
  const Shape frame_sizes = {batched ? sizes[0] : Dim(1), sizes.back(), frames.length};
  const Dim samples = (sizes.back() - Dim(1)) * Dim(frames.step) + Dim(frames.length);

  Value* spectra = c.tensor("self");
  if (!batched) spectra = unsqueeze(c, spectra, {0});
  spectra = transpose(c, spectra, {0, 2, 1, 3});
  const bool onesided = is_onesided(c, sizes.end()[-2] != Dim(frames.length));
  const Dft dft{.axis = 2, .length = Dim(frames.length), .inverse = true, .onesided = onesided};
  Value* pieces = emit_dft(c, spectra, dft);
  pieces = onesided ? squeeze(c, pieces, {3}) : gather(c, pieces, integer(c, 0), 3);
  if (c.truth("normalized", false))
    pieces = times(c, pieces, part, std::sqrt(static_cast<double>(frames.length)));
  Value* window = window_of(c, frames, part);
  Value* squares = window ? c.emit("Mul", {window, window}) : c.scalar(part, 1.0);
  if (window) pieces = c.emit("Mul", {pieces, window});

  Value* sum = overlapped(c, pieces, frames, samples, frame_sizes);
  const Shape one = {1, frame_sizes[1], frames.length};
  Value* weight = overlapped(c, c.emit("Expand", {squares, c.shape(one)}), frames, samples, one);

  const Kept kept(c, frames, samples);
  Value* signal = c.emit("Div", {kept.of(sum), kept.of(weight)});
  signal = kept.filled(signal);
  c.result(batched ? signal : squeeze(c, signal, {0}));
}

}  // namespace slipway::torch::aten
