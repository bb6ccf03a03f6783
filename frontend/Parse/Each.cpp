// `each` and the reductions over it.
#include "frontend/Parse/ParserImpl.h"

#include "llvm/ADT/StringSwitch.h"

using namespace awg;

static std::optional<EachOp> reductionOp(StringRef word) {
  return llvm::StringSwitch<std::optional<EachOp>>(word)
      .Case("sum", EachOp::Sum)
      .Case("product", EachOp::Product)
      .Case("min", EachOp::Min)
      .Case("max", EachOp::Max)
      .Case("any", EachOp::Any)
      .Case("all", EachOp::All)
      .Case("argmin", EachOp::ArgMin)
      .Case("argmax", EachOp::ArgMax)
      .Case("scan", EachOp::Scan)
      .Case("reduce", EachOp::Reduce)
      .Default(std::nullopt);
}

static bool takesArguments(EachOp op) { return op == EachOp::Scan || op == EachOp::Reduce; }

/// A word that is special because `each` follows, for `scan` and `reduce` behind their brackets.
bool Parser::atReduction() {
  if (!at(K::Identifier))
    return false;
  auto op = reductionOp(tok().text());
  if (!op)
    return false;
  if (!takesArguments(*op))
    return at(K::Each, 1);
  size_t ahead = 1;
  return at(K::LParen, ahead) && skipBracketsAhead(ahead) && at(K::Each, ahead);
}

/// The operators that a scan may join its elements by: those that are associative.
static std::optional<ScanOp> scanOperator(TokenKind kind) {
  switch (kind) {
  case TokenKind::Plus:
    return ScanOp::Add;
  case TokenKind::Star:
    return ScanOp::Mul;
  case TokenKind::Amp:
    return ScanOp::BitAnd;
  case TokenKind::Caret:
    return ScanOp::BitXor;
  case TokenKind::Pipe:
    return ScanOp::BitOr;
  case TokenKind::AmpAmp:
    return ScanOp::And;
  case TokenKind::PipePipe:
    return ScanOp::Or;
  default:
    return std::nullopt;
  }
}

/// What stands in the brackets of `scan`: an operator, or the name of a function.
ScanOp Parser::parseScanOp(Expr *&outReducer) {
  if (auto op = scanOperator(tok().kind)) {
    advance();
    return *op;
  }
  bool isOther = at(K::RParen, 1) && (at(K::Minus) || at(K::Slash) || at(K::Percent) || at(K::Shl) || at(K::Shr));
  if (isOther || at(K::RParen)) {
    syntaxError("a scan takes an operator that is associative, or the name of such a function")
        .help("write '+', '*', '&', '^', '|', '&&', '||', 'min' or 'max'");
    return ScanOp::Add;
  }
  Brackets brackets(*this);
  outReducer = parseExpr();
  return ScanOp::Function;
}

/// `sum each ...`, `scan(+) each ...`, `reduce(f, init) each ...`.
Expr *Parser::parseReduction() {
  Token word = advance();
  SMLoc start = word.range.Start;
  EachOp op = *reductionOp(word.text());
  if (!takesArguments(op))
    return parseEach(op, start);
  expect(K::LParen);
  Expr *reducer = nullptr, *init = nullptr;
  ScanOp scanOp = ScanOp::Add;
  if (op == EachOp::Reduce) {
    Brackets brackets(*this);
    reducer = parseExpr();
    expect(K::Comma, " and the initial value after the function");
    init = parseExpr();
  } else {
    scanOp = parseScanOp(reducer);
  }
  take(K::Comma);
  expect(K::RParen, " after the arguments of '" + word.text() + "'");
  Expr *expr = parseEach(op, start, reducer, init);
  if (auto *each = llvm::dyn_cast<EachExpr>(expr))
    each->scanOp = scanOp;
  return expr;
}

VarDecl *Parser::parseIndexName() {
  if (panic || !(at(K::Identifier) || at(K::Underscore))) {
    expected("the name of an index after 'each'");
    return nullptr;
  }
  Token name = advance();
  return context.make<VarDecl>(name.text(), name.range.Start, VarDecl::Index);
}

