// The header of a .npy file: what the array's elements are and how they lie. The format is NumPy's
// (numpy.lib.format, versions 1.0, 2.0 and 3.0): a magic number, a length, and a Python literal
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//
// which is parsed as such a literal and never evaluated.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "tensor/data_type.hpp"
#include "tensor/dim.hpp"

namespace slipway::workbench {

struct NpyHeader {
  enum class Text : uint8_t { kNone, kBytes, kUnicode };  // S and U: strings of a fixed width

  DataType type = DataType::kUndefined;  // the element in memory; kString for both kinds of text
  Text text = Text::kNone;
  size_t item_size = 0;  // bytes of one element in the file, at least 1
  bool big_endian = false;
  bool fortran_order = false;
  Dims dims;
  int64_t count = 0;       // of elements
  size_t data_offset = 0;  // where the elements begin
};

inline constexpr size_t kMaxNpyHeader = 65536;
inline constexpr size_t kMaxNpyRank = 64;

// Reads the header of a whole file. Throws kInvalidArgument when it is malformed or its sizes are not those
// of the bytes that follow, kUnsupported for arrays of objects, records, dates and long double.
NpyHeader parse_npy_header(std::span<const std::byte> file);

// A header of version 1.0 for elements spelled `descr` in row-major order, padded so that the elements begin
// at a multiple of 64.
std::string make_npy_header(const std::string& descr, const Dims& dims);

}  // namespace slipway::workbench
