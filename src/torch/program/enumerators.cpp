#include "torch/program/enumerators.hpp"

#include <span>
#include <string_view>

#include "base/error.hpp"

namespace slipway::torch {
namespace {

struct NumberedType {
  int64_t number;
  DataType type;
};
constexpr NumberedType kTypes[] = {{1, DataType::kUint8},           {2, DataType::kInt8},
                                   {3, DataType::kInt16},           {4, DataType::kInt32},
                                   {5, DataType::kInt64},           {6, DataType::kFloat16},
                                   {7, DataType::kFloat},           {8, DataType::kDouble},
                                   {10, DataType::kComplex64},      {11, DataType::kComplex128},
                                   {12, DataType::kBool},           {13, DataType::kBfloat16},
                                   {28, DataType::kUint16},         {29, DataType::kFloat8e4m3fn},
                                   {30, DataType::kFloat8e5m2},     {31, DataType::kFloat8e4m3fnuz},
                                   {32, DataType::kFloat8e5m2fnuz}, {33, DataType::kFloat8e8m0},
                                   {34, DataType::kUint32},         {35, DataType::kUint64}};
constexpr int64_t kComplexHalf = 9;

constexpr std::string_view kLayouts[] = {"unknown",    "sparse_coo", "sparse_csr", "sparse_csc",
                                         "sparse_bsr", "sparse_bsc", "_mkldnn",    "strided"};
constexpr std::string_view kMemoryFormats[] = {"unknown", "contiguous_format", "channels_last",
                                               "channels_last_3d", "preserve_format"};

std::string name_at(std::span<const std::string_view> names, int64_t number, std::string_view what) {
  if (number < 0 || number >= static_cast<int64_t>(names.size()))
    fail(ErrorCode::kInvalidModel, "there is no {} {}", what, number);
  return std::string(names[static_cast<size_t>(number)]);
}

}  // namespace

DataType program_data_type(int64_t number) {
  for (const NumberedType& type : kTypes)
    if (type.number == number) return type.type;
  if (number == kComplexHalf)
    fail(ErrorCode::kUnsupported, "torch.complex32 has no counterpart in ONNX; use complex64");
  fail(ErrorCode::kInvalidModel, "there is no element type {}", number);
}

std::string program_layout(int64_t number) {
  return name_at(kLayouts, number, "layout");
}

std::string program_memory_format(int64_t number) {
  return name_at(kMemoryFormats, number, "memory format");
}

}  // namespace slipway::torch
