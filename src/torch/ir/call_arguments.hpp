// What a call is given under a name of the schema, as C++ has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "torch/ir/block.hpp"

namespace slipway::torch::ir {

// "add_" of "aten.add_.Tensor"; "" for targets of other namespaces.
std::string_view aten_name(const Call& call);
// "Tensor" of "aten.add_.Tensor"; "" where the target names none.
std::string_view overload_of(const Call& call);

// nullptr when it is absent or no tensor.
Value* tensor_argument(const Call& call, std::string_view name);
// nullopt when it is no number that is known; `missing` when it is absent.
std::optional<int64_t> int_argument(const Call& call, std::string_view name,
                                    std::optional<int64_t> missing = {});
std::optional<double> number_argument(const Call& call, std::string_view name);
std::optional<bool> bool_argument(const Call& call, std::string_view name, std::optional<bool> missing = {});
// nullopt when it is absent or one of the numbers is not known. A single number is a list of one.
std::optional<std::vector<int64_t>> ints_argument(const Call& call, std::string_view name);

}  // namespace slipway::torch::ir
