// The parser's tokens, errors and recovery.
#include "frontend/Parse/Parser.h"
#include "frontend/Parse/ParserImpl.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace awg;

Module *awg::parse(llvm::SourceMgr &sources, unsigned bufferId, ASTContext &context, DiagEngine &diags,
                   Layout *layout) {
  return Parser(sources.getMemoryBuffer(bufferId)->getBuffer(), context, diags, layout).parseModule(bufferId);
}

FnDecl *awg::parseFunctionAgain(const FnDecl &function, const llvm::SourceMgr &sources, ASTContext &context,
                                DiagEngine &diags) {
  SMLoc start = function.range.Start;
  llvm::StringRef text = sources.getMemoryBuffer(sources.FindBufferContainingLoc(start))->getBuffer();
  text = text.drop_front(start.getPointer() - text.data());
  return llvm::cast<FnDecl>(Parser(text, context, diags).parseItem());
}

//===-- Depth -----------------------------------------------------------------------------------------------------===//

Parser::Nest::Nest(Parser &parser) : parser(parser), heightBefore(parser.height) {
  parser.height = 0;
  if (++parser.depth > deepest)
    parser.reportTooDeep();
}

Parser::Nest::~Nest() {
  --parser.depth;
  parser.grow();
  parser.height = std::max(parser.height, heightBefore);
}

void Parser::reportTooDeep() {
  isTooDeep = true;
  syntaxError("nested too deeply (more than " + llvm::Twine(deepest) + " levels)");
}

void Parser::grow() {
  if (++height <= highest)
    return;
  height = 0;
  syntaxErrorAt({here(), here()}, "the expression is too long (more than " + llvm::Twine(highest) +
                                      " operators): split it with 'let'");
}

//===-- Tokens ----------------------------------------------------------------------------------------------------===//

bool Parser::take(K kind) {
  if (panic || !at(kind))
    return false;
  advance();
  return true;
}

SMRange Parser::since(SMLoc start) const {
  SMLoc end = tokens.previousEnd();
  if (!end.isValid() || end.getPointer() < start.getPointer())
    end = start;
  return {start, end};
}

/// Whether a token is missing rather than another in its place: the fix is to put it right behind what came before.
static bool belongsToPrevious(TokenKind kind) {
  return kind == TokenKind::Semi || kind == TokenKind::RParen || kind == TokenKind::RBracket ||
         kind == TokenKind::LBrace;
}

bool Parser::expect(K kind, const llvm::Twine &after) {
  if (take(kind))
    return true;
  std::string what = (describe(kind) + after).str();
  if (belongsToPrevious(kind) && tokens.startsLine()) {
    SMLoc end = tokens.previousEnd();
    syntaxErrorAt({end, end}, "expected " + what);
    return false;
  }
  expected(what);
  return false;
}

//===-- Errors ----------------------------------------------------------------------------------------------------===//

DiagBuilder Parser::syntaxErrorAt(SMRange range, const llvm::Twine &message) {
  bool silent = panic || at(K::Broken) || tokens.previousKind() == K::Broken;
  panic = true;
  if (diags.isFull())
    tokens.stop();
  if (silent)
    return DiagBuilder();
  return diags.error(DiagKind::SyntaxError, range, message);
}

DiagBuilder Parser::syntaxError(const llvm::Twine &message) { return syntaxErrorAt(tok().range, message); }

DiagBuilder Parser::expected(const llvm::Twine &what) {
  return syntaxError("expected " + what + ", found " + found());
}

DiagBuilder Parser::refuse(DiagKind kind, SMRange range, const llvm::Twine &message) {
  if (panic)
    return DiagBuilder();
  return diags.error(kind, range, message);
}

std::string Parser::found() {
  constexpr size_t longest = 40;
  Token token = tok();
  StringRef text = token.text();
  switch (token.kind) {
  case K::End:
  case K::Broken:
    return describe(token.kind).str();
  case K::String:
  case K::StringHead:
    return "a string";
  case K::StringMiddle:
  case K::StringTail:
    return "'}'";
  default:
    return ("'" + text.take_front(longest) + (text.size() > longest ? "...'" : "'")).str();
  }
}

//===-- Recovery --------------------------------------------------------------------------------------------------===//

static bool opens(TokenKind kind) {
  return kind == TokenKind::LParen || kind == TokenKind::LBracket || kind == TokenKind::LBrace;
}

bool Parser::opens() { return ::opens(tok().kind); }

static bool closes(TokenKind kind) {
  return kind == TokenKind::RParen || kind == TokenKind::RBracket || kind == TokenKind::RBrace;
}

/// Passes a bracket and all up to the one that closes it.
void Parser::skipBalanced() {
  unsigned level = 0;
  do {
    K kind = advance().kind;
    level += ::opens(kind);
    level -= closes(kind) && level;
  } while (level && !at(K::End) && !atItemMargin());
}

/// After an error in the head of something with a block: passes what is left of the head.
void Parser::skipToBlock() {
  if (!panic || isTooDeep)
    return;
  while (!at(K::LBrace)) {
    if (at(K::End) || at(K::Semi) || at(K::RBrace) || atItemMargin() || (tokens.startsLine() && startsStatement()))
      return;
    advance();
  }
  panic = false;
}

/// A word that begins an item and nothing within a function.
bool Parser::atItem() {
  switch (tok().kind) {
  case K::Fn:
  case K::Kernel:
  case K::Pub:
  case K::Export:
  case K::Extern:
  case K::Struct:
  case K::Enum:
  case K::Import:
    return true;
  case K::Async:
    return at(K::Fn, 1);
  default:
    return atTest();
  }
}

/// An item at the left margin, where braces cannot be trusted any more.
bool Parser::atItemMargin() {
  if (!tokens.startsLine() || !(atItem() || at(K::At)))
    return false;
  const char *start = here().getPointer();
  return tokens.passed() == 0 || start[-1] == '\n';
}

bool Parser::startsStatement() {
  switch (tok().kind) {
  case K::Let:
  case K::While:
  case K::For:
  case K::If:
  case K::Return:
  case K::Fail:
  case K::Break:
  case K::Continue:
  case K::Try:
  case K::Match:
  case K::Each:
  case K::Await:
    return true;
  default:
    return false;
  }
}

/// Skips to where the next statement of the current block can begin, or to the block's end.
void Parser::syncStatement(size_t passedAtStart) {
  unsigned braces = 0;
  while (!at(K::End) && !atItemMargin()) {
    bool moved = tokens.passed() != passedAtStart;
    bool behindBroken = at(K::Identifier) && tokens.previousKind() == K::Broken; // the line's `;` went with it
    if (braces == 0 && (at(K::RBrace) || (moved && tokens.startsLine() && (startsStatement() || behindBroken))))
      break;
    K kind = advance().kind;
    braces += kind == K::LBrace;
    braces -= kind == K::RBrace;
    if (braces)
      continue;
    if (kind == K::Semi)
      break;
    if (kind == K::RBrace && tokens.startsLine() && !at(K::Else) && !at(K::Catch))
      break;
  }
  panic = at(K::End) || atItemMargin();
  isTooDeep = false;
}

/// Skips to the next item outside all braces, or at the margin.
void Parser::syncItem() {
  unsigned braces = 0;
  while (!at(K::End) && !atItemMargin()) {
    if (braces == 0 && (atItem() || at(K::At)) && tokens.startsLine())
      break;
    K kind = advance().kind;
    braces += kind == K::LBrace;
    braces -= kind == K::RBrace && braces;
  }
  panic = false;
  isTooDeep = false;
}
