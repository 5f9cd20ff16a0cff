#include "custom/state_store.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

namespace slipway::custom {
namespace {

template <typename T>
bool same_bytes(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// By bytes: a NaN is itself, and -0 is not 0.
bool is_same(float a, float b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}
bool is_same(const std::vector<float>& a, const std::vector<float>& b) {
  return same_bytes(a, b);
}
bool is_same(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  return same_bytes(a, b);
}
// Copies of a model share their tensors' elements.
bool is_same(const Constant& a, const Constant& b) {
  const bool same_view = a.tensor.raw() == b.tensor.raw() && a.tensor.type() == b.tensor.type() &&
                         a.tensor.dims() == b.tensor.dims();
  return same_view || identical(a.tensor, b.tensor);
}
template <typename T>
bool is_same(const T& a, const T& b) {
  return a == b;
}

// The kinds that a schema can have.
template <typename... Ts>
bool same_content(const Attribute& a, const Attribute& b) {
  return ((a.as<Ts>() && b.as<Ts>() && is_same(*a.as<Ts>(), *b.as<Ts>())) || ...);
}

bool same(const Attribute& a, const Attribute& b) {
  return a.name() == b.name() && a.kind() == b.kind() &&
         same_content<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>,
                      std::vector<std::string>, Constant>(a, b);
}

}  // namespace

StateStore::State StateStore::get(const std::vector<Attribute>& attributes,
                                  const std::function<State()>& make) {
  // Held while one is made: a second node with the same attributes waits for it.
  std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_)
    if (std::equal(attributes.begin(), attributes.end(), entry.attributes.begin(), entry.attributes.end(),
                   same))
      return entry.state;
  Entry entry;
  for (const Attribute& attribute : attributes) entry.attributes.push_back(attribute.clone());
  entry.state = make();
  entries_.push_back(std::move(entry));
  return entries_.back().state;
}

}  // namespace slipway::custom
