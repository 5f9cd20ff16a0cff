# Most of what a small file that only calls others compiles is templates of its headers: several such files, compiled
# as one, take half of the time. `-D SLIPWAY_UNITY=OFF` compiles each by itself.
option(SLIPWAY_UNITY "Compile the command line and the tests several files at a time" ON)

# slipway_merge_sources(target count): so many of target's files are compiled as one. They share what they declare
# without a name, so two of them may not give the same name to different things.
function(slipway_merge_sources target count)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SLIPWAY_UNITY} UNITY_BUILD_BATCH_SIZE ${count})
endfunction()
