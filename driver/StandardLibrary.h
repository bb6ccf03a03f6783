// The standard library's Awg files and the pages on diagnostics, built into the compiler.
#ifndef AWG_DRIVER_STANDARDLIBRARY_H
#define AWG_DRIVER_STANDARDLIBRARY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace awg {

/// A file built into the compiler.
struct StandardModule {
  llvm::StringRef name; ///< as diagnostics show it, e.g. `std/math.awg`
  llvm::StringRef text;
};

/// lang/std/*.awg: what builtins are defined by.
llvm::ArrayRef<StandardModule> standardModules();
/// lang/std/import/*.awg: modules that programs import.
llvm::ArrayRef<StandardModule> importedModules();
/// lang/errors/*.md, by kind.
llvm::ArrayRef<StandardModule> errorPages();

} // namespace awg

#endif // AWG_DRIVER_STANDARDLIBRARY_H
