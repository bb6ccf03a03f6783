// The commands that work on source files: `awgc fmt`, `awgc check --fix`; and how files are found and written.
#ifndef AWG_DRIVER_TOOLS_H
#define AWG_DRIVER_TOOLS_H

#include "driver/Compiler.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace awg {

/// Prints why a compilation failed and gives the exit code for it.
using Report = llvm::function_ref<int(const Compiler &)>;

/// Adds a file, or the `.awg` files below a folder in the order of their names but for those in hidden folders. False
/// after a message if a folder cannot be read.
bool findSources(llvm::StringRef path, std::vector<std::string> &files);

/// Writes a file, all of it or nothing; `-` is standard output. Gives the exit code, 1 after a message.
int writeFile(llvm::StringRef path, llvm::StringRef content);

/// Writes what standard output still holds. Gives the exit code: `code`, or 1 after a message if not all could be written.
int finishOutput(int code);

/// Lays out files, and those in folders, in place; `-` is standard input, whose layout goes to standard output. With
/// `checkOnly` it changes nothing and names those that are not laid out. Gives the exit code: 1 if there are such.
int formatFiles(llvm::ArrayRef<std::string> paths, bool checkOnly, const CompilerOptions &options, Report report);

/// Applies the fixes of a file's diagnostics in place, as long as that leads to others; reports what is left. Gives the
/// exit code of checking the result.
int fixFile(const std::string &path, const CompilerOptions &options, Report report);

} // namespace awg

#endif // AWG_DRIVER_TOOLS_H
