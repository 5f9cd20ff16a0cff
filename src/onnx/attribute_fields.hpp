// How AttributeProto spells an attribute's kind: the number in its `type` field, and the field that holds the
// content.
#pragma once

#include <array>
#include <cstdint>

#include "graph/attribute.hpp"
#include "onnx/field_numbers.hpp"
#include "onnx/message_reader.hpp"

namespace slipway {

struct AttributeField {
  Attribute::Kind kind;
  int32_t type;     // AttributeProto.AttributeType
  uint32_t number;  // the field of the content
  WireType wire;    // of one element; numbers may be packed as well
  bool is_list;
};

inline constexpr std::array<AttributeField, 14> kAttributeFields = {{
    {Attribute::Kind::kFloat, 1, onnx_field::Attribute::kFloat, WireType::kFixed32, false},
    {Attribute::Kind::kInt, 2, onnx_field::Attribute::kInt, WireType::kVarint, false},
    {Attribute::Kind::kString, 3, onnx_field::Attribute::kString, WireType::kLength, false},
    {Attribute::Kind::kTensor, 4, onnx_field::Attribute::kTensor, WireType::kLength, false},
    {Attribute::Kind::kGraph, 5, onnx_field::Attribute::kGraph, WireType::kLength, false},
    {Attribute::Kind::kSparseTensor, 11, onnx_field::Attribute::kSparseTensor, WireType::kLength, false},
    {Attribute::Kind::kType, 13, onnx_field::Attribute::kType, WireType::kLength, false},
    {Attribute::Kind::kFloats, 6, onnx_field::Attribute::kFloats, WireType::kFixed32, true},
    {Attribute::Kind::kInts, 7, onnx_field::Attribute::kInts, WireType::kVarint, true},
    {Attribute::Kind::kStrings, 8, onnx_field::Attribute::kStrings, WireType::kLength, true},
    {Attribute::Kind::kTensors, 9, onnx_field::Attribute::kTensors, WireType::kLength, true},
    {Attribute::Kind::kGraphs, 10, onnx_field::Attribute::kGraphs, WireType::kLength, true},
    {Attribute::Kind::kSparseTensors, 12, onnx_field::Attribute::kSparseTensors, WireType::kLength, true},
    {Attribute::Kind::kTypes, 14, onnx_field::Attribute::kTypes, WireType::kLength, true},
}};

const AttributeField& field_of(Attribute::Kind kind);  // kUndefined has none

}  // namespace slipway
