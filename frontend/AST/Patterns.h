// What stands on the left of `let`, `for` and an arm of `match`.
#ifndef AWG_FRONTEND_AST_PATTERNS_H
#define AWG_FRONTEND_AST_PATTERNS_H

#include "frontend/AST/Declarations.h"

namespace awg {

/// A field as named in a literal or a pattern.
struct FieldName {
  StringRef name;
  SMLoc loc;
  unsigned position = 0; ///< checked: among the struct's fields
};

/// What stands on the left of `let`, `for` and an arm of `match`. Only `match` takes those that may not fit.
class Pattern {
public:
  enum Kind {
    Name,         ///< `name`, `mut name`: fits all and binds it. Checked: the name of a case becomes a Case
    Wildcard,     ///< `_`
    Tuple,        ///< `(p, q)`: elements
    Struct,       ///< `Point { x: p, y }`: typeExpr, fields and, for each, an element
    Value,        ///< a literal: low
    Range,        ///< `a..b`, without its end: low, high
    Case,         ///< `Weight.Heavy`: low is the member expression, or null for the bare name of a case
    Alternatives, ///< `p | q`: elements
  };
  Kind kind;
  SMRange range;
  VarDecl *var = nullptr;         ///< Name
  ArrayRef<Pattern *> elements;
  TypeExpr *typeExpr = nullptr;   ///< Struct
  llvm::MutableArrayRef<FieldName> fields; ///< Struct
  Expr *low = nullptr, *high = nullptr;

  // checked
  const VarDecl *enumCase = nullptr; ///< Case
};

} // namespace awg

#endif // AWG_FRONTEND_AST_PATTERNS_H
