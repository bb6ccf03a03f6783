// The host's target machine and the optimiser, shared by code generation and JIT.
#ifndef AWG_DRIVER_TARGET_H
#define AWG_DRIVER_TARGET_H

#include "driver/CodeGen.h"

#include "llvm/Target/TargetMachine.h"

namespace awg {

/// A target machine for the host's instruction set with strict floating point; null with a fault if LLVM lacks it.
std::unique_ptr<llvm::TargetMachine> makeTargetMachine(const CodeGenOptions &options, std::string &fault);

/// Runs LLVM's pipeline of that level, coroutine lowering included.
void optimise(llvm::Module &module, llvm::TargetMachine &machine, unsigned optLevel);

} // namespace awg

#endif // AWG_DRIVER_TARGET_H
