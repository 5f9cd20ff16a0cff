// NonMaxSuppression: of the boxes of a class, those with the highest scores that do not overlap a better one
// too much. All arithmetic is in f32, as in other engines: which boxes stay must not hang on a last bit.
#include <algorithm>

#include "base/error.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

struct Box {
  float top, left, bottom, right;
  float area() const { return (bottom - top) * (right - left); }
};

Box box_at(const float* numbers, bool is_centred) {
  if (is_centred) {
    const float x = numbers[0], y = numbers[1], width = numbers[2] / 2, height = numbers[3] / 2;
    return {y - height, x - width, y + height, x + width};
  }
  return {std::min(numbers[0], numbers[2]), std::min(numbers[1], numbers[3]),
          std::max(numbers[0], numbers[2]), std::max(numbers[1], numbers[3])};
}

// Intersection over union; 0 where either has no area.
float overlap(const Box& a, const Box& b) {
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0 || a.area() <= 0 || b.area() <= 0) return 0;
  const float common = height * width, all = a.area() + b.area() - common;
  return common <= 0 || all <= 0 ? 0 : common / all;
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

// Of `scores.size()` boxes those that stay, best first; of equal scores the first box comes first.
std::vector<int64_t> selected(const float* boxes, std::span<const float> scores, bool is_centred,
                              const Limits& limits) {
  std::vector<int64_t> candidates;
  for (size_t i = 0; i < scores.size(); ++i)
    if (!limits.score || scores[i] > *limits.score) candidates.push_back(static_cast<int64_t>(i));
  // Scores that are no numbers come last, so that the order is one.
  const auto rank = [&](int64_t i) {
    const float score = scores[static_cast<size_t>(i)];
    return std::pair(score == score ? -score : std::numeric_limits<float>::infinity(), i);
  };
  std::sort(candidates.begin(), candidates.end(), [&](int64_t a, int64_t b) { return rank(a) < rank(b); });
  std::vector<int64_t> kept;
  std::vector<Box> kept_boxes;
  for (const int64_t candidate : candidates) {
    if (static_cast<int64_t>(kept.size()) >= limits.boxes) break;
    const Box box = box_at(boxes + candidate * 4, is_centred);
    const bool is_covered = std::any_of(kept_boxes.begin(), kept_boxes.end(), [&](const Box& better) {
      return overlap(box, better) > limits.overlap;
    });
    if (is_covered) continue;
    kept.push_back(candidate);
    kept_boxes.push_back(box);
  }
  return kept;
}

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
  std::vector<int64_t> indices;
  for (int64_t batch = 0; batch < scores.dim(0); ++batch)
    for (int64_t label = 0; label < scores.dim(1); ++label) {
      const auto row = static_cast<size_t>(batch * scores.dim(1) + label) * count;
      const float* first = boxes.data<float>().data() + batch * boxes.dim(1) * 4;
      for (const int64_t box : selected(first, scores.data<float>().subspan(row, count), centred, limits))
        indices.insert(indices.end(), {batch, label, box});
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
