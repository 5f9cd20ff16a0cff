// The JSON of files that describe programs, and typed access to it: whatever is missing or of another kind is
// an Error that names the field, what it holds and what was expected.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace slipway::torch {

using Json = nlohmann::json;

// A graph within a graph takes eight levels; they may be 64 deep.
inline constexpr size_t kMostProgramNesting = 600;
// A byte of JSON can make a value of sixteen, and objects more: so many, no more.
inline constexpr size_t kMostJsonValues = 10'000'000;

// Python's JSON: "Infinity", "-Infinity" and "NaN" may stand for numbers, and become texts. Members of
// objects that are null are left out: PyTorch 2.1 lists everything that a value could be but is not. Throws
// kInvalidModel for what is no JSON, is nested deeper than `most_nesting` or has a key twice in an object;
// kOutOfMemory above kMostJsonValues.
Json parse_json(std::string_view text, size_t most_nesting);

// Throw kInvalidModel. `what` is how messages call the value.
const std::string& as_text(const Json& value, std::string_view what);
int64_t as_integer(const Json& value, std::string_view what);
// Infinite ones and NaN are texts.
double as_number(const Json& value, std::string_view what);
bool as_bool(const Json& value, std::string_view what);
const Json::array_t& as_array(const Json& value, std::string_view what);
const Json::object_t& as_object(const Json& value, std::string_view what);

// nullptr when there is none.
const Json* find_member(const Json& object, const std::string& name);
const Json& member(const Json& object, const std::string& name);
const std::string& text_at(const Json& object, const std::string& name);
const Json::array_t& array_at(const Json& object, const std::string& name);

// {"as_tensor": …}: one of several kinds.
struct Choice {
  const std::string& kind;
  const Json& value;
};
Choice choice_of(const Json& value, std::string_view what);

}  // namespace slipway::torch
