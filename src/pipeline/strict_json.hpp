// JSON read strictly: one object, UTF-8, no key twice, bounded in length and depth; and fields taken from it
// by name, type and bounds, so that what is left over is an unknown field.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::pipeline {

// Throws kInvalidModel.
nlohmann::json parse_strictly(std::string_view text);

// An object whose fields are asked for one by one. Every function throws kInvalidModel naming the field by
// its path.
class Fields {
 public:
  // Both are kept by reference; `path` is "" for the outermost object.
  Fields(const nlohmann::json& object, std::string path);

  bool has(const char* name);
  int64_t integer(const char* name, int64_t least, int64_t most);
  std::string text(const char* name);
  // The position of the field's text among `choices`.
  size_t choice(const char* name, const std::vector<std::string_view>& choices);
  std::vector<double> numbers(const char* name, size_t count);
  std::vector<int64_t> integers(const char* name, size_t count, int64_t least, int64_t most);
  const nlohmann::json& object(const char* name);
  // Throws when the object has a field that nobody asked for.
  void expect_no_others() const;

  std::string path_of(const char* name) const { return path_.empty() ? name : path_ + "." + name; }

 private:
  const nlohmann::json& get(const char* name);

  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string> known_;
};

}  // namespace slipway::pipeline
