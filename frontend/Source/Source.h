// Reading source files.
#ifndef AWG_FRONTEND_SOURCE_SOURCE_H
#define AWG_FRONTEND_SOURCE_SOURCE_H

#include "frontend/Diag/Diag.h"

#include <memory>
#include <optional>

namespace awg {

/// Reads the file at `path` (`-`: standard input) and adds it to `sources`; gives its buffer's number.
///
/// A file that is missing, a directory, a device, not readable or larger than 1 GiB is reported as `cannot-read`, and
/// nothing is given. NUL bytes and bytes that are not UTF-8 are reported as `bad-character` where they stand; the buffer
/// is given all the same, so that what is wrong elsewhere can be reported too.
std::optional<unsigned> loadFile(llvm::SourceMgr &sources, llvm::StringRef path, DiagEngine &diags);

/// Reads a file like loadFile, without adding it; null with the reason in `why`.
std::unique_ptr<llvm::MemoryBuffer> readSource(llvm::StringRef path, std::string &why);

/// Adds a text that is already in memory, under the name that its buffer carries; checks its bytes like loadFile.
unsigned loadBuffer(llvm::SourceMgr &sources, std::unique_ptr<llvm::MemoryBuffer> buffer, DiagEngine &diags);

} // namespace awg

#endif // AWG_FRONTEND_SOURCE_SOURCE_H
