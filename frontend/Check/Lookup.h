// What names mean: of items, builtins and modules (Lookup.cpp, Imports.cpp), and what the function that a name means does
// with what it is lent (Exchange.cpp). Private to Check.
#ifndef AWG_FRONTEND_CHECK_LOOKUP_H
#define AWG_FRONTEND_CHECK_LOOKUP_H

#include "frontend/Check/CheckerState.h"

namespace awg {

class Lookup : protected CheckerState {
protected:
  using CheckerState::CheckerState;

  /// Reports a name that stands twice among `vars`.
  void refuseDuplicates(ArrayRef<VarDecl *> vars, StringRef what);
  FnDecl *findItem(StringRef name) const;
  /// A builtin that the current module may use, or null.
  const Builtin *findVisibleBuiltin(StringRef name) const;
  /// Reports a name that nothing has, with the nearest one of a value, or of a function if it is called.
  void reportUnknown(StringRef name, SMRange range, bool isCalled = false);
  /// Says what a name means in other languages, if that is what is meant; else false.
  static bool explainForeign(DiagBuilder &report, StringRef name);
  void reportLater(SMRange range, const Twine &construct);
  /// Reports the name of a type or a module where a value, or a function to call, is asked for; false if it is neither.
  bool refuseNoValue(StringRef name, SMRange range, bool isCalled);

  // Imports.cpp
  /// `std.NAME` is a module of the standard library.
  static bool isStdModule(StringRef name);
  void collectImports(ModuleScope &scope);
  /// The import that an expression in front of a `.` names, or null.
  ImportDecl *namedImport(Expr *expr);
  /// The item of that name, or null.
  static Decl *findIn(const ModuleScope &scope, StringRef name);
  /// The item of that name that a file offers, or null.
  Decl *findExported(const ImportDecl &import, StringRef name);
  /// The same; reports what is not there or private.
  Decl *requireExported(const ImportDecl &import, StringRef name, SMRange range);
  /// The builtin of that name in a module of the standard library, or null after a report.
  const Builtin *requireStd(const ImportDecl &import, StringRef name, SMRange range);
  /// `range` ends with the name.
  void reportMissing(const ImportDecl &import, StringRef name, SMRange range, StringRef nearest);
  /// Offers the item of that name that an imported file has.
  bool suggestExported(DiagBuilder &report, StringRef name, SMRange range);

  // Exchange.cpp
  /// The function that a call in a module's code means, as far as names tell; or null.
  FnDecl *calleeIn(const ModuleScope &scope, const CallExpr &call);
  const Exchanges &exchangesOf(FnDecl *function);
  /// A call may leave an array of other extents in what that parameter is lent.
  bool mayExchange(FnDecl *function, unsigned position);
};

} // namespace awg

#endif // AWG_FRONTEND_CHECK_LOOKUP_H
