# The standard library's headers and fmt's are half of what a small file compiles: they are compiled once, for the
# library's objects and for the tests (which are executables, compiled with other flags, and include GoogleTest).
# `-D SLIPWAY_PCH=OFF` does without, as compiler caches like it.
option(SLIPWAY_PCH "Precompile the headers that every file includes" ON)

set(slipway_standard_headers
  <algorithm> <array> <cmath> <complex> <cstdint> <cstring> <functional> <map> <memory> <numeric>
  <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)

# slipway_precompile(target headers…): target's files see these headers, compiled for it alone.
function(slipway_precompile target)
  if(SLIPWAY_PCH)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# slipway_precompile_headers(target holder): target's files see the headers that were compiled for holder.
function(slipway_precompile_headers target holder)
  if(SLIPWAY_PCH)
    target_precompile_headers(${target} REUSE_FROM ${holder})
  endif()
endfunction()

if(SLIPWAY_PCH)
  # Compiled headers serve only files that are compiled by the same flags, and some libraries ask for -pthread.
  target_compile_options(slipway_options INTERFACE -pthread)
  set(empty_source ${PROJECT_BINARY_DIR}/generated/empty.cpp)
  file(CONFIGURE OUTPUT ${empty_source} CONTENT "// Holds precompiled headers.\n")
  # The rooms below the graph share its headers as well.
  set(plain_headers ${PROJECT_SOURCE_DIR}/src/ops/registry.hpp)
  set(small_headers ${PROJECT_SOURCE_DIR}/src/base/error.hpp ${PROJECT_SOURCE_DIR}/src/graph/model.hpp)
  foreach(way fast plain small)
    add_library(slipway_${way}_headers OBJECT ${empty_source})
    target_link_libraries(slipway_${way}_headers PRIVATE slipway_options slipway_${way}_code fmt::fmt)
    target_precompile_headers(slipway_${way}_headers PRIVATE ${slipway_standard_headers} ${${way}_headers})
  endforeach()
endif()
