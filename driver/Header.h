// The header by which C programs call a compiled file.
#ifndef AWG_DRIVER_HEADER_H
#define AWG_DRIVER_HEADER_H

#include "frontend/Check/Check.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace awg {

/// Declares what a checked program exports, in C that C++ takes too.
void writeHeader(llvm::raw_ostream &out, const Program &program, const llvm::SourceMgr &sources,
                 llvm::function_ref<bool(const FnDecl &)> mayReject);

} // namespace awg

#endif // AWG_DRIVER_HEADER_H
