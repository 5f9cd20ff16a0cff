#include "graph/use_list.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace slipway {
namespace {

// Below this length a search is as fast as a look-up.
constexpr size_t kLongList = 64;

}  // namespace

void UseList::add(Use use) {
  if (positions_) positions_->emplace(use, static_cast<uint32_t>(uses_.size()));
  uses_.push_back(use);
}

size_t UseList::position_of(Use use) {
  if (!positions_ && uses_.size() > kLongList) {
    positions_ = std::make_unique<std::unordered_map<Use, uint32_t, Hash>>();
    positions_->reserve(uses_.size());
    for (size_t i = 0; i < uses_.size(); ++i) positions_->emplace(uses_[i], static_cast<uint32_t>(i));
  }
  if (positions_) {
    const auto found = positions_->find(use);
    return found == positions_->end() ? uses_.size() : found->second;
  }
  return static_cast<size_t>(std::find(uses_.begin(), uses_.end(), use) - uses_.begin());
}

void UseList::remove(Use use) {
  const size_t position = position_of(use);
  if (position == uses_.size()) fail(ErrorCode::kInternal, "a use is missing from its value's list");
  if (positions_) {
    positions_->erase(use);
    if (position + 1 < uses_.size()) (*positions_)[uses_.back()] = static_cast<uint32_t>(position);
  }
  uses_[position] = uses_.back();
  uses_.pop_back();
  if (uses_.empty()) clear();
}

void UseList::clear() {
  std::vector<Use>().swap(uses_);
  positions_.reset();
}

}  // namespace slipway
