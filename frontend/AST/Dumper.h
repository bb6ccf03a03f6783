// The writer of the syntax tree as text. Private to AST.
#ifndef AWG_FRONTEND_AST_DUMPER_H
#define AWG_FRONTEND_AST_DUMPER_H

#include "frontend/AST/AST.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace awg {

using llvm::raw_ostream;

/// What stands for them in a dump; a mode's ends with a space.
StringRef spelling(PassMode mode);
StringRef spelling(FnDecl::Flavour flavour);
StringRef spelling(AssignStmt::Op op);
StringRef spelling(EachOp op);
StringRef spelling(ScanOp op);
StringRef spelling(ExprKind kind);

/// Writes a tree. Every node handler writes its own line and then its children one level deeper.
class Dumper {
public:
  explicit Dumper(raw_ostream &out) : out(out) {}
  void function(const FnDecl &function);
  void type(const Decl &decl);
  void constant(const VarDecl &decl);
  void import(const ImportDecl &decl);

private:
  /// Begins a line; `end` or a newline ends it.
  raw_ostream &line(StringRef head) { return out.indent(2 * level) << head; }
  void end(const Type *type = nullptr) {
    if (type)
      out << " [" << type->str() << ']';
    out << '\n';
  }
  void quoted(StringRef head, StringRef text) {
    line(head) << '"';
    llvm::printEscapedString(text, out);
    out << "\"\n";
  }
  /// A label line with one child below.
  void child(StringRef label, const Expr *expr) {
    if (!expr)
      return;
    line(label) << ":\n";
    below([&] { this->expr(expr); });
  }
  template <typename Body> void below(Body body) {
    ++level;
    body();
    --level;
  }
  void variable(StringRef head, const VarDecl &var);
  void type(const TypeExpr &type);
  void pattern(const Pattern &pattern);
  void statement(const Stmt *stmt);
  void expr(const Expr *expr);
  void head(const Expr *expr);
  void children(const Expr *expr);
  void call(const CallExpr &call);
  void each(const EachExpr &each);
  void match(const MatchExpr &match);
  void string(const StrExpr &string);
  void captures(ArrayRef<Capture> captures);

  raw_ostream &out;
  unsigned level = 0;
};

} // namespace awg

#endif // AWG_FRONTEND_AST_DUMPER_H
