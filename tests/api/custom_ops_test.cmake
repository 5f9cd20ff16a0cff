# Custom operators as somebody writes them who has an installed Slipway and nothing else: the examples are built against
# the prefix, and models run with them by the installed program and the installed library.
include(${CMAKE_CURRENT_LIST_DIR}/run_commands.cmake)

file(REMOVE_RECURSE ${FOLDER})
set(prefix ${FOLDER}/prefix)
run_well(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
set(golden ${SOURCE}/tests/golden/custom_ops)

# Out of the tree, so that nothing of it is found by chance.
file(COPY ${SOURCE}/examples/custom_ops DESTINATION ${FOLDER})
set(strict "-Wall -Wextra -Wpedantic -Wmissing-field-initializers -Werror")
set(build ${FOLDER}/build)
run_well(${CMAKE_COMMAND} -S ${FOLDER}/custom_ops -B ${build} -G ${GENERATOR}
  -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_PREFIX_PATH=${prefix}
  -DCMAKE_C_FLAGS=${strict} -DCMAKE_CXX_FLAGS=${strict} -DCMAKE_C_EXTENSIONS=OFF -DCMAKE_CXX_EXTENSIONS=OFF)
run_well(${CMAKE_COMMAND} --build ${build})
set(libraries --custom-ops ${build}/libasinh.so --custom-ops ${build}/libdeform_conv.so
  --custom-ops ${build}/libbyte_pair.so)
set(slipway ${prefix}/bin/slipway)

run_well(${slipway} test ${golden} ${libraries})
expect("5 passed, 0 failed")
run_well(${slipway} inspect ${golden}/asinh/model.onnx ${libraries})
expect("com.example:Asinh from ${build}/libasinh.so")
run_well(${slipway} check ${golden}/asinh/model.onnx ${libraries})
expect("com.example:Asinh comes from '${build}/libasinh.so' (1 node)")
run_well(${slipway} bench ${golden}/asinh/model.onnx ${libraries} --shape 2x3 --runs 2)
expect("2 runs")

# Without them, and with an engine that has no use for them.
function(expect_failure)
  run(${ARGN})
  if(status EQUAL 0 OR NOT status MATCHES "^[0-9]+$")
    message(FATAL_ERROR "${ARGN} was to fail, but ended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()
expect_failure(${slipway} bench ${golden}/asinh/model.onnx --shape 2x3 --runs 2)
expect("com.example:Asinh")
expect("--custom-ops")
expect_failure(${slipway} bench ${golden}/asinh/model.onnx --shape 2x3 ${libraries} --custom-ops ${build}/libasinh.so)
expect("brings an operator of this name, too")
expect_failure(${slipway} check ${golden}/asinh/model.onnx --custom-ops ${FOLDER}/nowhere.so)
expect("there is no such file")

# A name without a folder is a file here, not one for the system to look for.
execute_process(COMMAND ${slipway} check ${golden}/asinh/model.onnx --custom-ops libasinh.so
  WORKING_DIRECTORY ${build} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
expect("runs on native")

# The library that the header's own text shows, as the text says to build it.
file(STRINGS ${prefix}/include/slipway/custom_op.h lines)
set(example "")
set(inside FALSE)
foreach(line IN LISTS lines)
  if(line MATCHES "^ \\*   #include <math.h>")
    set(inside TRUE)
  endif()
  if(inside)
    string(REGEX REPLACE "^ \\*( +//|)" "" line "${line}")
    string(REGEX REPLACE " +// .*" "" line "${line}")
    string(APPEND example "${line}\n")
  endif()
  if(line MATCHES "SLIPWAY_CUSTOM_OPS\\(operators\\)")
    break()
  endif()
endforeach()
file(WRITE ${FOLDER}/header_example.c "${example}")
run_well(${C_COMPILER} -std=c99 -O2 -Wall -Wextra -Wpedantic -Werror -shared -fPIC -I ${prefix}/include
  ${FOLDER}/header_example.c -o ${FOLDER}/libheader_example.so -lm)
run_well(${slipway} test ${golden}/asinh --custom-ops ${FOLDER}/libheader_example.so)
expect("1 passed, 0 failed")

# By the C API.
run_well(${C_COMPILER} -std=c11 -Wall -Wextra -Wpedantic -Werror -I ${prefix}/include
  ${SOURCE}/tests/api/custom_ops_program.c -L ${prefix}/lib -L ${prefix}/lib64 -lslipway -o ${FOLDER}/program)
set(ENV{LD_LIBRARY_PATH} ${prefix}/lib:${prefix}/lib64)
run_well(${FOLDER}/program ${golden}/asinh/model.onnx ${build}/libasinh.so)
expect("asinh(1) twice is 1.762747")
