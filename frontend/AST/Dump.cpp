// The syntax tree as text, for `--emit=ast`: declarations, types, patterns, statements.
#include "frontend/AST/Dump.h"
#include "frontend/AST/Dumper.h"

using namespace awg;
using llvm::cast;

StringRef awg::spelling(PassMode mode) {
  switch (mode) {
  case PassMode::Read:
    return "";
  case PassMode::Mut:
    return "mut ";
  case PassMode::Move:
    return "move ";
  }
  llvm_unreachable("a mode beyond the last");
}

StringRef awg::spelling(FnDecl::Flavour flavour) {
  static constexpr StringRef names[] = {"Fn", "AsyncFn", "Kernel", "Test", "ExternFn"};
  return names[flavour];
}

StringRef awg::spelling(ScanOp op) {
  static constexpr StringRef names[] = {"+", "*", "&", "^", "|", "&&", "||", "min", "max", "function"};
  return names[unsigned(op)];
}

StringRef awg::spelling(AssignStmt::Op op) {
  static constexpr StringRef names[] = {"=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|=", "min=", "max="};
  return names[op];
}

void Dumper::variable(StringRef head, const VarDecl &var) {
  line(head) << (var.role == VarDecl::Param ? spelling(var.mode) : var.isMut ? "mut " : "") << var.name;
  end(var.type);
  if (var.typeExpr)
    below([&] { type(*var.typeExpr); });
}

void Dumper::type(const TypeExpr &written) {
  switch (written.kind) {
  case TypeExpr::Named:
    line("Type ") << (written.name.empty() ? "<error>" : written.name) << '\n';
    break;
  case TypeExpr::Array:
    line("ArrayType\n");
    break;
  case TypeExpr::Tuple:
    line("TupleType\n");
    break;
  }
  below([&] {
    for (const TypeExpr *element : written.elements)
      type(*element);
    for (const Expr *extent : written.extents)
      if (extent)
        expr(extent);
      else
        line("_\n");
  });
}

void Dumper::pattern(const Pattern &pattern) {
  static constexpr StringRef names[] = {"Name ",         "Wildcard",     "TuplePattern", "StructPattern",
                                        "ValuePattern",  "RangePattern", "CasePattern",  "Alternatives"};
  if (pattern.kind == Pattern::Name)
    return variable(names[Pattern::Name], *pattern.var);
  line(names[pattern.kind]);
  if (pattern.typeExpr)
    out << ' ' << pattern.typeExpr->name;
  for (const FieldName &field : pattern.fields)
    out << " ." << field.name;
  if (pattern.enumCase)
    out << ' ' << pattern.enumCase->name;
  end();
  below([&] {
    for (const Expr *bound : {pattern.low, pattern.high})
      if (bound)
        expr(bound);
    for (const Pattern *element : pattern.elements)
      this->pattern(*element);
  });
}

void Dumper::constant(const VarDecl &decl) {
  variable("Const ", decl);
  below([&] { expr(decl.init); });
}

void Dumper::import(const ImportDecl &decl) {
  quoted(("Import " + decl.name + " ").str(), decl.path);
}

void Dumper::type(const Decl &decl) {
  auto *structure = llvm::dyn_cast<StructDecl>(&decl);
  line(structure ? "Struct " : "Enum ") << decl.name << '\n';
  below([&] {
    if (!decl.doc.empty())
      quoted("Doc ", decl.doc);
    for (const VarDecl *part : structure ? structure->fields : cast<EnumDecl>(&decl)->cases)
      variable(structure ? "Field " : "Case ", *part);
  });
}

void Dumper::function(const FnDecl &function) {
  line(function.isPub ? "pub " : "") << (function.isExport ? "export " : "") << (function.isFast ? "@fast " : "")
                                     << spelling(function.flavour) << ' ' << function.name;
  end(function.returnType);
  below([&] {
    if (!function.doc.empty())
      quoted("Doc ", function.doc);
    for (const VarDecl *size : function.sizes)
      variable("Size ", *size);
    for (const VarDecl *param : function.params)
      variable("Param ", *param);
    if (function.returnExpr) {
      line("Returns\n");
      below([&] { type(*function.returnExpr); });
    }
    if (function.body)
      expr(function.body);
    if (function.each)
      expr(function.each);
  });
}

//===-- Statements ------------------------------------------------------------------------------------------------===//

void Dumper::statement(const Stmt *stmt) {
  switch (stmt->kind) {
  case StmtKind::Let: {
    auto *let = cast<LetStmt>(stmt);
    line("Let\n");
    return below([&] {
      pattern(*let->pattern);
      if (let->typeExpr)
        type(*let->typeExpr);
      expr(let->init);
    });
  }
  case StmtKind::Assign: {
    auto *assign = cast<AssignStmt>(stmt);
    line("Assign ") << (assign->isAtomic ? "atomic " : "") << spelling(assign->op) << '\n';
    return below([&] {
      expr(assign->target);
      expr(assign->value);
    });
  }
  case StmtKind::Expr:
    return expr(cast<ExprStmt>(stmt)->expr);
  case StmtKind::While: {
    auto *loop = cast<WhileStmt>(stmt);
    line("While\n");
    return below([&] {
      expr(loop->condition);
      expr(loop->body);
    });
  }
  case StmtKind::For: {
    auto *loop = cast<ForStmt>(stmt);
    line(loop->isAwait ? "ForAwait\n" : "For\n");
    return below([&] {
      pattern(*loop->pattern);
      expr(loop->iterable);
      expr(loop->body);
    });
  }
  case StmtKind::AsyncFor: {
    auto *loop = cast<AsyncForStmt>(stmt);
    line("AsyncFor\n");
    return below([&] {
      pattern(*loop->pattern);
      expr(loop->iterable);
      if (loop->limit)
        expr(loop->limit);
      expr(loop->body);
    });
  }
  case StmtKind::Try: {
    auto *attempt = cast<TryStmt>(stmt);
    line("Try\n");
    return below([&] {
      expr(attempt->body);
      variable("Catch ", *attempt->error);
      expr(attempt->handler);
    });
  }
  case StmtKind::Cancel:
    line("Cancel\n");
    return below([&] { expr(cast<CancelStmt>(stmt)->future); });
  case StmtKind::Storage:
    return variable("Storage ", *cast<StorageStmt>(stmt)->var);
  }
}

void awg::dump(raw_ostream &out, const Module &module) {
  Dumper dumper(out);
  for (const ImportDecl *import : module.imports)
    dumper.import(*import);
  for (const Decl *type : module.types)
    dumper.type(*type);
  for (const VarDecl *constant : module.constants)
    dumper.constant(*constant);
  for (const FnDecl *function : module.functions)
    dumper.function(*function);
}
