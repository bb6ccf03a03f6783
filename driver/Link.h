// Tools outside: the linker and NVIDIA's assembler.
#ifndef AWG_DRIVER_LINK_H
#define AWG_DRIVER_LINK_H

#include "driver/Compiler.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace awg {

/// Links an object with the runtime to an executable file. Needs ld.lld or ld, and the C library's development files.
bool linkExecutable(llvm::StringRef object, llvm::StringRef path, const CompilerOptions &options,
                    std::string &fault);

/// Assembles PTX for a chip with `ptxas`; gives the cubin, or sets `fault`.
std::string assemblePTX(llvm::StringRef text, llvm::StringRef chip, std::string &fault);

} // namespace awg

#endif // AWG_DRIVER_LINK_H
