# Installs into an empty folder, moves it, builds the examples against what is there and runs them.
include(${CMAKE_CURRENT_LIST_DIR}/run_commands.cmake)

file(REMOVE_RECURSE ${FOLDER})
run_well(${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/first)
set(prefix ${FOLDER}/moved)
file(RENAME ${FOLDER}/first ${prefix})

foreach(file bin/slipway include/slipway/slipway.h include/slipway/slipway.hpp include/slipway/custom_op.h
             share/doc/slipway/LICENSE)
  if(NOT EXISTS ${prefix}/${file})
    message(FATAL_ERROR "${file} was not installed")
  endif()
endforeach()
run_well(${prefix}/bin/slipway version)

# What a compiler for C11 alone takes, without a warning.
set(strict "-Wall -Wextra -Wpedantic -Werror")
set(model ${SOURCE}/models/srcnn/srcnn_x3.onnx)
foreach(language c cpp)
  set(build ${FOLDER}/${language})
  run_well(${CMAKE_COMMAND} -S ${SOURCE}/examples/${language} -B ${build} -G ${GENERATOR}
    -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_PREFIX_PATH=${prefix}
    -DCMAKE_C_FLAGS=${strict} -DCMAKE_CXX_FLAGS=${strict} -DCMAKE_C_EXTENSIONS=OFF -DCMAKE_CXX_EXTENSIONS=OFF)
  run_well(${CMAKE_COMMAND} --build ${build})
  run_well(${build}/run_model ${model})
  expect("input 'input': f")
  # 16 × 16 pixels, three times larger.
  expect("'output' is 1 3 48 48, in the middle 0.")
  run(${build}/run_model ${SOURCE}/README.md)
  if(status EQUAL 0)
    message(FATAL_ERROR "README.md is no model, but:\n${output}")
  endif()
  expect("invalid model")
  expect("README.md")
endforeach()

# The same for those who build without CMake.
file(GLOB_RECURSE pc ${prefix}/slipway.pc)
find_program(pkg_config pkg-config REQUIRED)
get_filename_component(folder ${pc} DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${folder})
run_well(${pkg_config} --cflags --libs slipway)
string(STRIP "${output}" flags)
separate_arguments(flags)
run_well(${C_COMPILER} -std=c11 ${SOURCE}/examples/c/run_model.c ${flags} -o ${FOLDER}/by_pkg_config)
get_filename_component(library_folder ${folder} DIRECTORY)
set(ENV{LD_LIBRARY_PATH} ${library_folder})
run_well(${FOLDER}/by_pkg_config ${model})
expect("'output' is 1 3 48 48")
