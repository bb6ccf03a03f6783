# Finds LLVM and MLIR 22 and has them linked statically: a tool that loads the shared libraries starts in 30 to 100 ms,
# one linked statically in 5.
find_package(MLIR 22.1 REQUIRED CONFIG PATHS /usr/lib/llvm-22 NO_DEFAULT_PATH)
find_package(LLVM 22.1 REQUIRED CONFIG PATHS /usr/lib/llvm-22 NO_DEFAULT_PATH)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# Debian's MLIR libraries name the shared libLLVM as their dependency; point that name at the static libraries.
set(LLVM_LINK_LLVM_DYLIB OFF)
llvm_map_components_to_libnames(awg_llvm_libs
  Support Core CodeGen MC Passes OrcJIT X86 NVPTX Coroutines)
set_target_properties(LLVM PROPERTIES
  IMPORTED_CONFIGURATIONS RELWITHDEBINFO
  IMPORTED_LOCATION_RELWITHDEBINFO ${LLVM_LIBRARY_DIR}/libLLVMSupport.a
  IMPORTED_SONAME_RELWITHDEBINFO ""
  INTERFACE_LINK_LIBRARIES "${awg_llvm_libs}")
