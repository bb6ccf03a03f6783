# What every part of the compiler is built with.
add_library(awg-flags INTERFACE)
target_compile_options(awg-flags INTERFACE -Wall -Wextra -Werror -Wno-unused-parameter)

add_library(awg-llvm-flags INTERFACE)
target_include_directories(awg-llvm-flags SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_include_directories(awg-llvm-flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_definitions(awg-llvm-flags INTERFACE ${LLVM_DEFINITIONS_LIST})
target_compile_options(awg-llvm-flags INTERFACE -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections)
target_link_libraries(awg-llvm-flags INTERFACE awg-flags)
separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND ${LLVM_DEFINITIONS})

# awg_add_library(NAME [LIBS...]): a static library of all .cpp files beside the calling CMakeLists.txt and one level below.
function(awg_add_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp */*.cpp)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC awg-llvm-flags ${ARGN})
endfunction()

# awg_precompile_headers(NAME HEADERS...): headers that most of a library's files include and that seldom change.
# Without a time stamp in the file ccache can tell that it is the same.
function(awg_precompile_headers name)
  target_precompile_headers(${name} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
