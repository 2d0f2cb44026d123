# Compiler, linker and warning settings shared by every target.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # With precompiled headers ccache needs to be told that nobody relies on __TIME__ or on macros inside of them.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# Clang (fuzzing) has no -Wshadow=local, counts signs as conversions, and sees deprecated parts inside of libstdc++ 12.
set(CAUSEWAY_SHADOW $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>)
add_compile_options(-Wall -Wextra -Wpedantic -Werror ${CAUSEWAY_SHADOW} -Wconversion -Wnon-virtual-dtor
                    -Wold-style-cast -Wimplicit-fallthrough -Wswitch -Wformat=2)
add_compile_options($<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion> $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
# GCC 12 at -O2 takes the inactive parts of std::expected and std::variant for uninitialized reads.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
add_compile_options(-fstack-protector-strong -D_FORTIFY_SOURCE=$<IF:$<CONFIG:Debug>,0,2>)
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
include_directories(${CMAKE_SOURCE_DIR})

if(CAUSEWAY_SANITIZE)
  # With ThreadSanitizer's calls in between, GCC 12 no longer sees which of a string's two buffers is meant.
  if(CAUSEWAY_SANITIZE STREQUAL "thread")
    add_compile_options(-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  add_compile_options(-fsanitize=${CAUSEWAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CAUSEWAY_SANITIZE})
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
