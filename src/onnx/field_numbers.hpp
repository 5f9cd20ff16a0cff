// The field numbers of ONNX's protobuf messages (onnx.proto and onnx-data.proto of onnx 1.22), as far as
// Slipway looks into them. What is not listed here is carried as bytes.
#pragma once

#include <cstdint>

namespace slipway::onnx_field {

struct Model {
  enum : uint32_t {
    kIrVersion = 1,
    kProducerName = 2,
    kProducerVersion = 3,
    kDomain = 4,
    kModelVersion = 5,
    kDocString = 6,
    kGraph = 7,
    kOpsetImport = 8,
    kMetadata = 14,
    kTrainingInfo = 20,
    kFunctions = 25
  };
};

struct OpsetId {
  enum : uint32_t { kDomain = 1, kVersion = 2 };
};

struct Entry {  // StringStringEntryProto
  enum : uint32_t { kKey = 1, kValue = 2 };
};

struct Graph {
  enum : uint32_t {
    kNode = 1,
    kName = 2,
    kInitializer = 5,
    kInput = 11,
    kOutput = 12,
    kValueInfo = 13,
    kSparseInitializer = 15
  };
};

struct Function {
  enum : uint32_t {
    kName = 1,
    kInput = 4,
    kOutput = 5,
    kAttribute = 6,
    kNode = 7,
    kOpsetImport = 9,
    kDomain = 10,
    kAttributeProto = 11,
    kValueInfo = 12,
    kOverload = 13
  };
};

struct Node {
  enum : uint32_t {
    kInput = 1,
    kOutput = 2,
    kName = 3,
    kOpType = 4,
    kAttribute = 5,
    kDomain = 7,
    kOverload = 8,
    kMetadata = 9
  };
};

struct Attribute {
  enum : uint32_t {
    kName = 1,
    kFloat = 2,
    kInt = 3,
    kString = 4,
    kTensor = 5,
    kGraph = 6,
    kFloats = 7,
    kInts = 8,
    kStrings = 9,
    kTensors = 10,
    kGraphs = 11,
    kType = 14,
    kTypes = 15,
    kKind = 20,
    kReference = 21,
    kSparseTensor = 22,
    kSparseTensors = 23
  };
};

struct Tensor {
  enum : uint32_t {
    kDims = 1,
    kDataType = 2,
    kSegment = 3,
    kFloatData = 4,
    kInt32Data = 5,
    kStringData = 6,
    kInt64Data = 7,
    kName = 8,
    kRawData = 9,
    kDoubleData = 10,
    kUint64Data = 11,
    kExternalData = 13,
    kDataLocation = 14
  };
};

struct SparseTensor {
  enum : uint32_t { kValues = 1, kIndices = 2, kDims = 3 };
};

struct ValueInfo {
  enum : uint32_t { kName = 1, kType = 2 };
};

struct Type {
  enum : uint32_t { kTensor = 1, kSequence = 4, kMap = 5, kSparseTensor = 8, kOptional = 9 };
};

struct TensorType {  // TypeProto.Tensor and TypeProto.SparseTensor
  enum : uint32_t { kElementType = 1, kShape = 2 };
};

struct WrappedType {  // TypeProto.Sequence and TypeProto.Optional
  enum : uint32_t { kElementType = 1 };
};

struct MapType {
  enum : uint32_t { kKeyType = 1, kValueType = 2 };
};

struct Shape {
  enum : uint32_t { kDim = 1 };
};

struct Dimension {
  enum : uint32_t { kValue = 1, kParameter = 2 };
};

struct Sequence {  // SequenceProto
  enum : uint32_t { kElementType = 2, kTensors = 3, kSequences = 5, kMaps = 6, kOptionals = 7 };
};

struct Map {  // MapProto
  enum : uint32_t { kKeyType = 2, kKeys = 3, kStringKeys = 4, kValues = 5 };
};

struct Optional {  // OptionalProto
  enum : uint32_t { kElementType = 2, kTensor = 3, kSequence = 5, kMap = 6, kOptional = 7 };
};

}  // namespace slipway::onnx_field
