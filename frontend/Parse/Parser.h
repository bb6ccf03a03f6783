// Tokens to syntax tree.
#ifndef AWG_FRONTEND_PARSE_PARSER_H
#define AWG_FRONTEND_PARSE_PARSER_H

#include "frontend/AST/AST.h"
#include "frontend/Diag/Diag.h"
#include "frontend/Parse/Layout.h"

namespace awg {

/// Parses a file. Never null: after errors, which `diags` has, the tree holds what could be read.
///
/// What did not parse is an ErrorExpr or a TypeExpr with an empty name; functions whose heads are beyond this version are
/// left out, so that their names are unknown. The tree is at most 1000 levels high, so that later phases may recurse.
/// `layout`, where it is given, gets what a formatter needs.
Module *parse(llvm::SourceMgr &sources, unsigned bufferId, ASTContext &context, DiagEngine &diags,
              Layout *layout = nullptr);

/// Parses the text of a function that was parsed before, without an error, into a tree of its own.
FnDecl *parseFunctionAgain(const FnDecl &function, const llvm::SourceMgr &sources, ASTContext &context, DiagEngine &diags);

} // namespace awg

#endif // AWG_FRONTEND_PARSE_PARSER_H
