// What the body of an `each` does to variables from outside.
#ifndef AWG_FRONTEND_CHECK_RACEACCESS_H
#define AWG_FRONTEND_CHECK_RACEACCESS_H

#include "frontend/Check/RaceSubscript.h"

#include "llvm/ADT/MapVector.h"

namespace awg::race {

/// One place at which an array from outside is touched.
struct Access {
  enum Kind {
    Read,
    Write,
    Atomic,
    ReadWhole,  ///< lent to a call, or used as a value
    WriteWhole, ///< lent `mut` to a call, or assigned
  };
  Kind kind;
  SMRange range;
  llvm::SmallVector<Sum, 2> subscripts; ///< of Read, Write and Atomic
  AssignStmt::Op op = AssignStmt::Set; ///< of Atomic
  bool isWrite() const { return kind == Write || kind == WriteWhole; }
};

/// A scalar from outside that an index writes.
struct ScalarWrite {
  const VarDecl *var;
  SMRange range;
};

/// An array: a variable, or a field of one, told by its first leaf.
using ArrayPlace = std::pair<const VarDecl *, unsigned>;

/// What a walk over the body found, in source order.
struct Accesses {
  Names names;
  llvm::MapVector<ArrayPlace, std::vector<Access>> arrays;
  std::vector<ScalarWrite> scalars;
  llvm::SmallVector<const EachExpr *> phases; ///< the inner `each`es of a block kernel
};

Accesses collectAccesses(const EachExpr &each);

} // namespace awg::race

#endif // AWG_FRONTEND_CHECK_RACEACCESS_H
