// Reads pickles, the format in which Python saves objects, without doing what they say: a pickle is a program
// that imports and calls, and here every import and every call becomes a record of its name and arguments.
// What a record means is for the caller to know (tensors.hpp) or to leave alone.
//
//   PickleReader reader(bytes);
//   const PickleValue& root = reader.read();
//   if (const auto* dict = root.as<PickleDict>()) …
//
// Protocols 0 to 5, but for extensions and out-of-band buffers. Errors: kInvalidModel for what is no pickle,
// kUnsupported for the rest. After https://github.com/python/cpython/blob/main/Lib/pickletools.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace slipway::torch {

// A byte of a pickle can make a value of a hundred: so many, no more.
inline constexpr size_t kMostPickleValues = 4'000'000;

class PickleValue;

struct PickleNone {};
struct PickleBytes {
  std::string_view bytes;
};
// A list, tuple, set or frozenset.
struct PickleList {
  std::vector<PickleValue*> elements;
};
struct PickleDict {
  std::vector<std::pair<PickleValue*, PickleValue*>> items;
};
// A name that unpickling would import.
struct PickleGlobal {
  std::string_view module, name;
};
// A number that does not fit 64 bits; little-endian two's complement.
struct PickleBigInteger {
  std::string_view bytes;
};
// Something that the pickler keeps outside, by what it calls it.
struct PicklePersistent {
  PickleValue* id = nullptr;
};
// What unpickling would get by a call: callable(*arguments), then its state and what was added to it.
struct PickleObject {
  PickleValue* callable = nullptr;
  PickleValue* arguments = nullptr;
  PickleValue* state = nullptr;  // nullptr: none
  std::vector<PickleValue*> elements;
  std::vector<std::pair<PickleValue*, PickleValue*>> items;
};

class PickleValue {
 public:
  using Content = std::variant<PickleNone, bool, int64_t, double, std::string, PickleBytes, PickleBigInteger,
                               PickleList, PickleDict, PickleGlobal, PicklePersistent, PickleObject>;
  explicit PickleValue(Content content) : content_(std::move(content)) {}

  // nullptr when it is of another kind.
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&content_);
  }
  template <typename T>
  T* as() {
    return std::get_if<T>(&content_);
  }
  // "an object of 'argparse.Namespace'", "a dict of 3 items": for messages.
  std::string describe() const;

 private:
  Content content_;
};

// Owns the values: they may refer to each other in any way, in circles too. Texts and bytes are views of the
// pickle, which must outlive the reader.
class PickleReader {
 public:
  explicit PickleReader(std::span<const std::byte> bytes);

  // The next pickle of those that stand one behind the other. The values live as long as the reader.
  const PickleValue& read();
  // Bytes behind the pickles that were read.
  size_t position() const { return position_; }
  // Every value that was made, in the order in which they were.
  const std::deque<PickleValue>& values() const { return values_; }

 private:
  friend class PickleMachine;
  std::string_view text_;
  size_t position_ = 0;
  std::deque<PickleValue> values_;
};

}  // namespace slipway::torch
