// torch.fft: transforms along axes, and what PyTorch decomposes them into.
#include "torch/aten/fourier.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "torch/aten/complex.hpp"
#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"
#include "torch/ir/complex_pairs.hpp"

namespace slipway::torch::aten {
namespace {

using ir::is_complex;
using ir::part_type;

// Of more no frequencies are listed: a number in a file must not become a table of that size.
constexpr int64_t kMostSamples = 1 << 24;

// What a transform is divided by; the numbers are PyTorch's.
enum class Norm : int64_t { kNothing = 0, kRootOfCount = 1, kCount = 2 };

int64_t from_front(const Conversion& c, int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) c.refuse(fmt::format("it has no axis {}", axis));
  return axis < 0 ? axis + rank : axis;
}

// One call: which axes are transformed, to which lengths, and what was done so far.
class Transform {
 public:
  Transform(Conversion& c, DataType part)
      : c_(c), part_(part), sizes_(c.meta("self").sizes), is_complex_(is_complex(c.meta("self").type)) {
    const auto rank = static_cast<int64_t>(sizes_.size());
    value_ = is_complex_ ? pair_operand(c, "self", part) : unsqueeze(c, operand(c, "self", part), {rank});
  }

  void add_axis(int64_t axis, std::optional<Dim> length) {
    const auto rank = static_cast<int64_t>(sizes_.size());
    axes_.push_back({from_front(c_, axis, rank), std::move(length)});
  }
  void set_last_length(Dim length) { axes_.back().length = std::move(length); }
  const Dim& last_size() const { return sizes_[static_cast<size_t>(axes_.back().axis)]; }
  bool last_length_is_stated() const { return axes_.back().length.has_value(); }

  void all(bool inverse) {
    for (const Axis& axis : axes_) apply(axis, {.inverse = inverse});
  }
  void all_but_last(bool inverse) {
    for (size_t i = 0; i + 1 < axes_.size(); ++i) apply(axes_[i], {.inverse = inverse});
  }
  // Of reals, the first half.
  void last_to_half() {
    if (is_complex_) c_.refuse("its input is complex, but must be real");
    apply(axes_.back(), {.onesided = true});
  }
  // Of the first half, reals. Not all engines leave out what is too much of it.
  void last_to_reals() {
    const Axis& last = axes_.back();
    const Dim needed = floor_div(*last.length, 2) + Dim(1), &size = last_size();
    const bool fits =
        size == needed || (size.is_known() && needed.is_known() && size.value() < needed.value());
    if (!fits)
      value_ = c_.emit("Slice", {value_, c_.ints({0}), c_.shape({&needed, 1}), c_.ints({last.axis})});
    apply(last, {.inverse = true, .onesided = true});
  }
  void conjugate() { value_ = conjugated(c_, value_, part_); }

  // The result, divided as the norm says. ONNX divides by the length, if it goes backwards.
  Value* result(Norm norm) {
    const double exponent = -0.5 * static_cast<double>(norm);
    if (count_.is_known() && divided_.is_known()) {
      const double factor =
          std::pow(static_cast<double>(count_.value()), exponent) * static_cast<double>(divided_.value());
      if (factor != 1) value_ = c_.emit("Mul", {value_, c_.scalar(part_, factor)});
    } else {
      if (norm != Norm::kNothing && !(norm == Norm::kCount && count_ == divided_))
        value_ = c_.emit("Mul", {value_, c_.emit("Pow", {number(count_), c_.scalar(part_, exponent)})});
      if (!(divided_ == Dim(1)) && !(norm == Norm::kCount && count_ == divided_))
        value_ = c_.emit("Mul", {value_, number(divided_)});
    }
    return is_complex(c_.result_meta().type) ? value_ : c_.emit("Squeeze", {value_, c_.ints({-1})});
  }

 private:
  struct Axis {
    int64_t axis;
    std::optional<Dim> length;
  };

