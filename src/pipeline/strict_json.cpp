#include "pipeline/strict_json.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace slipway::pipeline {
namespace {

using nlohmann::json;

constexpr size_t kLongest = size_t{1} << 20;
constexpr int kDeepest = 16;
constexpr size_t kLongestShown = 60;

bool is_integer_between(const json& value, int64_t least, int64_t most) {
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{INT64_MAX});
  return fits && value.get<int64_t>() >= least && value.get<int64_t>() <= most;
}

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > kLongestShown) text = text.substr(0, kLongestShown) + "…";
  return text;
}

// The parser calls back for every value; depth is looked at before anything deeper is built.
class Watch {
 public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (depth > kDeepest) fail(ErrorCode::kInvalidModel, "the JSON is nested deeper than {}", kDeepest);
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second)
      fail(ErrorCode::kInvalidModel, "the JSON has the key {} twice", shown(parsed));
    return true;
  }

 private:
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

json parse_strictly(std::string_view text) {
  if (text.size() > kLongest)
    fail(ErrorCode::kInvalidModel, "the JSON has {} bytes, but {} are allowed", text.size(), kLongest);
  json parsed;
  Watch watch;
  try {
    parsed = json::parse(text.begin(), text.end(), [&](int depth, json::parse_event_t event, json& value) {
      return watch(depth, event, value);
    });
  } catch (const json::exception& error) {
    fail(ErrorCode::kInvalidModel, "the text is not JSON: {}", error.what());
  }
  if (!parsed.is_object()) fail(ErrorCode::kInvalidModel, "the JSON is not an object");
  return parsed;
}

Fields::Fields(const json& object, std::string path) : object_(object), path_(std::move(path)) {}

bool Fields::has(const char* name) {
  known_.insert(name);
  return object_.contains(name);
}

const json& Fields::get(const char* name) {
  if (!has(name)) fail(ErrorCode::kInvalidModel, "the field '{}' is missing", path_of(name));
  return object_.at(name);
}

int64_t Fields::integer(const char* name, int64_t least, int64_t most) {
  const json& value = get(name);
  if (!is_integer_between(value, least, most))
    fail(ErrorCode::kInvalidModel, "the field '{}' is {}, but an integer from {} to {} is expected",
         path_of(name), shown(value), least, most);
  return value.get<int64_t>();
}

std::string Fields::text(const char* name) {
  const json& value = get(name);
  if (!value.is_string())
    fail(ErrorCode::kInvalidModel, "the field '{}' is {}, but a string is expected", path_of(name),
         shown(value));
  return value.get<std::string>();
}

size_t Fields::choice(const char* name, const std::vector<std::string_view>& choices) {
  const json& value = get(name);
  for (size_t i = 0; i < choices.size(); ++i)
    if (value.is_string() && value.get_ref<const std::string&>() == choices[i]) return i;
  fail(ErrorCode::kInvalidModel, "the field '{}' is {}, but one of \"{}\" is expected", path_of(name),
       shown(value), fmt::join(choices, "\", \""));
}

std::vector<double> Fields::numbers(const char* name, size_t count) {
  const json& value = get(name);
  std::vector<double> numbers;
  bool fits = value.is_array() && value.size() == count;
  for (size_t i = 0; fits && i < count; ++i) {
    fits = value[i].is_number() && std::isfinite(value[i].get<double>());
    if (fits) numbers.push_back(value[i].get<double>());
  }
  if (!fits)
    fail(ErrorCode::kInvalidModel, "the field '{}' is {}, but {} finite numbers are expected", path_of(name),
         shown(value), count);
  return numbers;
}

std::vector<int64_t> Fields::integers(const char* name, size_t count, int64_t least, int64_t most) {
  const json& value = get(name);
  const auto fits = [&](const json& element) { return is_integer_between(element, least, most); };
  if (!value.is_array() || value.size() != count || !std::all_of(value.begin(), value.end(), fits))
    fail(ErrorCode::kInvalidModel, "the field '{}' is {}, but {} integers from {} to {} are expected",
         path_of(name), shown(value), count, least, most);
  return value.get<std::vector<int64_t>>();
}

const json& Fields::object(const char* name) {
  const json& value = get(name);
  if (!value.is_object())
    fail(ErrorCode::kInvalidModel, "the field '{}' is {}, but an object is expected", path_of(name),
         shown(value));
  return value;
}

void Fields::expect_no_others() const {
  for (const auto& [name, value] : object_.items())
    if (known_.count(name) == 0)
      fail(ErrorCode::kInvalidModel, "the field '{}' is not known; known here are: {}", path_of(name.c_str()),
           fmt::join(known_, ", "));
}

}  // namespace slipway::pipeline
