// Statements and blocks.
#include "frontend/Diag/Nearest.h"
#include "frontend/Parse/ParserImpl.h"

#include "llvm/ADT/StringSwitch.h"

using namespace awg;

//===-- Blocks ----------------------------------------------------------------------------------------------------===//

/// `{ ... }`; `after` ends the message if there is none.
BlockExpr *Parser::parseBlock(const llvm::Twine &after) {
  Nest nest(*this);
  SMLoc open = here();
  if (!expect(K::LBrace, after))
    return context.make<BlockExpr>(since(open), ArrayRef<Stmt *>(), nullptr);
  Brackets brackets(*this);
  llvm::SmallVector<Stmt *> statements;
  Expr *tail = nullptr;
  while (!panic && !at(K::RBrace) && !at(K::End) && !atItemMargin()) {
    size_t before = tokens.passed();
    beginPart();
    if (Stmt *statement = parseStatement(tail))
      statements.push_back(statement);
    if (panic)
      syncStatement(before);
  }
  if (!take(K::RBrace))
    syntaxError("expected '}', found " + found()).note(open, "the block that is not closed begins here");
  return context.make<BlockExpr>(since(open), context.list(ArrayRef<Stmt *>(statements)), tail);
}

/// One statement. Null for what is no statement of its own; `tail` is set if an expression ends the block.
Stmt *Parser::parseStatement(Expr *&tail) {
  switch (tok().kind) {
  case K::Semi:
    advance();
    return nullptr;
  case K::Let:
    return parseLet();
  case K::While:
    return parseWhile();
  case K::For:
    return parseFor();
  case K::Async:
    if (at(K::For, 1))
      return parseAsyncFor();
    break;
  case K::Try:
    return parseTry();
  case K::If:
  case K::LBrace:
  case K::Match:
  case K::Race:
  case K::Each:
    return parseBlockLike(tail);
  default:
    break;
  }
  if ((atWord("shared") || atWord("local")) && at(K::Identifier, 1) && at(K::Colon, 2))
    return parseStorage();
  if (reportForeignStatement())
    return nullptr;
  if (atWord("const") && at(K::Identifier, 1)) { // in a function the same as an immutable variable
    Token word = tok();
    Stmt *stmt = parseLet();
    if (auto *let = llvm::dyn_cast_or_null<LetStmt>(stmt); let && let->pattern->kind != Pattern::Name)
      refuse(DiagKind::SyntaxError, word.range, "'const' gives a value to one name");
    return stmt;
  }
  if (atWord("cancel") && at(K::Identifier, 1))
    return parseCancel();
  if (atWord("atomic") && at(K::Identifier, 1))
    return parseAtomic();
  return parseExpressionStatement(tail);
}

/// What begins like a statement of another language, or cannot begin one.
bool Parser::reportForeignStatement() {
  switch (tok().kind) {
  case K::Mut:
    syntaxError("a variable is declared with 'let mut'").fix({here(), here()}, "let ");
    return true;
  case K::Else:
    syntaxError("this 'else' has no 'if'");
    return true;
  case K::Catch:
    syntaxError("this 'catch' has no 'try'");
    return true;
  case K::RParen:
  case K::RBracket:
    syntaxError("this " + found() + " closes nothing");
    return true;
  default:
    break;
  }
  if (atItem()) {
    syntaxError("a function or another item cannot stand within a function");
    return true;
  }
  if (!at(K::Identifier) || !(at(K::Identifier, 1) || at(K::LBrace, 1) || at(K::String, 1) || at(K::StringHead, 1)))
    return false;
  StringRef word = tok().text();
  StringRef hint = llvm::StringSwitch<StringRef>(word)
                       .Cases({"var", "val", "auto", "int", "float", "double", "bool", "string", "i8", "i16", "i32"},
                              "a variable is declared with 'let name = value;' or 'let mut name = value;'")
                       .Cases({"i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64", "str"},
                              "a variable is declared with 'let name: type = value;'")
                       .Cases({"def", "func", "function"}, "a function begins with 'fn', outside all others")
                       .Cases({"elif", "elsif", "elseif"}, "write 'else if'")
                       .Cases({"raise", "throw", "panic"}, "a failure is written 'fail \"message\"'")
                       .Case("loop", "an endless loop is written 'while true { ... }'")
                       .Case("print", "write 'print(...)'")
                       .Default("");
  if (hint.empty())
    return false;
  syntaxError("'" + word + "' begins no statement").help(hint);
  return true;
}

