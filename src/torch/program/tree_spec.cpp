#include "torch/program/tree_spec.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"

namespace slipway::torch {
namespace {

// Two levels of JSON for each of the tree, and the contexts.
constexpr size_t kMostSpecNesting = 130;

// Of a leaf: "inputs.boxes.0".
constexpr size_t kLongestPath = 4096;

using Keys = std::vector<std::string>;

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

struct Tree {
  const Json& spec;
  const Json* named_tuples;

  const Json::array_t& children() const { return array_at(spec, "children_spec"); }
  bool is_leaf() const { return !find_member(spec, "type"); }

  // What the children are called.
  Keys keys() const {
    const std::string& type = text_at(spec, "type");
    std::optional<Keys> keys;
    if (type == "collections.namedtuple")
      keys = fields_of_named_tuple();
    else if (type != "builtins.tuple" && type != "builtins.list" && type != "collections.deque")
      keys = keys_in(context());
    if (keys && keys->size() == children().size()) return *keys;
    Keys places;
    for (size_t i = 0; i < children().size(); ++i) places.push_back(std::to_string(i));
    return places;
  }

 private:
  // JSON, or JSON as a text, or (of classes that users register) any text.
  Json context() const {
    const Json* stated = find_member(spec, "context");
    if (!stated || !stated->is_string()) return stated ? *stated : Json();
    try {
      return parse_json(stated->get_ref<const std::string&>(), kMostSpecNesting);
    } catch (const Error&) {
      return {};
    }
  }

  std::optional<Keys> fields_of_named_tuple() const {
    const Json* stated = find_member(spec, "context");
    if (!stated || !stated->is_string() || !named_tuples) return std::nullopt;
    const Json* definition = find_member(*named_tuples, stated->get<std::string>());
    return definition ? keys_in(member(*definition, "field_names")) : std::nullopt;
  }

  // ["a", "b"] of dicts, [["a", "b"], ["c"]] of dataclasses whose field c is None, {"dict_context": ["a"]} of
  // defaultdicts.
  std::optional<Keys> keys_in(const Json& context) const {
    if (context.is_object() && context.contains("dict_context")) return keys_in(context["dict_context"]);
    if (!context.is_array()) return std::nullopt;
    if (context.size() == 2 && context[0].is_array() && context[1].is_array()) return keys_in(context[0]);
    Keys keys;
    for (const Json& key : context) {
      if (!key.is_string() && !key.is_number()) return std::nullopt;
      keys.push_back(key.is_string() ? key.get<std::string>() : key.dump());
    }
    return keys;
  }
};

void add_paths(const Tree& tree, const std::string& path, std::vector<std::string>& paths) {
  if (path.size() > kLongestPath)
    fail(ErrorCode::kInvalidModel, "an argument's name is longer than {} characters", kLongestPath);
  if (tree.is_leaf()) {
    paths.push_back(path);
    return;
  }
  const Keys keys = tree.keys();
  for (size_t i = 0; i < keys.size(); ++i)
    add_paths({tree.children()[i], tree.named_tuples}, joined(path, keys[i]), paths);
}

// [1, {…}]: the version of the format, and the tree.
Json parse_spec(const std::string& text) {
  Json spec = parse_json(text, kMostSpecNesting);
  if (!spec.is_array() || spec.size() != 2 || spec[0] != 1)
    fail(ErrorCode::kInvalidModel, "a tree spec of version 1 was expected");
  return std::move(spec[1]);
}

// Names of an argument's leaves without the argument's own: in "d_a" and "d_b" with paths "a" and "b" it is
// "d".
std::string common_name(std::span<const std::string> names, const std::vector<std::string>& paths) {
  if (names.empty()) return "";
  std::string ending = paths.front();
  std::ranges::replace(ending, '.', '_');
  if (ending.empty()) return names.front();
  ending.insert(0, "_");
  return names.front().ends_with(ending) ? names.front().substr(0, names.front().size() - ending.size()) : "";
}

}  // namespace

std::vector<std::string> leaf_paths(const std::string& spec, const Json* named_tuples) {
  const Json tree = parse_spec(spec);
  std::vector<std::string> paths;
  add_paths({tree, named_tuples}, "", paths);
  return paths;
}

std::vector<std::string> argument_paths(const std::string& spec, std::span<const std::string> names,
                                        std::span<const std::string> fallback, const Json* named_tuples) {
  const Json tree = parse_spec(spec);
  const Tree root{tree, named_tuples};
  std::vector<std::string> paths;
  if (root.is_leaf() || root.children().size() != 2) return {fallback.begin(), fallback.end()};
  const Tree positional{root.children()[0], named_tuples}, by_keyword{root.children()[1], named_tuples};
  for (size_t i = 0; i < positional.children().size(); ++i) {
    std::vector<std::string> leaves;
    add_paths({positional.children()[i], named_tuples}, "", leaves);
    if (paths.size() + leaves.size() > fallback.size()) break;
    const auto own = fallback.subspan(paths.size(), leaves.size());
    const std::string name = i < names.size() ? names[i] : common_name(own, leaves);
    for (size_t leaf = 0; leaf < leaves.size(); ++leaf)
      paths.push_back(name.empty() ? own[leaf] : leaves[leaf].empty() ? name : joined(name, leaves[leaf]));
  }
  add_paths(by_keyword, "", paths);
  if (paths.size() != fallback.size()) return {fallback.begin(), fallback.end()};
  return paths;
}

}  // namespace slipway::torch
