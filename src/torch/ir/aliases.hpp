// Which tensors of a block share memory, and what each of them holds as calls write to it. A storage is a
// tree: its root is the tensor that it was made as, every other tensor is a view of its parent. A write to
// one of them makes a new content for it, for its parent (what was written put back into the parent's
// content) and so on to the root; all others are looked at anew, from the nearest of these, when they are
// next read.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "torch/ir/emitter.hpp"
#include "torch/ir/layout.hpp"
#include "torch/ir/views.hpp"

namespace slipway::torch::ir {

struct Alias;

struct Storage {
  Alias* root = nullptr;
  bool written = false;   // by any call of the block
  bool resolved = false;  // views of it are made where they are read, not by the program's calls
  bool made = false;      // by the calls that have been rewritten
  size_t version = 0;
  // The call after which it cannot be told what it holds; "" if it can.
  std::string unsure;
  // Storages that may be this one, or overlap with it.
  std::set<Storage*> unclear;
  // Why nothing may be written to it; "" if it may.
  std::string read_only;
};

struct Alias {
  Storage* storage = nullptr;
  Alias* parent = nullptr;    // nullptr: the root
  View view;                  // of the parent; for the root, its meta alone
  Value* original = nullptr;  // the value of the program; nullptr for views between views
  Origin origin;
  Value* content = nullptr;  // as of `version`; nullptr: not looked at yet
  size_t version = 0;
  // The call that gave the tensor another shape, after which its value may not be used any more; "" if none
  // did.
  std::string reshaped_by;

  const TensorMeta& meta() const { return view.meta; }
};

class Aliases {
 public:
  Aliases(Emitter& emitter, const Assignments& assignments) : emitter_(emitter), assignments_(assignments) {}

  // A tensor with memory of its own.
  Alias* add_root(Value* value);
  Alias* add_view(Value* value, const Sharing& sharing, const Origin& origin);
  // One more name of the tensor.
  void add_name(Value* value, Alias* alias) { aliases_[value] = alias; }
  // They may share memory.
  void link(Storage* a, Storage* b);
  // Made where it was not there.
  Alias* of(Value* tensor);
  // Its maker has been rewritten.
  void made(Value* tensor) { of(tensor)->storage->made = true; }
  // `content` is what `tensor`, which has memory of its own, is made as instead.
  void replace(Value* tensor, Value* content);
  // nullptr when it is not there.
  const Alias* find(const Value* tensor) const;

  // What the tensor holds now. Throws kUnsupported when that cannot be told.
  Value* read(Alias* alias);
  // A value of the tensor's type and size, whatever it holds.
  Value* shape_of(Alias* alias);
  // `content` is of the tensor's type and size; `call` is the one that writes. Throws kUnsupported when it
  // cannot be told what that changes.
  void write(Alias* alias, Value* content, const Call& call);
  // Throws kUnsupported when the call, which writes to `written`, reads other elements of what it writes.
  void check_overlap(const Alias* written, const Alias* read) const;

 private:
  // What the tensor would hold if it still had its shape.
  Value* content_of(Alias* alias);
  Alias* add(Storage* storage, Alias* parent, View view, Value* original, Origin origin);

  Emitter& emitter_;
  const Assignments& assignments_;
  std::deque<Storage> storages_;
  std::deque<Alias> all_;
  std::unordered_map<const Value*, Alias*> aliases_;
};

}  // namespace slipway::torch::ir