  void apply(const Axis& axis, Dft dft) {
    const Dim& size = sizes_[static_cast<size_t>(axis.axis)];
    const Dim otherwise = dft.inverse && dft.onesided ? (size - Dim(1)) * Dim(2) : size;
    const Dim count = axis.length.value_or(otherwise);
    dft.axis = axis.axis;
    if (!(count == otherwise)) dft.length = count;
    count_ = count_ * count;
    if (dft.inverse) divided_ = divided_ * count;
    value_ = emit_dft(c_, value_, dft);
  }

  Value* number(const Dim& dim) {
    return c_.emit("Cast", {c_.emit("Squeeze", {c_.shape({&dim, 1})})}, {{"to", part_}});
  }

  Conversion& c_;
  DataType part_;
  Shape sizes_;
  bool is_complex_;
  Value* value_ = nullptr;
  std::vector<Axis> axes_;
  Dim count_ = 1, divided_ = 1;
};

// irfft of "fft_irfft2"
struct Kind {
  explicit Kind(std::string_view name) {
    name.remove_prefix(std::string_view("fft_").size());
    inverse = name.starts_with("i");
    if (inverse) name.remove_prefix(1);
    of_reals = name.starts_with("r");
    hermitian = name.starts_with("h");
    of_two = name.ends_with("2");
    of_many = name.ends_with("n");
  }
  bool inverse, of_reals, hermitian, of_two, of_many;
};

DataType type_of_parts(const Conversion& c) {
  const DataType type = c.result_meta().type;
  return is_complex(type) ? part_type(type) : type;
}

// The lengths `s`, of which -1 is the size that is there. Empty when they are absent.
std::vector<std::optional<Dim>> stated_lengths(const Conversion& c) {
  std::vector<std::optional<Dim>> lengths;
  if (!c.has("s")) return lengths;
  for (const Dim& length : c.dims("s")) lengths.emplace_back(length);
  const auto* numbers = c.call().find("s")->as<std::vector<ir::Int>>();
  for (size_t i = 0; numbers && i < lengths.size(); ++i)
    if ((*numbers)[i].is_constant() && (*numbers)[i].constant == -1) lengths[i].reset();
  return lengths;
}

// From `dim` and the lengths `s`, or `n`.
void read_axes(const Conversion& c, const Kind& kind, Transform& transform) {
  if (!kind.of_two && !kind.of_many) {
    std::optional<Dim> length;
    if (c.has("n")) length = stated_size(c, "n");
    return transform.add_axis(c.integer("dim", -1), length);
  }
  const std::vector<std::optional<Dim>> lengths = stated_lengths(c);
  const int64_t rank = c.rank("self");
  const auto last = [&](int64_t count) { return consecutive(rank - count, count); };
  std::vector<int64_t> axes =
      kind.of_two ? last(2) : last(c.has("s") ? static_cast<int64_t>(lengths.size()) : rank);
  if (c.has("dim")) axes = c.integers("dim");
  if (axes.empty() || (!lengths.empty() && lengths.size() != axes.size()))
    c.refuse("it must have a length for each axis");
  for (size_t i = 0; i < axes.size(); ++i)
    transform.add_axis(axes[i], i < lengths.size() ? lengths[i] : std::nullopt);
}

Norm norm_of(const Conversion& c, bool inverse) {
  const std::string norm = c.text("norm", "backward");
  if (norm == "ortho") return Norm::kRootOfCount;
  if (norm != "forward" && norm != "backward")
    c.refuse(fmt::format("the norm '{}' is none of forward, backward and ortho", norm));
  return (norm == "backward") == inverse ? Norm::kCount : Norm::kNothing;
}

Norm stated_norm(const Conversion& c) {
  const int64_t norm = c.integer("normalization");
  if (norm < 0 || norm > 2) c.refuse(fmt::format("there is no normalization {}", norm));
  return static_cast<Norm>(norm);
}

Transform stated_transform(Conversion& c) {
  Transform transform(c, type_of_parts(c));
  const auto axes = c.integers("dim");
  if (axes.empty()) c.refuse("it has no axes");
  for (const int64_t axis : axes) transform.add_axis(axis, {});
  return transform;
}

}  // namespace