/// `i in n` or `(r, c) in (h, w)`. False after an error.
bool Parser::parseEachHead(llvm::SmallVectorImpl<VarDecl *> &indices, llvm::SmallVectorImpl<Expr *> &extents) {
  SMLoc start = here();
  if (take(K::LParen)) {
    while (!atListEnd(K::RParen)) {
      indices.push_back(parseIndexName());
      if (!take(K::Comma))
        break;
    }
    expect(K::RParen, " after the indices");
  } else {
    indices.push_back(parseIndexName());
  }
  SMRange indexRange = since(start);
  if (!panic && (indices.empty() || indices.size() > 3))
    refuse(DiagKind::SyntaxError, indexRange, "'each' has one to three indices");
  expect(K::In, " after the index");
  llvm::SaveAndRestore literals(structLiterals, false);
  SMLoc extentStart = here();
  if (indices.size() == 1) {
    Expr *extent = parseExpr();
    if (auto *tuple = llvm::dyn_cast<TupleExpr>(extent); tuple && !panic)
      extents.append(tuple->elements.begin(), tuple->elements.end());
    else
      extents.push_back(extent);
  } else if (Expr *list = parseExpr(); auto *tuple = llvm::dyn_cast<TupleExpr>(list)) {
    extents.append(tuple->elements.begin(), tuple->elements.end());
  } else {
    extents.push_back(list);
  }
  if (!panic && at(K::DotDot)) {
    syntaxError("'each' runs from 0: it takes an extent, not a range").help("write 'each i in n' and add the start to i");
    return false;
  }
  if (!panic && extents.size() != indices.size() && indices.size() <= 3)
    refuse(DiagKind::SyntaxError, since(extentStart),
           "'each' has " + llvm::Twine(indices.size()) + (indices.size() == 1 ? " index" : " indices") + " but " +
               llvm::Twine(extents.size()) + (extents.size() == 1 ? " extent" : " extents"));
  return !panic && !indices.empty() && indices.size() <= 3 && extents.size() == indices.size();
}

/// From `each` on; `start` is where the whole expression begins.
Expr *Parser::parseEach(EachOp op, SMLoc start, Expr *reducer, Expr *init) {
  Nest nest(*this);
  if (!expect(K::Each))
    return errorExpr(start);
  bool isMarked = at(K::Identifier, 1) || at(K::LParen, 1) || at(K::Underscore, 1);
  if (atWord("task") && isMarked) {
    notYet({start, tok().range.End}, "'each task'");
    skipPastBraces();
    return errorExpr(start);
  }
  bool isBlock = atWord("block") && isMarked;
  SMRange blockRange = {start, tok().range.End};
  if (isBlock)
    advance();
  llvm::SmallVector<VarDecl *> indices;
  llvm::SmallVector<Expr *> extents;
  bool isSound = parseEachHead(indices, extents);
  if (!at(K::FatArrow))
    skipToBlock();
  bool isValue = take(K::FatArrow);
  Expr *body;
  if (isValue) {
    llvm::SaveAndRestore held(suffixHeld, suffixHeld || awaiting);
    body = parseExpr();
  } else {
    body = parseBlock(" or '=>' after the extent of 'each'");
  }
  if (!panic && isBlock && (isValue || op != EachOp::Map))
    refuse(DiagKind::SyntaxError, blockRange, "'each block' has a body in braces, and gives no value");
  else if (!panic && !isValue && op != EachOp::Map)
    refuse(DiagKind::SyntaxError, body->range, "a reduction has a value for each index, behind '=>'");
  if (panic || !isSound)
    return errorExpr(start);
  auto *each = context.make<EachExpr>(since(start), op, context.list(ArrayRef<VarDecl *>(indices)),
                                      context.list(ArrayRef<Expr *>(extents)), body, isValue);
  each->reducer = reducer;
  each->init = init;
  each->isBlock = isBlock;
  return each;
}

/// `shared t: f32[258];` or `local acc: f32[8, 8];`.
Stmt *Parser::parseStorage() {
  Token word = advance();
  Token name = advance();
  auto role = word.text() == "shared" ? VarDecl::Shared : VarDecl::PerThread;
  auto *var = context.make<VarDecl>(name.text(), name.range.Start, role);
  var->isMut = true;
  expect(K::Colon);
  var->typeExpr = parseType();
  if (!panic && at(K::Eq)) {
    syntaxError("'" + word.text() + "' storage has no initial value: its elements are zero at first");
    return nullptr;
  }
  endStatement("the type");
  return context.make<StorageStmt>(since(word.range.Start), var);
}
