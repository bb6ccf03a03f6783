// LLVM IR to machine code: optimisation, objects, assembly, JIT.
#ifndef AWG_DRIVER_CODEGEN_H
#define AWG_DRIVER_CODEGEN_H

#include "driver/Compiler.h"

#include "llvm/IR/Module.h"

#include <map>

namespace awg {

struct CodeGenOptions {
  unsigned optLevel; ///< 0 to 3
  std::string cpu;   ///< empty: this machine's
};

/// Optimises the module and writes LLVM IR, assembly or an object. On failure `fault` says why.
bool generateCode(llvm::Module &module, Emit emit, const CodeGenOptions &options, llvm::raw_pwrite_stream &out,
                  std::string &fault);

/// What ties a program in this process to other code.
struct JITLinks {
  std::map<std::string, bool> exports; ///< symbol, whether it may reject
  std::vector<std::string> foreign;    ///< the functions of C that it calls
  std::vector<std::string> libraryPaths, libraries;
};

/// Compiles the module into this process, and loads the libraries that it calls.
std::unique_ptr<JITProgram> makeJITProgram(llvm::Module &module, const CodeGenOptions &options, JITLinks links,
                                           std::string &fault);

} // namespace awg

#endif // AWG_DRIVER_CODEGEN_H
