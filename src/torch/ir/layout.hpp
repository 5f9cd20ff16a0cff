// Where the elements of tensors lie in memory, in numbers, and the questions that views ask of it. Sizes of
// exported programs may be symbols; Assignments answers for them what holds whatever the symbols are.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "torch/ir/value.hpp"

namespace slipway::torch::ir {

// Of as many sizes as strides; in elements.
struct Layout {
  Dims sizes;
  Dims strides;
  int64_t offset = 0;
};

// Nothing is negative, or so large that sums and products overflow.
bool is_computable(const Layout& layout);
Dims row_major_strides(const Dims& sizes);
// Axes of size 1 may have any stride, empty tensors any strides, as in PyTorch.
bool is_row_major(const Layout& layout);
// As memory_format=channels_last (rank 4) and channels_last_3d (rank 5) demand; other ranks never are.
bool is_channels_last(const Layout& layout);
// Can the elements be looked at as a tensor of these sizes without moving them? The counts are equal.
bool can_be_viewed_as(const Layout& layout, const Dims& sizes);

enum class Overlap { kNone, kSame, kPartial, kUnknown };
// Of two tensors in one storage. kSame: element for element. kUnknown: too large to be counted out.
Overlap overlap_of(const Layout& a, const Layout& b);
// Do two of its elements lie in one place? (As an expanded tensor's do.) nullopt: too large.
std::optional<bool> overlaps_itself(const Layout& layout);

enum class Answer { kNo, kYes, kUnknown };

struct Range;

// Some values for each of a program's symbols. They are large and have no common pattern, so that sizes which
// are equal for all of them are equal as expressions, and multiples of 48, so that what the program divides
// them by mostly divides them.
class Assignments {
 public:
  explicit Assignments(const std::map<std::string, Range, std::less<>>& ranges);

  // What `question` says of the layouts for every assignment; kUnknown where they disagree or a size or
  // stride is not known.
  Answer ask(std::initializer_list<const TensorMeta*> tensors,
             const std::function<bool(std::span<const Layout>)>& question) const;
  // Their layouts for every assignment; empty where a size or stride is not known.
  std::vector<std::vector<Layout>> layouts(std::initializer_list<const TensorMeta*> tensors) const;

 private:
  std::vector<std::map<std::string, int64_t, std::less<>>> assignments_;
};

// nullopt where a size or a stride is no number, or so large that no tensor has it.
std::optional<Layout> numeric_layout(const TensorMeta& meta);

}  // namespace slipway::torch::ir
