// NumPy's broadcasting as runs along the output's last axes: in a run each operand either advances with the
// output or stands still.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/thread_pool.hpp"
#include "tensor/dim.hpp"

namespace slipway::engine {

class Broadcast {
 public:
  static constexpr size_t kMostOperands = 3;
  using Places = std::array<int64_t, kMostOperands>;

  // `count` outputs from `out` on; where each operand begins, and its step: 1, or 0 where it stands still.
  // All in elements.
  struct Run {
    int64_t out;
    int64_t count;
    Places places;
    Places steps;
  };

  // No size is 0.
  Broadcast(const Dims& out, std::span<const Dims> operands);

  // Calls body(Run) for all of the output, from several threads at once.
  template <typename Body>
  void run(ThreadPool& pool, Body&& body) const {
    const int64_t groups = (runs_ + runs_per_piece_ - 1) / runs_per_piece_;
    pool.parallel_for(static_cast<size_t>(groups * cuts_), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) / cuts_ * runs_per_piece_,
                    cut = static_cast<int64_t>(piece) % cuts_;
      for (int64_t i = first; i < std::min(runs_, first + runs_per_piece_); ++i) body(run_at(i, cut));
    });
  }

 private:
  // A loop over part of the output: how far it goes and how far each operand moves with it.
  struct Axis {
    int64_t size;
    Places steps;
  };

  void add_axis(const Axis& axis);
  Run run_at(int64_t index, int64_t cut) const;

  std::vector<Axis> axes_;      // innermost first
  int64_t runs_ = 1;            // over all axes but the innermost
  int64_t cuts_ = 1;            // pieces of one long run
  int64_t runs_per_piece_ = 1;  // or short runs of one piece
};

}  // namespace slipway::engine