//===-- The end of a statement --------------------------------------------------------------------------------------===//

void Parser::endStatement(StringRef what) {
  if (take(K::Semi) || panic)
    return;
  if (at(K::Broken))
    panic = true;
  else
    reportMissingSemi(what);
}

/// The name in front of what was not expected may be one of these words, misspelt.
void Parser::suggestWord(DiagBuilder &error, std::initializer_list<StringRef> words) {
  const char *end = tokens.previousEnd().getPointer(), *start = end;
  if (tokens.previousKind() != K::Identifier)
    return;
  while (llvm::isAlnum(start[-1]) || start[-1] == '_')
    --start;
  Nearest nearest(StringRef(start, end - start));
  for (StringRef word : words)
    nearest.consider(word);
  if (!nearest.found().empty())
    error.help("did you mean '" + nearest.found() + "'?")
        .fix({SMLoc::getFromPointer(start), tokens.previousEnd()}, nearest.found());
}

/// Says what seems to be wrong where a `;` is missing after `what`.
void Parser::reportMissingSemi(StringRef what) {
  Token token = tok();
  StringRef text = token.text();
  SMLoc end = tokens.previousEnd();
  if (token.is(K::Identifier) && isComparisonWord(text)) {
    StringRef op = text == "and" ? "&&" : "||";
    syntaxError("'" + text + "' is written '" + op + "'").fix(token.range, op);
  } else if (token.is(K::Identifier) && (text == "on" || text == "within")) {
    syntaxError("'" + text + "' belongs to an 'await'" + (text == "on" ? " or 'async'" : "") +
                ", and there is none before it");
  } else if (token.is(K::DotDot)) {
    syntaxError("a range stands only after 'in', or in the brackets of a view");
  } else if (token.is(K::Colon) && at(K::Eq, 1)) {
    syntaxError("a variable is declared with 'let name = value;'");
  } else if (token.is(K::Eq)) {
    syntaxError("expected ';' after " + what + ", found '='").help("values are compared with '=='");
  } else if (token.is(K::Bang) && at(K::LParen, 1)) {
    syntaxError("there are no macros: a call has no '!'").fix(token.range, "");
  } else if (tokens.startsLine() || token.is(K::RBrace) || token.is(K::End)) {
    syntaxErrorAt({end, end}, "expected ';' after " + what).fix({end, end}, ";");
    panic = !startsStatement() && !token.is(K::Identifier) && !token.is(K::RBrace);
  } else {
    auto error = syntaxErrorAt({end, end}, "expected ';' after " + what + ", found " + found());
    suggestWord(error, {"async", "await", "break", "cancel", "fail", "for", "if", "let", "match", "race", "return", "while"});
  }
}

//===-- Declarations and assignments -------------------------------------------------------------------------------===//

Stmt *Parser::parseLet() {
  SMLoc start = advance().range.Start;
  Pattern *pattern = parsePattern();
  TypeExpr *type = nullptr;
  if (take(K::Colon))
    type = parseType();
  if (!panic && !at(K::Eq)) {
    auto error = expected(type ? "'=' and a value after the type" : "':' and a type, or '=' and a value");
    if (at(K::Identifier))
      suggestWord(error, {"mut"});
    else if (at(K::Semi))
      error.help("every variable has a value from the beginning");
    else if (at(K::Colon) && at(K::Eq, 1))
      error.help("write '=' alone");
  }
  take(K::Eq);
  Expr *init = parseExpr();
  if (panic && !pattern)
    return nullptr;
  endStatement("the value");
  return context.make<LetStmt>(since(start), pattern, type, init);
}

