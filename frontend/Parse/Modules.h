// A program's files: the one that is compiled and those that it imports.
#ifndef AWG_FRONTEND_PARSE_MODULES_H
#define AWG_FRONTEND_PARSE_MODULES_H

#include "frontend/AST/AST.h"
#include "frontend/Diag/Diag.h"

namespace awg {

/// Parses a file, and each file that it or one of these imports, once; all of them, the first one in front.
///
/// A path is relative to the importing file; two paths of one file are one module, and each ImportDecl of a file gets its
/// module. A file that cannot be read is `unknown-import`, files that import each other are `import-cycle`. `findStandard` gives
/// the text of a module of the standard library that has items of its own, by its path (`std.linalg`); "" for any other.
llvm::SmallVector<Module *, 2> parseModules(llvm::SourceMgr &sources, unsigned bufferId, ASTContext &context,
                                            DiagEngine &diags, llvm::function_ref<StringRef(StringRef)> findStandard);

} // namespace awg

#endif // AWG_FRONTEND_PARSE_MODULES_H
