// What a call is given: values of the block, and constants as the program states them.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "tensor/data_type.hpp"
#include "torch/ir/value.hpp"

namespace slipway::torch::ir {

struct Block;
struct Argument;

struct None {};

// A number that is known, or else a value of the block that holds it.
template <typename T>
struct Number {
  T constant = {};
  Value* value = nullptr;
  bool is_constant() const { return value == nullptr; }
};
using Int = Number<int64_t>;
using Float = Number<double>;
using Bool = Number<bool>;

// nullptr: None among tensors.
using Tensors = std::vector<Value*>;

// torch.memory_format, torch.layout and devices: by their names ("contiguous_format", "strided", "cpu").
struct Enumerator {
  enum class Kind : uint8_t { kMemoryFormat, kLayout, kDevice } kind = Kind::kDevice;
  std::string name;
};

// Lists of one kind have an alternative of their own; everything deeper is a List, and what has keys a Dict.
struct NamedArgument;
using List = std::vector<Argument>;
using Dict = std::vector<NamedArgument>;

struct Argument {
  using Content = std::variant<None, Value*, Tensors, Int, std::vector<Int>, Float, std::vector<Float>, Bool,
                               std::vector<Bool>, std::complex<double>, std::string, std::vector<std::string>,
                               DataType, Enumerator, std::shared_ptr<Block>, List, Dict>;
  Content content;

  bool is_none() const { return std::holds_alternative<None>(content); }
  // nullptr when it is of another kind.
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&content);
  }
  template <typename T>
  T* as() {
    return std::get_if<T>(&content);
  }
};

struct NamedArgument {
  std::string name;  // of the operator's schema or a key; "" for what is given by position alone
  Argument argument;
};

// Calls visit(Value*&) for every value in the argument (None excluded), without going into blocks.
template <typename Visit>
void for_each_value(Argument& argument, const Visit& visit) {
  const auto number = [&](auto& n) {
    if (n.value) visit(n.value);
  };
  std::visit(
      [&](auto& content) {
        using Content = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, Value*>) {
          visit(content);
        } else if constexpr (std::is_same_v<Content, Tensors>) {
          for (Value*& value : content)
            if (value) visit(value);
        } else if constexpr (std::is_same_v<Content, Int> || std::is_same_v<Content, Float> ||
                             std::is_same_v<Content, Bool>) {
          number(content);
        } else if constexpr (std::is_same_v<Content, std::vector<Int>> ||
                             std::is_same_v<Content, std::vector<Float>> ||
                             std::is_same_v<Content, std::vector<Bool>>) {
          for (auto& n : content) number(n);
        } else if constexpr (std::is_same_v<Content, List>) {
          for (Argument& element : content) for_each_value(element, visit);
        } else if constexpr (std::is_same_v<Content, Dict>) {
          for (NamedArgument& element : content) for_each_value(element.argument, visit);
        }
      },
      argument.content);
}

}  // namespace slipway::torch::ir
