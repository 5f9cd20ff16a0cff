// The tensors in a pickle: what torch.save's records mean. Of the calls that a pickle can ask for, the few
// that rebuild tensors, parameters and containers are understood here, by name; all others are data that
// nobody looks into.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "torch/checkpoint.hpp"
#include "torch/pickle.hpp"

namespace slipway::torch {

// A storage as a pickle refers to it.
struct StorageReference {
  std::string key;
  // kUndefined for untyped storages, whose size is in bytes.
  DataType type = DataType::kUndefined;
  int64_t count = 0;
};

// Persistent values are storages, ('storage', torch.FloatStorage, '17', 'cpu', 1024), and in files before 1.6
// the source text of modules too.
bool is_storage_reference(const PickleValue& value);
// Throws kInvalidModel for what is none.
StorageReference read_reference(const PickleValue& value);

// The storage's bytes. Called once for each reference.
using FindStorage = std::function<std::shared_ptr<Buffer>(const StorageReference&)>;

// The tensor that the record is; nothing for other records. Throws as below.
std::optional<Tensor> find_tensor_record(const PickleValue& value, const FindStorage& find_storage);

// Adds all tensors below `root`, and what else there is, to the checkpoint: through dicts, lists,
// OrderedDicts and pickled modules. Throws kInvalidModel for a tensor that reaches outside of its storage,
// and what `find_storage` throws.
void collect_tensors(const PickleValue& root, const FindStorage& find_storage, Checkpoint& checkpoint);

}  // namespace slipway::torch
