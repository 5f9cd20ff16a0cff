#include "engine/program/lifetimes.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace slipway::engine {
namespace {

constexpr size_t kNoLoop = static_cast<size_t>(-1);

size_t root_of(const std::vector<Slot>& slots, size_t slot) {
  while (slots[slot].place == Slot::Place::kView) slot = slots[slot].index;
  return slot;
}

// Which loop each step lies in, and which loop lies around each.
struct Loops {
  std::vector<size_t> of_step;
  std::vector<size_t> around;

  Loops(const std::vector<Block>& blocks, size_t steps)
      : of_step(steps, kNoLoop), around(blocks.size(), kNoLoop) {
    std::vector<size_t> order(blocks.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return blocks[a].begin < blocks[b].begin; });
    for (size_t i : order) {
      if (!blocks[i].repeats) continue;
      around[i] = of_step[blocks[i].begin];
      std::fill(of_step.begin() + static_cast<std::ptrdiff_t>(blocks[i].begin),
                of_step.begin() + static_cast<std::ptrdiff_t>(blocks[i].middle) + 1, i);
    }
  }
};

}  // namespace

void find_lifetimes(const std::vector<Step>& steps, std::vector<Slot>& slots,
                    const std::vector<size_t>& outputs, const std::vector<Block>& blocks,
                    const Exchanges& exchanges) {
  for (Slot& slot : slots) slot.first_use = steps.size();
  for (size_t i = 0; i < steps.size(); ++i)
    for (size_t slot : steps[i].outputs)
      if (slot != kNoSlot) slots[slot].first_use = std::min(slots[slot].first_use, i);
  const Loops loops(blocks, steps.size());
  const auto use = [&](size_t index, size_t step) {
    if (index == kNoSlot) return;
    Slot& slot = slots[root_of(slots, index)];
    slot.last_use = std::max(slot.last_use, step);
    // What was there before a loop is read in its next round, too.
    for (size_t loop = loops.of_step[step]; loop != kNoLoop && slot.first_use < blocks[loop].begin;
         loop = loops.around[loop])
      slot.last_use = std::max(slot.last_use, blocks[loop].middle);
  };
  for (size_t i = 0; i < steps.size(); ++i) {
    for (size_t slot : steps[i].inputs) use(slot, i);
    for (size_t slot : steps[i].outputs) use(slot, i);
  }
  for (size_t slot : outputs) slots[root_of(slots, slot)].last_use = steps.size();
  for (const auto& [a, b] : exchanges) {
    slots[a].first_use = slots[b].first_use = std::min(slots[a].first_use, slots[b].first_use);
    slots[a].last_use = slots[b].last_use = std::max(slots[a].last_use, slots[b].last_use);
  }
}

namespace {

using Live = std::unordered_set<size_t>;

// Walks the program backwards with the set of values that are still needed.
class Releases {
 public:
  Releases(std::vector<Step>& steps, const std::vector<Slot>& slots, const std::vector<Block>& blocks)
      : steps_(steps), slots_(slots) {
    for (const Block& block : blocks) by_end_.emplace(block.end, block);
  }

  void walk(size_t first, size_t behind, Live& live) {
    for (size_t i = behind; i-- > first;) {
      const auto block = by_end_.find(i);
      if (block == by_end_.end()) {
        step(i, live);
        continue;
      }
      if (block->second.repeats)
        loop(block->second, live);
      else
        branch(block->second, live);
      i = block->second.begin;
    }
  }

 private:
  bool is_dynamic(size_t slot) const {
    return slot != kNoSlot && slots_[slot].place == Slot::Place::kDynamic;
  }

  void step(size_t index, Live& live) {
    Step& step = steps_[index];
    std::vector<size_t> released;
    for (size_t slot : step.outputs)
      if (is_dynamic(slot) && live.erase(slot) == 0) released.push_back(slot);
    // A step that makes anew what it reads must not let go of that.
    const auto is_made = [&](size_t slot) {
      return std::find(step.outputs.begin(), step.outputs.end(), slot) != step.outputs.end();
    };
    for (size_t slot : step.inputs)
      if (is_dynamic(slot) && live.insert(slot).second && !is_made(slot)) released.push_back(slot);
    step.released.insert(step.released.end(), released.begin(), released.end());
  }

  void release_difference(size_t index, const Live& all, const Live& kept) {
    for (size_t slot : all)
      if (kept.count(slot) == 0) steps_[index].released.push_back(slot);
  }

  void branch(const Block& block, Live& live) {
    Live otherwise = live;
    walk(block.middle + 2, block.end, otherwise);
    walk(block.begin + 2, block.middle, live);
    Live either = live;
    either.insert(otherwise.begin(), otherwise.end());
    release_difference(block.begin + 1, either, live);
    release_difference(block.middle + 1, either, otherwise);
    live = std::move(either);
    step(block.begin, live);
  }

  void loop(const Block& block, Live& live) {
    step(block.end, live);
    Live around = live;
    for (size_t i = block.begin; i <= block.middle; ++i) {
      for (size_t slot : steps_[i].inputs) add_from_outside(slot, block, around);
      for (size_t slot : steps_[i].outputs) add_from_outside(slot, block, around);
    }
    // Made before each round, by the steps that begin it.
    for (size_t slot : steps_[block.begin].outputs)
      if (is_dynamic(slot)) around.insert(slot);
    release_difference(block.end, around, live);
    Live inside = around;
    step(block.middle, inside);
    walk(block.begin + 1, block.middle, inside);
    live = std::move(around);
    step(block.begin, live);
  }

  void add_from_outside(size_t slot, const Block& block, Live& around) const {
    if (is_dynamic(slot) && slots_[slot].first_use < block.begin) around.insert(slot);
  }

  std::vector<Step>& steps_;
  const std::vector<Slot>& slots_;
  std::unordered_map<size_t, Block> by_end_;
};

}  // namespace

void find_releases(std::vector<Step>& steps, const std::vector<Slot>& slots,
                   const std::vector<size_t>& outputs, const std::vector<Block>& blocks) {
  Live live;
  for (size_t slot : outputs)
    if (slots[slot].place == Slot::Place::kDynamic) live.insert(slot);
  Releases(steps, slots, blocks).walk(0, steps.size(), live);
}

}  // namespace slipway::engine
