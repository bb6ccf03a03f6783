// The syntax tree as text, for `--emit=ast`: expressions.
#include "frontend/AST/Dumper.h"

#include "llvm/ADT/StringExtras.h"

using namespace awg;
using llvm::cast;

StringRef awg::spelling(EachOp op) {
  static constexpr StringRef names[] = {"map", "sum", "product", "min", "max", "any",
                                        "all", "argmin", "argmax", "scan", "reduce"};
  return names[unsigned(op)];
}

StringRef awg::spelling(ExprKind kind) {
  static constexpr StringRef names[] = {
#define AWG_EXPR(NAME) #NAME,
#include "frontend/AST/Nodes.def"
  };
  return names[unsigned(kind)];
}

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
  if (each.op == EachOp::Scan)
    line("by ") << spelling(each.scanOp) << '\n';
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
