// The syntax tree as text, for `--emit=ast`.
#include "frontend/AST/Dump.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace awg;
using llvm::cast;
using llvm::raw_ostream;

namespace {

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

} // namespace

//===-- Declarations, types, patterns -----------------------------------------------------------------------------===//

static StringRef spelling(PassMode mode) {
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

static StringRef spelling(FnDecl::Flavour flavour) {
  static constexpr StringRef names[] = {"Fn", "AsyncFn", "Kernel", "Test", "ExternFn"};
  return names[flavour];
}

static StringRef spelling(EachOp op) {
  static constexpr StringRef names[] = {"map", "sum", "product", "min", "max", "any",
                                        "all", "argmin", "argmax", "scan", "reduce"};
  return names[unsigned(op)];
}

static StringRef spelling(AssignStmt::Op op) {
  static constexpr StringRef names[] = {"=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|=", "min=", "max="};
  return names[op];
}

static StringRef spelling(ExprKind kind) {
  static constexpr StringRef names[] = {
#define AWG_EXPR(NAME) #NAME,
#include "frontend/AST/Nodes.def"
  };
  return names[unsigned(kind)];
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

//===-- Expressions -----------------------------------------------------------------------------------------------===//

void Dumper::expr(const Expr *expr) {
  line(spelling(expr->kind));
  head(expr);
  end(expr->type);
  below([&] { children(expr); });
}

/// What stands on the line of the node behind its kind.
void Dumper::head(const Expr *expr) {
  switch (expr->kind) {
  case ExprKind::Int: {
    auto *literal = cast<IntExpr>(expr);
    out << ' ' << llvm::toString(literal->value, 10, /*Signed=*/false) << literal->suffix;
    return;
  }
  case ExprKind::Float:
    out << ' ' << cast<FloatExpr>(expr)->digits << cast<FloatExpr>(expr)->suffix;
    return;
  case ExprKind::Bool:
    out << (cast<BoolExpr>(expr)->value ? " true" : " false");
    return;
  case ExprKind::Duration:
    out << ' ' << cast<DurationExpr>(expr)->nanoseconds << "ns";
    return;
  case ExprKind::Name:
    out << ' ' << cast<NameExpr>(expr)->name;
    return;
  case ExprKind::Unary: {
    static constexpr StringRef names[] = {" -", " !", " ~"};
    out << names[unsigned(cast<UnaryExpr>(expr)->op)];
    return;
  }
  case ExprKind::Binary:
    out << ' ' << awg::spelling(cast<BinaryExpr>(expr)->op);
    return;
  case ExprKind::Range: {
    auto *range = cast<RangeExpr>(expr);
    out << (range->begin ? range->end ? "" : " from" : range->end ? " to" : "");
    return;
  }
  case ExprKind::Member:
    out << " ." << cast<MemberExpr>(expr)->name;
    return;
  case ExprKind::Struct:
    out << ' ' << cast<StructExpr>(expr)->typeExpr->name;
    for (const FieldName &field : cast<StructExpr>(expr)->fields)
      out << " ." << field.name;
    return;
  case ExprKind::Each: {
    auto *each = cast<EachExpr>(expr);
    out << ' ' << spelling(each->op) << (each->isValue ? " =>" : "") << (each->isBlock ? " block" : "")
        << (each->isSequential ? " sequential" : "") << (each->isPhase ? " phase" : "");
    return;
  }
  default:
    return;
  }
}

void Dumper::call(const CallExpr &call) {
  expr(call.callee);
  for (const TypeExpr *argument : call.typeArguments)
    type(*argument);
  for (const Argument &argument : call.arguments) {
    if (argument.mode == PassMode::Read) {
      expr(argument.value);
      continue;
    }
    line(spelling(argument.mode).rtrim()) << '\n';
    below([&] { expr(argument.value); });
  }
}

void Dumper::captures(ArrayRef<Capture> captures) {
  static constexpr StringRef modes[] = {"copy ", "read ", "mut ", "move "};
  for (const Capture &capture : captures)
    line("Capture ") << modes[capture.mode] << capture.var->name << '\n';
}

void Dumper::each(const EachExpr &each) {
  for (const VarDecl *index : each.indices)
    variable("Index ", *index);
  for (const Expr *extent : each.extents)
    child("extent", extent);
  child("reducer", each.reducer);
  child("init", each.init);
  captures(each.captures);
  expr(each.body);
}

void Dumper::match(const MatchExpr &match) {
  expr(match.subject);
  for (const MatchArm &arm : match.arms) {
    line("Arm\n");
    below([&] {
      pattern(*arm.pattern);
      child("if", arm.guard);
      expr(arm.body);
    });
  }
}

void Dumper::string(const StrExpr &string) {
  for (const StrPiece &piece : string.pieces) {
    if (!piece.text.empty())
      quoted("", piece.text);
    if (!piece.hole)
      continue;
    line("hole") << (piece.format.empty() ? "" : " :") << piece.format << '\n';
    below([&] { expr(piece.hole); });
  }
}

void Dumper::children(const Expr *expr) {
  auto all = [&](ArrayRef<Expr *> list) {
    for (const Expr *element : list)
      if (element) // a range may lack its ends
        this->expr(element);
  };
  switch (expr->kind) {
  case ExprKind::Int:
  case ExprKind::Float:
  case ExprKind::Bool:
  case ExprKind::Duration:
  case ExprKind::Name:
  case ExprKind::Break:
  case ExprKind::Continue:
  case ExprKind::Error:
    return;
  case ExprKind::Str:
    return string(*cast<StrExpr>(expr));
  case ExprKind::Paren:
    return this->expr(cast<ParenExpr>(expr)->inner);
  case ExprKind::Unary:
    return this->expr(cast<UnaryExpr>(expr)->operand);
  case ExprKind::Binary:
    return all({cast<BinaryExpr>(expr)->left, cast<BinaryExpr>(expr)->right});
  case ExprKind::Cast:
    this->expr(cast<CastExpr>(expr)->operand);
    return type(*cast<CastExpr>(expr)->target);
  case ExprKind::Call:
    return call(*cast<CallExpr>(expr));
  case ExprKind::Index:
    this->expr(cast<IndexExpr>(expr)->base);
    return all(cast<IndexExpr>(expr)->subscripts);
  case ExprKind::Member:
    return this->expr(cast<MemberExpr>(expr)->base);
  case ExprKind::Tuple:
    return all(cast<TupleExpr>(expr)->elements);
  case ExprKind::Struct:
    return all(cast<StructExpr>(expr)->values);
  case ExprKind::Array:
    return all(cast<ArrayExpr>(expr)->elements);
  case ExprKind::Range:
    return all({cast<RangeExpr>(expr)->begin, cast<RangeExpr>(expr)->end});
  case ExprKind::Comprehension: {
    auto *comprehension = cast<ComprehensionExpr>(expr);
    pattern(*comprehension->pattern);
    return all({comprehension->iterable, comprehension->body});
  }
  case ExprKind::Block: {
    auto *block = cast<BlockExpr>(expr);
    for (const Stmt *stmt : block->statements)
      statement(stmt);
    return child("value", block->tail);
  }
  case ExprKind::If: {
    auto *choice = cast<IfExpr>(expr);
    all({choice->condition, choice->thenBlock});
    return child("else", choice->elseExpr);
  }
  case ExprKind::Match:
    return match(*cast<MatchExpr>(expr));
  case ExprKind::Each:
    return each(*cast<EachExpr>(expr));
  case ExprKind::Await: {
    auto *await = cast<AwaitExpr>(expr);
    this->expr(await->operand);
    child("on", await->on);
    return child("within", await->within);
  }
  case ExprKind::Async: {
    auto *async = cast<AsyncExpr>(expr);
    captures(async->captures);
    this->expr(async->operand);
    return child("on", async->on);
  }
  case ExprKind::Race:
    for (const RaceArm &arm : cast<RaceExpr>(expr)->arms) {
      line("Arm\n");
      below([&] {
        pattern(*arm.pattern);
        all({arm.await, arm.value});
      });
    }
    return;
  case ExprKind::Fail:
    return this->expr(cast<FailExpr>(expr)->message);
  case ExprKind::Return:
    if (auto *value = cast<ReturnExpr>(expr)->value)
      this->expr(value);
    return;
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
