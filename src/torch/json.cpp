#include "torch/json.hpp"

#include <limits>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"

namespace slipway::torch {
namespace {

// Builds the values as nlohmann's own parser does, within the limits above.
class JsonBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit JsonBuilder(size_t most_nesting) : most_nesting_(most_nesting) {}

  Json take() { return std::move(root_); }

  bool null() override {
    if (open_.empty() || !open_.back()->is_object()) return add(nullptr);
    open_.back()->get_ref<Json::object_t&>().erase(place_);
    return true;
  }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& key) override {
    const auto [place, is_new] = open_.back()->get_ref<Json::object_t&>().try_emplace(std::move(key));
    if (!is_new) fail(ErrorCode::kInvalidModel, "{} stands twice in the JSON", slipway::quoted(place->first));
    place_ = place;
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
    fail(ErrorCode::kInvalidModel, "the JSON is damaged at byte {}", position);
  }

 private:
  Json* put(Json value) {
    if (++count_ > kMostJsonValues)
      fail(ErrorCode::kOutOfMemory, "the JSON holds more than {} values", kMostJsonValues);
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_object()) return &(place_->second = std::move(value));
    auto& array = open_.back()->get_ref<Json::array_t&>();
    return &array.emplace_back(std::move(value));
  }
  bool add(Json value) {
    put(std::move(value));
    return true;
  }
  bool open(Json value) {
    if (open_.size() == most_nesting_)
      fail(ErrorCode::kInvalidModel, "the JSON is nested deeper than {}", most_nesting_);
    open_.push_back(put(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  size_t most_nesting_, count_ = 0;
  Json root_;
  std::vector<Json*> open_;
  Json::object_t::iterator place_;  // of the value that follows a key
};

// Python writes numbers that JSON has not as bare words; in quotation marks they are JSON.
std::optional<std::string> quote_bare_words(std::string_view text) {
  constexpr std::string_view kWords[] = {"-Infinity", "Infinity", "NaN"};
  std::optional<std::string> quoted;
  size_t copied = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char character = text[i];
    if (in_text && character == '\\') ++i;
    if (character == '"') in_text = !in_text;
    if (in_text || (character != 'I' && character != 'N' && character != '-')) continue;
    for (const std::string_view word : kWords)
      if (text.substr(i, word.size()) == word) {
        if (!quoted) quoted.emplace();
        quoted->append(text.substr(copied, i - copied)).append("\"").append(word).append("\"");
        copied = i + word.size();
        i = copied - 1;
        break;
      }
  }
  if (quoted) quoted->append(text.substr(copied));
  return quoted;
}

std::string describe(const Json& value) {
  if (value.is_object()) return fmt::format("an object of {}", value.size());
  if (value.is_array()) return fmt::format("a list of {}", value.size());
  if (value.is_string()) return "the text " + slipway::quoted(value.get_ref<const std::string&>());
  return value.dump();
}

[[noreturn]] void refuse(const Json& value, std::string_view what, std::string_view expected) {
  fail(ErrorCode::kInvalidModel, "'{}' is {}, but {} was expected", what, describe(value), expected);
}

}  // namespace

Json parse_json(std::string_view text, size_t most_nesting) {
  const std::optional<std::string> quoted = quote_bare_words(text);
  if (quoted) text = *quoted;
  JsonBuilder builder(most_nesting);
  if (!Json::sax_parse(text.begin(), text.end(), &builder))
    fail(ErrorCode::kInvalidModel, "the JSON is damaged");
  return builder.take();
}

const std::string& as_text(const Json& value, std::string_view what) {
  if (!value.is_string()) refuse(value, what, "a text");
  return value.get_ref<const std::string&>();
}

int64_t as_integer(const Json& value, std::string_view what) {
  constexpr auto kLargest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  const bool fits =
      value.is_number_unsigned() ? value.get<uint64_t>() <= kLargest : value.is_number_integer();
  if (!fits) refuse(value, what, "an integer of 64 bits");
  return value.get<int64_t>();
}

double as_number(const Json& value, std::string_view what) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text == "Infinity" || text == "inf") return kInfinity;
    if (text == "-Infinity" || text == "-inf") return -kInfinity;
    if (text == "NaN" || text == "nan") return std::numeric_limits<double>::quiet_NaN();
  }
  refuse(value, what, "a number");
}

bool as_bool(const Json& value, std::string_view what) {
  if (!value.is_boolean()) refuse(value, what, "true or false");
  return value.get<bool>();
}

const Json::array_t& as_array(const Json& value, std::string_view what) {
  if (!value.is_array()) refuse(value, what, "a list");
  return value.get_ref<const Json::array_t&>();
}

const Json::object_t& as_object(const Json& value, std::string_view what) {
  if (!value.is_object()) refuse(value, what, "an object");
  return value.get_ref<const Json::object_t&>();
}

const Json* find_member(const Json& object, const std::string& name) {
  if (!object.is_object())
    fail(ErrorCode::kInvalidModel, "{} stands where an object with '{}' was expected", describe(object),
         name);
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const Json& member(const Json& object, const std::string& name) {
  const Json* found = find_member(object, name);
  if (!found) fail(ErrorCode::kInvalidModel, "'{}' is missing", name);
  return *found;
}

const std::string& text_at(const Json& object, const std::string& name) {
  return as_text(member(object, name), name);
}

const Json::array_t& array_at(const Json& object, const std::string& name) {
  return as_array(member(object, name), name);
}

Choice choice_of(const Json& value, std::string_view what) {
  const auto& kinds = as_object(value, what);
  if (kinds.size() == 1) return {kinds.begin()->first, kinds.begin()->second};
  if (kinds.empty()) fail(ErrorCode::kInvalidModel, "'{}' is of no kind", what);
  fail(ErrorCode::kInvalidModel, "'{}' is '{}' and '{}' at once", what, kinds.begin()->first,
       std::next(kinds.begin())->first);
}

}  // namespace slipway::torch
