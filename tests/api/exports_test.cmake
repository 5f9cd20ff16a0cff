# The shared library exports what slipway.h declares, and nothing else: a C++ symbol that escapes would bind the
# program's own to ours.
execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${symbols}")
set(exported "")
foreach(line IN LISTS lines)
  # "0000000000281dd0 T slipway_cancel@@SLIPWAY_0"; A: the name of the version itself.
  if(NOT line MATCHES "^[0-9a-f]+ ([A-Za-z]) ([^@ ]+)")
    message(FATAL_ERROR "nm says what nobody expected: ${line}")
  elseif(NOT CMAKE_MATCH_1 STREQUAL "A")
    list(APPEND exported ${CMAKE_MATCH_2})
  endif()
endforeach()

file(READ ${HEADER} header)
string(REGEX REPLACE "/\\*([^*]|\\*[^/])*\\*+/" "" header "${header}")
string(REGEX MATCHALL "SLIPWAY_API [^;(]*[ *](slipway_[a-z_]+)\\(" declarations "${header}")
set(declared "")
foreach(declaration IN LISTS declarations)
  string(REGEX REPLACE ".*[ *](slipway_[a-z_]+)\\($" "\\1" name "${declaration}")
  list(APPEND declared ${name})
endforeach()

list(SORT exported)
list(SORT declared)
list(LENGTH declared count)
if(count EQUAL 0 OR NOT "${exported}" STREQUAL "${declared}")
  message(FATAL_ERROR "declared: ${declared}\nexported: ${exported}")
endif()
