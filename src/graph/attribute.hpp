// A named constant of a node. Its alternatives are AttributeProto's.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "graph/boxed.hpp"
#include "graph/preserved.hpp"
#include "tensor/tensor.hpp"
#include "tensor/type.hpp"

namespace slipway {

class Graph;
struct SparseTensor;

// A tensor as a file states it: with the name and the remarks that belong to it there.
struct Constant {
  Tensor tensor;
  std::string name;
  Preserved preserved;
  // The sparse form in which the file had it, when it had. Whoever changes the elements drops this.
  std::shared_ptr<const SparseTensor> sparse = nullptr;
};

// Values at given positions, zero elsewhere. `indices` is i64 [nnz] or [nnz, rank].
struct SparseTensor {
  Constant values;
  Constant indices;
  Dims dims;
  Preserved preserved;
};

class Attribute {
 public:
  using Graphs = std::vector<std::unique_ptr<Graph>>;
  // Large alternatives are boxed: most attributes are a number or a few, and there may be a hundred thousand.
  using Content = std::variant<std::monostate, float, int64_t, std::string, Boxed<Constant>,
                               std::unique_ptr<Graph>, Boxed<SparseTensor>, Boxed<Type>, std::vector<float>,
                               std::vector<int64_t>, std::vector<std::string>, std::vector<Constant>, Graphs,
                               std::vector<SparseTensor>, std::vector<Type>>;

  // The order of Content's alternatives.
  enum class Kind : uint8_t {
    kUndefined,
    kFloat,
    kInt,
    kString,
    kTensor,
    kGraph,
    kSparseTensor,
    kType,
    kFloats,
    kInts,
    kStrings,
    kTensors,
    kGraphs,
    kSparseTensors,
    kTypes
  };

  Attribute(std::string name, Content content);
  ~Attribute();
  Attribute(Attribute&&) noexcept;
  Attribute& operator=(Attribute&&) noexcept;
  // Inside a function's body: a place for the caller's attribute `parameter`.
  static Attribute reference(std::string name, std::string parameter, Kind kind);

  const std::string& name() const { return name_; }
  Kind kind() const { return kind_; }
  bool is_reference() const { return parameter_ != nullptr; }
  const std::string& parameter() const;  // "" when it is no reference
  const Content& content() const { return content_; }
  Content& content() { return content_; }

  // The content as T (Constant, not Boxed<Constant>), or nullptr when it is of another kind.
  template <typename T>
  const T* as() const {
    if constexpr (kIsBoxed<T>) {
      const auto* box = std::get_if<Boxed<T>>(&content_);
      return box ? &**box : nullptr;
    } else {
      return std::get_if<T>(&content_);
    }
  }
  template <typename T>
  T* as() {
    return const_cast<T*>(std::as_const(*this).template as<T>());
  }

  // The attribute and everything in it anew, subgraphs too; values that a subgraph captures stay the same
  // values.
  Attribute clone() const;

  Preserved preserved;

 private:
  template <typename T>
  static constexpr bool kIsBoxed =
      std::is_same_v<T, Constant> || std::is_same_v<T, SparseTensor> || std::is_same_v<T, Type>;

  std::string name_;
  std::unique_ptr<std::string> parameter_;
  Kind kind_ = Kind::kUndefined;
  Content content_;
};

// "ints", "graph", … for messages.
const char* name_of(Attribute::Kind kind);

}  // namespace slipway
