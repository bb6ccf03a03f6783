// Spellings of the syntax tree's operators, and what its nodes tell of themselves.
#include "frontend/AST/AST.h"

#include "llvm/ADT/STLExtras.h"

using namespace awg;

StringRef awg::spelling(BinaryOp op) {
  static constexpr StringRef table[] = {"*", "/", "%",  "+",  "-", "<<", ">>", "&",  "^",
                                        "|", "==", "!=", "<", "<=", ">", ">=", "&&", "||"};
  return table[unsigned(op)];
}

bool IndexExpr::isView() const {
  auto *array = llvm::dyn_cast<ArrayType>(base->type);
  bool hasRange = llvm::any_of(subscripts, [](const Expr *subscript) { return llvm::isa<RangeExpr>(subscript); });
  return array && (hasRange || subscripts.size() < array->rank());
}
