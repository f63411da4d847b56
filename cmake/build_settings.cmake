# The language, the warnings and the instrumentation: what every translation unit of the tree agrees on.

option(TALLYCAST_TESTS "Build the tests" ON)
option(TALLYCAST_BENCH "Build the benchmarks" ON)
option(TALLYCAST_WERROR "Treat warnings as errors (tools/check does)" OFF)
option(TALLYCAST_FUZZ "Build the fuzz targets with libFuzzer (needs clang)" OFF)
set(TALLYCAST_SANITIZE "" CACHE STRING "Sanitizers for everything, e.g. address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Line tables are enough for a stack trace and keep the objects small; Debug still optimises a little,
# because unoptimised Asio is several times slower to run and hardly faster to compile.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

# Third-party headers are system headers, so these speak of our own code only. Not -Wconversion: what it
# says of Boost's and GoogleTest's templates is reported at our lines.
# A designated initialiser that names a few members means the others' defaults.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers)
if(TALLYCAST_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees dangling and uninitialised values in inlined coroutine frames where there are none.
  add_compile_options(-Wno-maybe-uninitialized -Wno-mismatched-new-delete)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    add_compile_options(-Wno-dangling-reference)
  endif()
endif()

# Asio's and Beast's non-template parts are compiled once (cmake/packages.cmake); every translation unit
# has to know, or the program holds them twice in two versions.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
# Coroutine frames come from operator new, which is cheaper than aligned_alloc and aligned enough.
add_compile_definitions(BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)

if(TALLYCAST_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TALLYCAST_FUZZ needs clang: use the preset `fuzz`.")
  endif()
  # Without `function`: clang 14 cannot compile a coroutine with it.
  set(fuzz_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_compile_options(${fuzz_flags})
  add_link_options(-fsanitize=address,undefined)
elseif(TALLYCAST_SANITIZE)
  add_compile_options(-fsanitize=${TALLYCAST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TALLYCAST_SANITIZE})
endif()

add_compile_definitions(TALLYCAST_VERSION="${PROJECT_VERSION}")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# A faster linker where there is one. Sanitizer run-times are linked by the compiler's own default.
if(NOT TALLYCAST_SANITIZE AND NOT TALLYCAST_FUZZ)
  foreach(linker IN ITEMS mold lld)
    find_program(LINKER_${linker} NAMES ${linker} ld.${linker})
    if(LINKER_${linker})
      add_link_options(-fuse-ld=${linker})
      break()
    endif()
  endforeach()
endif()
