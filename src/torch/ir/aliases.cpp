#include "torch/ir/aliases.hpp"

#include <utility>

#include "base/error.hpp"
#include "torch/ir/call_place.hpp"

namespace slipway::torch::ir {

Alias* Aliases::add(Storage* storage, Alias* parent, View view, Value* original, Origin origin) {
  Alias& alias = all_.emplace_back();
  alias.storage = storage;
  alias.parent = parent;
  alias.view = std::move(view);
  alias.original = original;
  alias.origin = std::move(origin);
  if (original) aliases_[original] = &alias;
  return &alias;
}

Alias* Aliases::add_root(Value* value) {
  Storage& storage = storages_.emplace_back();
  storage.root = add(&storage, nullptr, {SameView{}, value->meta}, value, {});
  storage.root->content = value;
  return storage.root;
}

Alias* Aliases::of(Value* tensor) {
  const auto found = aliases_.find(tensor);
  return found == aliases_.end() ? add_root(tensor) : found->second;
}

const Alias* Aliases::find(const Value* tensor) const {
  const auto found = aliases_.find(tensor);
  return found == aliases_.end() ? nullptr : found->second;
}

void Aliases::link(Storage* a, Storage* b) {
  if (a == b) return;
  a->unclear.insert(b);
  b->unclear.insert(a);
}

Alias* Aliases::add_view(Value* value, const Sharing& sharing, const Origin& origin) {
  Alias* parent = of(sharing.source);
  std::vector<View> views = sharing.views;
  if (sharing.kind == Sharing::Kind::kInMemory) {
    parent = parent->storage->root;
    const std::optional<Layout> layout = numeric_layout(parent->meta());
    views =
        layout ? views_of_places(parent->meta(), *layout, sharing.places, value->meta) : std::vector<View>{};
    if (views.empty()) {
      Alias* root = add_root(value);
      link(root->storage, parent->storage);
      return root;
    }
  }
  for (size_t i = 0; i < views.size(); ++i)
    parent = add(parent->storage, parent, views[i], i + 1 == views.size() ? value : nullptr, origin);
  return parent;
}

void Aliases::replace(Value* tensor, Value* content) {
  of(tensor)->content = content;
  made(tensor);
}

Value* Aliases::shape_of(Alias* alias) {
  return alias->content ? alias->content : read(alias);
}

Value* Aliases::read(Alias* alias) {
  if (!alias->reshaped_by.empty())
    fail(ErrorCode::kUnsupported, "it reads {} after {} has changed its shape", alias->original->describe(),
         alias->reshaped_by);
  return content_of(alias);
}

Value* Aliases::content_of(Alias* alias) {
  const Storage& storage = *alias->storage;
  if (!storage.unsure.empty())
    fail(ErrorCode::kUnsupported, "it reads {}, of which it cannot be told whether {} has written to it",
         alias->original ? alias->original->describe() : "a view", storage.unsure);
  if (!storage.resolved) return alias->parent ? alias->original : alias->content;
  if (alias->content && alias->version == storage.version) return alias->content;
  // From the nearest ancestor that is up to date; views of views may be many.
  std::vector<Alias*> stale = {alias};
  while (Alias* parent = stale.back()->parent) {
    if (parent->content && parent->version == storage.version) break;
    stale.push_back(parent);
  }
  for (; !stale.empty(); stale.pop_back()) {
    Alias* next = stale.back();
    Value* into = next->content ? nullptr : next->original;
    next->content = look(next->view, next->parent->content, emitter_, into);
    next->version = storage.version;
  }
  return alias->content;
}

void Aliases::write(Alias* alias, Value* content, const Call& call) {
  Storage& storage = *alias->storage;
  if (!storage.read_only.empty()) fail(ErrorCode::kUnsupported, "{}", storage.read_only);
  if (const auto layout = numeric_layout(alias->meta()); layout && overlaps_itself(*layout) != false)
    fail(ErrorCode::kUnsupported, "writes to {}, of strides {}: several of its elements are one",
         alias->original->describe(), to_string(layout->strides));
  std::vector<std::pair<Alias*, Value*>> contents = {{alias, content}};
  for (Alias* at = alias; at->parent; at = at->parent) {
    content =
        put_back(at->view, at->parent->meta(), [&] { return content_of(at->parent); }, content, emitter_);
    contents.emplace_back(at->parent, content);
  }
  ++storage.version;
  for (const auto& [changed, value] : contents) {
    changed->content = value;
    changed->version = storage.version;
  }
  std::vector<Storage*> reached = {&storage};
  for (size_t i = 0; i < reached.size(); ++i)
    for (Storage* other : reached[i]->unclear)
      if (other != &storage && other->made && other->unsure.empty()) {
        other->unsure = place_of(call);
        reached.push_back(other);
      }
}

void Aliases::check_overlap(const Alias* written, const Alias* read) const {
  if (written->storage != read->storage || written == read) return;
  const auto layouts = assignments_.layouts({&written->meta(), &read->meta()});
  bool disjoint = !layouts.empty();
  for (const std::vector<Layout>& both : layouts) {
    const Overlap overlap = overlap_of(both[0], both[1]);
    disjoint &= overlap == Overlap::kNone || overlap == Overlap::kSame;
    if (overlap == Overlap::kPartial)
      fail(ErrorCode::kUnsupported,
           "it writes to {} and reads {} while it does, which lies partly in the same memory: what it reads "
           "depends on "
           "the order; clone what is read",
           written->original->describe(), read->original->describe());
  }
  if (!disjoint)
    fail(ErrorCode::kUnsupported, "it writes to {} and reads {}, and it cannot be told whether they overlap",
         written->original->describe(), read->original->describe());
}

}  // namespace slipway::torch::ir
