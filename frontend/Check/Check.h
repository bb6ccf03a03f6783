// The checker: names, types, extents and captures of a parsed program.
//
// What IRGen may rely on after a successful check:
// - Every Expr::type is set. A RangeExpr's type is that of its bounds; a call of an async fn, a kernel or an operation
//   has the type of its result (what `await` gives), `async` a future of it, a statement `each` the unit type.
// - A value flows into a place (argument, `let` with a type, assignment, return, branch of an `if`) of the same type,
//   but for extents: where the place's type has a constant or a size variable and the value's type does not have the
//   same, they are to be compared at run time. A size variable is bound by the first parameter dimension that names it;
//   every other one that names it is compared at run time unless the argument types prove it.
// - An extent of a return type or of a `let`'s type that is neither a name of a size variable nor a constant is Any in
//   the type; its expression stands, checked, in the TypeExpr and is compared at run time.
// - A value of type never fits everywhere; a block that cannot end has type never. Code behind it is checked like any.
// - The shift count of `<<` and `>>` may be of another integer type than the left operand, and is taken modulo the left
//   operand's width. Subscripts, extents, `dim`'s second argument may be of any integer type.
// - duration arithmetic: `d + d`, `d - d`, `-d`, `d * i64`, `i64 * d`, `d / i64`; `d / d` is f64.
// - `catch e`: the variable has type (str, str), message then place; it is used only as `e.message` and `e.place`.
// - Without a type of its own, a `let mut` that is assigned to as a whole somewhere has extents Any. A `mut` parameter
//   keeps its extents: a whole array assigned to it is compared at run time with what it has.
// - `fail` and `assert` in device code have a literal message with at most four holes, each a scalar.
#ifndef AWG_FRONTEND_CHECK_CHECK_H
#define AWG_FRONTEND_CHECK_CHECK_H

#include "frontend/AST/AST.h"
#include "frontend/Diag/Diag.h"

namespace awg {

/// The modules of one compilation.
struct Program {
  Module *user = nullptr;
  llvm::SmallVector<Module *, 2> imported; ///< what `user` imports, and what that imports
  llvm::SmallVector<Module *, 2> standard; ///< the std modules, in any order
  bool needsMain = true;                   ///< report `missing-main`

  // checked
  FnDecl *main = nullptr;
  /// The functions of the std modules for `%` of f32 and of f64, once one is used.
  FnDecl *remainders[2] = {};
  /// What is to be compiled: all functions of `user` and of what it imports, without the tests of the latter, and those std
  /// functions that they reach. A std function comes
  /// before the ones that its own body was the first to reach.
  llvm::SmallVector<FnDecl *> functions;
};

/// A word of C or C++, which cannot be a name in a header.
bool isWordOfC(llvm::StringRef name);

/// Checks `program` and fills in the "checked" fields of its trees. Std functions are checked only if the user's module
/// reaches them. Returns true if it reported nothing.
bool check(Program &program, ASTContext &context, const llvm::SourceMgr &sources, DiagEngine &diags);

} // namespace awg

#endif // AWG_FRONTEND_CHECK_CHECK_H
