#include "torch/checkpoint_forms.hpp"
#include "torch/pickled_tensors.hpp"
#include "torch/saved_object.hpp"

namespace slipway::torch {

Checkpoint read_zip_checkpoint(const SharedFile& file) {
  SavedObject saved(file);
  Checkpoint checkpoint{"PyTorch (zip)", {}, {}};
  collect_tensors(saved.root(), saved.find_storage(), checkpoint);
  return checkpoint;
}

}  // namespace slipway::torch
