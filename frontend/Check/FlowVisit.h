// A walk over all expressions of a tree, for checks that need no more than to find things in it.
#ifndef AWG_FRONTEND_CHECK_FLOWVISIT_H
#define AWG_FRONTEND_CHECK_FLOWVISIT_H

#include "frontend/AST/AST.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace awg::flow {

/// Visits `root` and every expression inside it in source order, without recursion, until `visit` gives false.
void visitExprs(const Expr *root, llvm::function_ref<bool(const Expr &)> visit);
/// The same, with the statements told too.
void visitTree(const Expr *root, llvm::function_ref<bool(const Expr &)> visit,
               llvm::function_ref<void(const Stmt &)> visitStmt);

/// Visits the extents that a type says, which may be null; not those of its type arguments.
void visitExtents(const TypeExpr *written, llvm::function_ref<void(const Expr &)> visit);

/// Visits each mention of a variable in `root` with all of the place that it begins: `job.data[i]` for `job`. Subscripts on
/// the way are visited too.
void visitPlaces(const Expr *root, llvm::function_ref<void(const VarDecl &, const Expr &)> visit);

} // namespace awg::flow

#endif // AWG_FRONTEND_CHECK_FLOWVISIT_H
