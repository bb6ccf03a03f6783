// Spellings of the syntax tree's operators.
#include "frontend/AST/AST.h"

using namespace awg;

StringRef awg::spelling(BinaryOp op) {
  static constexpr StringRef table[] = {"*", "/", "%",  "+",  "-", "<<", ">>", "&",  "^",
                                        "|", "==", "!=", "<", "<=", ">", ">=", "&&", "||"};
  return table[unsigned(op)];
}
