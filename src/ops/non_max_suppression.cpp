// NonMaxSuppression: of the boxes of a class, those with the highest scores that do not overlap a better one
// too much. All arithmetic is in f32, as in other engines: which boxes stay must not hang on a last bit.
#include <algorithm>
#include <bit>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

struct Box {
  float top, left, bottom, right, area;
};

Box box_between(float top, float left, float bottom, float right) {
  return {top, left, bottom, right, (bottom - top) * (right - left)};
}

Box box_at(const float* numbers, bool is_centred) {
  if (is_centred) {
    const float x = numbers[0], y = numbers[1], width = numbers[2] / 2, height = numbers[3] / 2;
    return box_between(y - height, x - width, y + height, x + width);
  }
  return box_between(std::min(numbers[0], numbers[2]), std::min(numbers[1], numbers[3]),
                     std::max(numbers[0], numbers[2]), std::max(numbers[1], numbers[3]));
}

// Intersection over union; 0 where either has no area.
float overlap(const Box& a, const Box& b) {
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0 || a.area <= 0 || b.area <= 0) return 0;
  const float common = height * width, all = a.area + b.area - common;
  return common <= 0 || all <= 0 ? 0 : common / all;
}

// Is the overlap above the limit? Nearly always that is plain without the quotient; where rounding could
// decide, the quotient does.
bool overlaps(const Box& a, const Box& b, float limit) {
  if (!(limit > 0) || a.area <= 0 || b.area <= 0) return overlap(a, b) > limit;
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float common = std::max(height, 0.0f) * std::max(width, 0.0f);
  const float bound = limit * (a.area + b.area - common);
  if (common < bound * 0.999f) return false;
  if (common > bound * 1.001f) return true;
  return overlap(a, b) > limit;
}

template <typename T>
std::optional<T> scalar_input(const KernelContext& context, size_t index, const char* what) {
  if (!context.has_input(index) || context.input(index).empty()) return std::nullopt;
  const Tensor& tensor = context.input(index);
  if (tensor.count() != 1)
    fail(ErrorCode::kInvalidArgument, "{} is {}, but one number was expected", what, tensor.describe());
  return tensor.data<T>()[0];
}

struct Limits {
  int64_t boxes;
  float overlap;
  std::optional<float> score;
};

// A box by its score and, below 32 bits, its place: the least is the best, and of equal scores the first.
using Candidate = uint64_t;

// Scores that are no numbers count as the worst, so that the order is one.
Candidate candidate_of(float score, size_t place) {
  const float number = score == score ? score + 0.0f : -std::numeric_limits<float>::infinity();
  const auto bits = std::bit_cast<uint32_t>(number);
  const uint32_t rank = bits >> 31 != 0 ? bits : ~bits & 0x7FFFFFFFu;
  return Candidate{rank} << 32 | place;
}

// The boxes of one class that stay, best first. Keeps its memory from class to class.
class Selection {
 public:
  explicit Selection(const Limits& limits) : limits_(limits) {}

  // `boxes` has four numbers for each score. Calls keep(place of the box).
  template <typename Keep>
  void select(const float* boxes, std::span<const float> scores, bool is_centred, Keep keep) {
    kept_.clear();
    // Written without a branch: how a score compares cannot be foretold.
    candidates_.resize(scores.size());
    size_t count = 0;
    for (size_t i = 0; i < scores.size(); ++i) {
      candidates_[count] = candidate_of(scores[i], i);
      count += !limits_.score || scores[i] > *limits_.score ? 1 : 0;
    }
    candidates_.resize(count);
    size_t sorted = 0;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      if (static_cast<int64_t>(kept_.size()) >= limits_.boxes) return;
      if (i == sorted) sorted = sort_more(sorted);
      const auto place = static_cast<int64_t>(candidates_[i] & 0xFFFFFFFFu);
      const Box box = box_at(boxes + place * 4, is_centred);
      WorkScope::spend(static_cast<double>(kept_.size()));
      const bool is_covered = std::any_of(kept_.begin(), kept_.end(), [&](const Box& better) {
        return overlaps(box, better, limits_.overlap);
      });
      if (is_covered) continue;
      kept_.push_back(box);
      keep(place);
    }
  }

 private:
  // Far from all may be needed, so they are sorted by and by. Returns how many are.
  size_t sort_more(size_t sorted) {
    const size_t left = candidates_.size() - sorted;
    const auto wanted = static_cast<size_t>(std::clamp<int64_t>(limits_.boxes, 32, int64_t{1} << 31));
    const size_t count = std::min(left, wanted + wanted / 4);
    const auto first = candidates_.begin() + static_cast<std::ptrdiff_t>(sorted);
    const auto end = first + static_cast<std::ptrdiff_t>(count);
    if (count < left) std::nth_element(first, end, candidates_.end());
    std::sort(first, end);
    return sorted + count;
  }

  Limits limits_;
  CountedVector<Candidate> candidates_;
  CountedVector<Box> kept_;
};