Value* emit_dft(Conversion& c, Value* value, const Dft& dft) {
  Value* length = nullptr;
  if (dft.length)
    length = dft.length->is_known() ? integer(c, dft.length->value())
                                    : c.emit("Squeeze", {c.shape({&*dft.length, 1})});
  Attributes attributes;
  if (dft.inverse) attributes.emplace_back("inverse", 1);
  if (dft.onesided) attributes.emplace_back("onesided", 1);
  return c.emit("DFT", {value, length, integer(c, dft.axis)}, attributes);
}

// fft_fft, fft_irfft2, fft_hfftn and all the others
void convert_fft(Conversion& c) {
  const Kind kind(operator_name(c));
  Transform transform(c, type_of_parts(c));
  read_axes(c, kind, transform);
  if ((kind.of_reals && kind.inverse) || (kind.hermitian && !kind.inverse)) {
    if (!transform.last_length_is_stated())
      transform.set_last_length((transform.last_size() - Dim(1)) * Dim(2));
    transform.all_but_last(kind.inverse);
    if (kind.hermitian) transform.conjugate();
    transform.last_to_reals();
  } else if (kind.of_reals || kind.hermitian) {
    transform.last_to_half();
    if (kind.hermitian) transform.conjugate();
    transform.all_but_last(kind.inverse);
  } else {
    transform.all(kind.inverse);
  }
  c.result(transform.result(norm_of(c, kind.inverse)));
}

// _fft_r2c: of reals; `onesided`: the first half of the last axis
void convert_fft_of_reals(Conversion& c) {
  Transform transform = stated_transform(c);
  if (c.truth("onesided")) {
    transform.last_to_half();
    transform.all_but_last(false);
  } else {
    transform.all(false);
  }
  c.result(transform.result(stated_norm(c)));
}

// _fft_c2r: backwards, of the first half of the last axis
void convert_fft_to_reals(Conversion& c) {
  Transform transform = stated_transform(c);
  transform.set_last_length(stated_size(c, "last_dim_size"));
  transform.all_but_last(true);
  transform.last_to_reals();
  c.result(transform.result(stated_norm(c)));
}

// _fft_c2c
void convert_complex_fft(Conversion& c) {
  Transform transform = stated_transform(c);
  transform.all(!c.truth("forward"));
  c.result(transform.result(stated_norm(c)));
}

// fft_fftshift, fft_ifftshift: the halves of axes change places.
void convert_fft_shift(Conversion& c) {
  const bool inverse = operator_name(c) == "fft_ifftshift";
  const int64_t rank = c.rank("self");
  Value* value = c.tensor("self");
  for (const int64_t given : c.integers("dim", consecutive(0, rank))) {
    const int64_t axis = from_front(c, given, rank);
    const Dim& size = c.meta("self").sizes[static_cast<size_t>(axis)];
    const Dim half = floor_div(inverse ? size : size + Dim(1), 2);
    Value *middle = c.shape({&half, 1}), *along = c.ints({axis});
    Value* back = c.emit("Slice", {value, middle, c.ints({std::numeric_limits<int64_t>::max()}), along});
    value = concat(c, {back, c.emit("Slice", {value, c.ints({0}), middle, along})}, axis);
  }
  c.result(value);
}

// fft_fftfreq, fft_rfftfreq: the frequencies of n samples that are d apart
void convert_frequencies(Conversion& c) {
  const int64_t n = c.integer("n");
  if (n < 1 || n > kMostSamples) c.refuse(fmt::format("frequencies of {} samples are not listed", n));
  const double unit = 1 / (static_cast<double>(n) * c.number("d", 1));
  const bool half = operator_name(c) == "fft_rfftfreq";
  const int64_t count = half ? n / 2 + 1 : n, positive = half ? count : (n + 1) / 2;
  if (!(c.result_meta().sizes == Shape{Dim(count)}))
    fail(ErrorCode::kInvalidModel, "{} frequencies of {} samples were expected", count, n);
  c.result(c.constant(element_list(c.result_meta().type, {count}, [&](int64_t i) {
    return static_cast<double>(i < positive ? i : i - n) * unit;
  })));
}

}  // namespace slipway::torch::aten
