// Weights apart from code: puts a checkpoint's tensors into a program, as load_state_dict does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "torch/checkpoint.hpp"
#include "torch/ir/program.hpp"

namespace slipway::torch {

struct WeightNames {
  // What the checkpoint's names have before the program's: "generator.". "": looked for.
  std::string strip_prefix;
  // Beginnings of names (after the prefix) and what the program has in their place.
  std::vector<std::pair<std::string, std::string>> renames;
};

// Replaces every parameter and persistent buffer of the program by the checkpoint's tensor of its name.
// Containers that training code puts around the names ("state_dict.", "params_ema.", "module.") are found by
// themselves: the one below which most names fit; of two that fit as well, an average of weights ("ema") goes
// before the weights of the last step. Elements become the program's type, as copy_ makes them.
// Throws kInvalidArgument listing all names that are missing, not expected, or of other sizes; only
// BatchNorm's num_batches_tracked may be missing, as in files of old versions.
void load_weights(ir::Program& program, const Checkpoint& checkpoint, const WeightNames& names = {});

}  // namespace slipway::torch
