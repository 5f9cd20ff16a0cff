# Flags that every translation unit shares. Numbers must not depend on the compiler's mood:
# a multiply and an add are contracted only where a kernel asks for it, and the build never
# targets the machine that it happens to run on.
add_library(slipway_options INTERFACE)
target_compile_options(slipway_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wno-unknown-pragmas
  -ffp-contract=off -fno-math-errno)
# A section for each function and table, so that the linker leaves out of the library what the C API does not reach.
target_compile_options(slipway_options INTERFACE -ffunction-sections -fdata-sections)
target_include_directories(slipway_options INTERFACE
  ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/generated)
if(SLIPWAY_WERROR)
  target_compile_options(slipway_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives from inlined standard-library code under these three.
  target_compile_options(slipway_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12's own stable_sort uses std::get_temporary_buffer, which C++17 deprecated.
  target_compile_options(slipway_options INTERFACE -Wno-deprecated-declarations)
endif()
if(SLIPWAY_SANITIZE)
  target_compile_options(slipway_options INTERFACE
    -fsanitize=${SLIPWAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(slipway_options INTERFACE -fsanitize=${SLIPWAY_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(slipway_options INTERFACE
      -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/sanitizer_ignore.txt)
  endif()
endif()

# How rooms are compiled in a release: fast; or plain, where kernels have to be right before they are fast, in less
# time; or small, where work is done once for a model or is little beside a run: half the code.
add_library(slipway_fast_code INTERFACE)
add_library(slipway_plain_code INTERFACE)
target_compile_options(slipway_plain_code INTERFACE $<$<CONFIG:Release>:-O2>)
add_library(slipway_small_code INTERFACE)
target_compile_options(slipway_small_code INTERFACE $<$<CONFIG:Release>:-Os>)
