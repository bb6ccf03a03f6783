// The layout of Awg programs: `awgc fmt`.
#ifndef AWG_FRONTEND_FORMAT_FORMAT_H
#define AWG_FRONTEND_FORMAT_FORMAT_H

#include "frontend/Parse/Layout.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace awg {

/// The text in the layout that lang/spec/format.md describes: the same tokens and comments, other spaces and line ends.
/// A second time it changes nothing. `layout` is what the parser noted as it read the text without an error.
std::string format(llvm::StringRef text, const Layout &layout);

} // namespace awg

#endif // AWG_FRONTEND_FORMAT_FORMAT_H