// Boxes are [batch, count, 4], scores [batch, classes, count].
void check_shapes(const Shape& boxes, const Shape& scores) {
  if (boxes.size() != 3 || scores.size() != 3 || contradict(boxes[2], 4) || contradict(boxes[0], scores[0]) ||
      contradict(boxes[1], scores[2]))
    fail(ErrorCode::kInvalidModel,
         "boxes are {} and scores {}, but [batch, count, 4] and [batch, classes, count] are expected",
         to_string(boxes), to_string(scores));
}

bool is_centred(const Node& node) {
  const int64_t format = node.int_attribute("center_point_box", 0);
  if (format != 0 && format != 1)
    fail(ErrorCode::kInvalidModel, "attribute center_point_box is {}, but 0 or 1 was expected", format);
  return format == 1;
}

void infer(InferenceContext& context) {
  is_centred(context.node());
  const auto &boxes = context.input_shape(0), &scores = context.input_shape(1);
  if (boxes && scores) check_shapes(*boxes, *scores);
  context.set_output_type(0, Type::tensor(DataType::kInt64, Shape{Dim(), 3}));
}

void compute(KernelContext& context) {
  const Tensor &boxes = context.input(0), &scores = context.input(1);
  check_shapes(shape_of(boxes), shape_of(scores));
  const Limits limits{scalar_input<int64_t>(context, 2, "max_output_boxes_per_class").value_or(0),
                      scalar_input<float>(context, 3, "iou_threshold").value_or(0.0f),
                      scalar_input<float>(context, 4, "score_threshold")};
  const bool centred = is_centred(context.node());
  const auto count = static_cast<size_t>(boxes.dim(1));
  if (boxes.dim(1) > int64_t{0xFFFFFFFF})
    fail(ErrorCode::kUnsupported, "there are {} boxes, but at most 2^32 - 1 can be compared", boxes.dim(1));
  CountedVector<int64_t> indices;
  Selection selection(limits);
  for (int64_t batch = 0; batch < scores.dim(0); ++batch)
    for (int64_t label = 0; label < scores.dim(1); ++label) {
      const auto row = static_cast<size_t>(batch * scores.dim(1) + label) * count;
      const float* first = boxes.data<float>().data() + batch * boxes.dim(1) * 4;
      selection.select(first, scores.data<float>().subspan(row, count), centred,
                       [&](int64_t box) { indices.insert(indices.end(), {batch, label, box}); });
    }
  const auto out =
      context.make_output(0, DataType::kInt64, {static_cast<int64_t>(indices.size()) / 3, 3}).data<int64_t>();
  std::copy(indices.begin(), indices.end(), out.begin());
}

}  // namespace

void register_non_max_suppression(Registry& registry) {
  registry.add({.name = "NonMaxSuppression",
                .since_version = 11,
                .inputs = {{"boxes", "tensor(float)"},
                           {"scores", "tensor(float)"},
                           {"max_output_boxes_per_class", "tensor(int64)", Arity::kOptional},
                           {"iou_threshold", "tensor(float)", Arity::kOptional},
                           {"score_threshold", "tensor(float)", Arity::kOptional}},
                .outputs = {{"selected_indices", "tensor(int64)"}},
                .attributes = {{"center_point_box", Attribute::Kind::kInt}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
