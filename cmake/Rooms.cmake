# slipway_room(name [COMPILED fast|plain|small] [LIBRARIES ...]): every .cpp below src/<name> becomes one object
# library, compiled once, from which the shared library, the CLI and the tests are all linked. How it is compiled
# says CompileOptions.cmake; fast unless said.
function(slipway_room name)
  cmake_parse_arguments(ROOM "" "COMPILED" "LIBRARIES" ${ARGN})
  if(NOT ROOM_COMPILED)
    set(ROOM_COMPILED fast)
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" target slipway_${name})
  add_library(${target} OBJECT ${sources})
  target_link_libraries(${target} PUBLIC slipway_options ${ROOM_LIBRARIES} PRIVATE slipway_${ROOM_COMPILED}_code)
  slipway_precompile_headers(${target} slipway_${ROOM_COMPILED}_headers)
  set_property(GLOBAL APPEND PROPERTY SLIPWAY_ROOMS ${target})
  set_property(GLOBAL APPEND PROPERTY SLIPWAY_ROOM_LIBRARIES ${ROOM_LIBRARIES})
endfunction()