static std::optional<AssignStmt::Op> assignmentOp(TokenKind kind) {
  switch (kind) {
  case TokenKind::Eq:
    return AssignStmt::Set;
  case TokenKind::StarEq:
    return AssignStmt::Mul;
  case TokenKind::SlashEq:
    return AssignStmt::Div;
  case TokenKind::PercentEq:
    return AssignStmt::Rem;
  case TokenKind::PlusEq:
    return AssignStmt::Add;
  case TokenKind::MinusEq:
    return AssignStmt::Sub;
  case TokenKind::ShlEq:
    return AssignStmt::Shl;
  case TokenKind::ShrEq:
    return AssignStmt::Shr;
  case TokenKind::AmpEq:
    return AssignStmt::And;
  case TokenKind::CaretEq:
    return AssignStmt::Xor;
  case TokenKind::PipeEq:
    return AssignStmt::Or;
  default:
    return std::nullopt;
  }
}

/// The assignment operator at the current token, which for `min=` and `max=` is two tokens.
std::optional<AssignStmt::Op> Parser::assignmentAhead(bool isAtomic) {
  if (auto op = assignmentOp(tok().kind))
    return op;
  if ((!atWord("min") && !atWord("max")) || !at(K::Eq, 1) || tok(1).range.Start != tok().range.End)
    return std::nullopt;
  if (!isAtomic)
    refuse(DiagKind::SyntaxError, tok().range, "'" + tok().text() + "=' is for 'atomic' alone");
  return atWord("min") ? AssignStmt::Min : AssignStmt::Max;
}

/// `atomic h[k] += v;`
Stmt *Parser::parseAtomic() {
  SMLoc start = advance().range.Start;
  Expr *target = parsePostfix();
  auto op = panic ? std::nullopt : assignmentAhead(/*isAtomic=*/true);
  if (!op) {
    expected("'+=', 'min=', 'max=' or another such operator after 'atomic' and its target");
    return nullptr;
  }
  SMLoc opLoc = here();
  if (*op == AssignStmt::Min || *op == AssignStmt::Max)
    advance();
  advance();
  Expr *value = parseExpr();
  endStatement("the value");
  return context.make<AssignStmt>(since(start), *op, true, opLoc, target, value);
}

/// `cancel f;`
Stmt *Parser::parseCancel() {
  SMLoc start = advance().range.Start;
  Expr *future = parsePostfix();
  endStatement("the future");
  return context.make<CancelStmt>(since(start), future);
}

/// The expression ends with a block that needs no `;`: `await each i in n { ... }`. So may what was refused.
static bool endsWithBlock(Expr *expr) {
  if (auto *await = llvm::dyn_cast<AwaitExpr>(expr))
    return !await->on && !await->within && endsWithBlock(await->operand);
  if (auto *async = llvm::dyn_cast<AsyncExpr>(expr))
    return !async->on && endsWithBlock(async->operand);
  if (auto *each = llvm::dyn_cast<EachExpr>(expr))
    return !each->isValue;
  return llvm::isa<BlockExpr, ErrorExpr>(expr);
}

/// `= value`, `+= value` behind a target.
Stmt *Parser::parseAssignment(SMLoc start, Expr *target, AssignStmt::Op op) {
  SMLoc opLoc = here();
  if (op == AssignStmt::Min || op == AssignStmt::Max)
    advance();
  advance();
  Expr *value = parseExpr();
  return context.make<AssignStmt>(since(start), op, false, opLoc, target, value);
}

Stmt *Parser::parseExpressionStatement(Expr *&tail) {
  SMLoc start = here();
  Expr *expr = parseExpr();
  if (panic)
    return exprStatement(expr);
  if (auto op = assignmentAhead(/*isAtomic=*/false)) {
    Stmt *assignment = parseAssignment(start, expr, *op);
    endStatement("the value");
    return assignment;
  }
  if (at(K::RBrace)) {
    tail = expr;
    return nullptr;
  }
  if (take(K::Semi) || endsWithBlock(expr))
    return exprStatement(expr);
  endStatement("the expression");
  return exprStatement(expr);
}

/// A statement that ends at its `}`; a `;` behind it, which drops its value, is within its range.
Stmt *Parser::parseBlockLike(Expr *&tail) {
  Expr *expr = parsePrimary();
  auto *each = llvm::dyn_cast<EachExpr>(expr);
  if (!panic && each && each->isValue && !at(K::RBrace))
    endStatement("the expression");
  if (!panic && at(K::RBrace)) {
    tail = expr;
    return nullptr;
  }
  if (!panic && take(K::Semi))
    return context.make<ExprStmt>(since(expr->range.Start), expr);
  return exprStatement(expr);
}
