// The parser: recursive descent, one handler a construct. Private to this folder.
//
// Errors: the first one in a statement sets `panic`; while it is set nothing is reported, nothing is consumed by `expect`, and
// every handler returns at once with an error node. The loops over statements and items skip to a place where a new one can
// begin and clear it. Refusals that leave the tokens in order (not-yet, chained comparisons) do not set it.
#ifndef AWG_FRONTEND_PARSE_PARSERIMPL_H
#define AWG_FRONTEND_PARSE_PARSERIMPL_H

#include "frontend/AST/AST.h"
#include "frontend/Diag/Diag.h"
#include "frontend/Parse/Layout.h"
#include "frontend/Parse/TokenStream.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/SaveAndRestore.h"

namespace awg {

class Parser {
public:
  Parser(llvm::StringRef text, ASTContext &context, DiagEngine &diags, Layout *layout = nullptr)
      : tokens(text, diags), context(context), diags(diags), layout(layout) {}

  /// One item; null if it is none that this version has.
  Decl *parseItem();
  /// All items of a file.
  Module *parseModule(unsigned bufferId);

private:
  using K = TokenKind;

  /// How deep the parser itself goes, and how high the tree may become.
  static constexpr unsigned deepest = 256, highest = 1000;

  /// Open while a handler that may recurse runs: counts the depth on the way in, and on the way out the height of the tree
  /// below into `height`.
  class Nest {
  public:
    explicit Nest(Parser &parser);
    ~Nest();

  private:
    Parser &parser;
    unsigned heightBefore;
  };

  /// Open while what stands in brackets is read: what holds outside of them does not hold there.
  class Brackets {
  public:
    explicit Brackets(Parser &parser)
        : literals(parser.structLiterals, true), operand(parser.awaiting, false), held(parser.suffixHeld, false) {}

  private:
    llvm::SaveAndRestore<bool> literals, operand, held;
  };

  //===-- Parser.cpp: tokens, errors, recovery --------------------------------------------------------------------===//

  Token tok(size_t ahead = 0) { return tokens.peek(ahead); }
  bool at(K kind) { return tok().is(kind); }
  bool at(K kind, size_t ahead) { return tok(ahead).is(kind); }
  bool atWord(StringRef word, size_t ahead = 0) { return at(K::Identifier, ahead) && tok(ahead).text() == word; }
  /// Whether the name of a field stands here: any word may be one where a `:` follows.
  bool atFieldName(size_t ahead = 0);
  SMLoc here() { return tok().range.Start; }
  Token advance() { return tokens.advance(); }
  /// Passes the current token if it is of that kind.
  bool take(K kind);
  /// Passes a token of that kind, or reports that it is missing: "expected KIND AFTER".
  bool expect(K kind, const llvm::Twine &after = "");
  /// Notes for a formatter that an item, a statement or an arm begins here.
  void beginPart() {
    if (layout)
      layout->parts.insert(here().getPointer());
  }
  /// Notes for a formatter that the bracket here is one of types.
  void noteAngle() {
    if (layout)
      layout->angles.insert(here().getPointer());
  }
  /// Whether a list ends here: at `close`, or because nothing more can be read.
  bool atListEnd(K close) { return panic || at(close) || at(K::End); }
  /// From `start` to the end of what was read last.
  SMRange since(SMLoc start) const;

  /// Reports what stands at the current token and begins to panic.
  DiagBuilder syntaxError(const llvm::Twine &message);
  DiagBuilder syntaxErrorAt(SMRange range, const llvm::Twine &message);
  void suggestWord(DiagBuilder &error, std::initializer_list<StringRef> words);
  bool reportTypeArguments(const Expr *left);
  /// "expected WHAT, found ...".
  DiagBuilder expected(const llvm::Twine &what);
  /// Reports something without panic.
  DiagBuilder refuse(DiagKind kind, SMRange range, const llvm::Twine &message);
  /// How the current token is called after "found".
  std::string found();
  ErrorExpr *errorExpr(SMLoc start) { return context.make<ErrorExpr>(since(start)); }
  void reportTooDeep();
  /// Counts one more level on top of what was read, for operators in a row.
  void grow();

  void skipBalanced();
  void skipToBlock();
  void syncStatement(size_t passedAtStart);
  void syncItem();
  bool atItem();
  bool atItemMargin();
  bool startsStatement();
  bool endsExpression();
  bool opens();

  //===-- Items.cpp ------------------------------------------------------------------------------------------------===//

  struct Modifiers {
    bool isPub = false, isExport = false, isFast = false;
    SMLoc start;
    Token fast;
    SMRange threadsRange;
    Expr *threads = nullptr;
  };
  bool parseModifiers(Modifiers &modifiers);
  void refuseModifiers(const Modifiers &modifiers);
  void parseAttribute(Modifiers &modifiers);
  FnDecl *parseFunction(const Modifiers &modifiers, StringRef doc);
  void parseHead(FnDecl *function);
  FnDecl *parseExtern(const Modifiers &modifiers, StringRef doc);
  ArrayRef<TypeParam> parseTypeParams();
  ArrayRef<VarDecl *> parseParameters();
  VarDecl *parseParameter();
  VarDecl *parseTypedName(SMLoc start, VarDecl::Role role);
  void reportUnknownItem();
  StringRef docText(StringRef raw);

  //===-- Test.cpp -------------------------------------------------------------------------------------------------===//

  bool atTest();
  FnDecl *parseTest(const Modifiers &modifiers, StringRef doc);

  //===-- Declarations.cpp ----------------------------------------------------------------------------------------===//

  void parseBraced(const llvm::Twine &what, llvm::function_ref<void()> element);
  void closeBraces();
  Decl *parseStruct(const Modifiers &modifiers, StringRef doc);
  Decl *parseEnum(const Modifiers &modifiers, StringRef doc);
  Decl *parseConst(const Modifiers &modifiers, StringRef doc);
  bool atStructBody(size_t ahead);
  Expr *parseStructLiteral(TypeExpr *type);

  //===-- Imports.cpp ---------------------------------------------------------------------------------------------===//

  ImportDecl *parseImport(const Modifiers &modifiers);
  ImportDecl *parseFileImport();
  ImportDecl *parseStdImport();
  bool parseImportName(StringRef &name, SMLoc &loc);

  //===-- Patterns.cpp --------------------------------------------------------------------------------------------===//

  Pattern *makePattern(Pattern::Kind kind, SMLoc start);
  Pattern *parsePattern(bool isMut = false);
  Pattern *parseNamePattern(SMLoc start, bool isMut);
  Pattern *parseTuplePattern(SMLoc start, bool isMut);
  Pattern *parseStructPattern(SMLoc start, bool isMut);
  Pattern *parsePart(bool isMut);
  Pattern *parseAlternatives(bool isMut);
  Pattern *parseArmPattern(bool isMut);
  Expr *parsePatternLiteral();
  Expr *parseArmValue();
  bool takeArmEnd();
  MatchArm parseArm();
  Expr *parseMatch();

  //===-- Types.cpp ------------------------------------------------------------------------------------------------===//

  TypeExpr *parseType();
  TypeExpr *parseTypeAtom();
  TypeExpr *parseNamedType();
  TypeExpr *errorType(SMLoc start);
  ArrayRef<Expr *> parseExtents();
  bool takeOpenAngle();
  bool takeCloseAngle();
  bool typeArgumentsFollow();
  bool skipTypeAhead(size_t &ahead, unsigned &angles, unsigned depth);
  bool skipTypeListAhead(size_t &ahead, unsigned &angles, unsigned depth, bool isVec);
  bool skipBracketsAhead(size_t &ahead, bool isExtents = false);

  //===-- Statements.cpp, Loops.cpp ------------------------------------------------------------------------------------------===//

  BlockExpr *parseBlock(const llvm::Twine &after);
  Stmt *parseStatement(Expr *&tail);
  Stmt *parseLet();
  Stmt *parseWhile();
  Pattern *parseLoopPattern();
  Stmt *parseFor();
  Stmt *parseAsyncFor();
  Stmt *parseTry();
  Stmt *parseCancel();
  Stmt *parseAtomic();
  Stmt *parseBlockLike(Expr *&tail);
  Stmt *parseExpressionStatement(Expr *&tail);
  Stmt *parseAssignment(SMLoc start, Expr *target, AssignStmt::Op op);
  std::optional<AssignStmt::Op> assignmentAhead(bool isAtomic);
  void endStatement(StringRef what);
  void reportMissingSemi(StringRef what);
  bool reportForeignStatement();
  bool atRangeInParens();
  Expr *parseIterable();
  Expr *parseCondition(StringRef keyword);
  /// `and`, `or`: written `&&`, `||`.
  static bool isComparisonWord(StringRef word) { return word == "and" || word == "or"; }
  Stmt *exprStatement(Expr *expr) { return context.make<ExprStmt>(expr->range, expr); }

  //===-- Expressions.cpp -----------------------------------------------------------------------------------------===//

  Expr *parseExpr();
  Expr *parseBinary(unsigned minimum);
  Expr *parseCast();
  TypeExpr *parseCastTarget();
  Expr *parseUnary();
  Expr *parsePostfix();
  Expr *parsePostfix(Expr *base);
  bool vecFollows();
  Expr *parseVec();
  Expr *parseCall(Expr *callee, TypeExpr *made = nullptr);
  Expr *parseSubscript();
  Expr *parseIndex(Expr *base);
  Expr *parseMember(Expr *base);
  Argument parseArgument();

  //===-- Primary.cpp --------------------------------------------------------------------------------------------===//

  Expr *parsePrimary();
  Expr *parseName();
  Expr *parseBareStruct();
  Expr *parseParen();
  Expr *parseBracketed();
  Expr *parseComprehension(SMLoc start);
  Expr *parseIf();
  Expr *parseFail();
  Expr *parseReturn();
  void reportNoExpression();

  //===-- Literals.cpp -------------------------------------------------------------------------------------------===//

  Expr *parseInt();
  Expr *parseFloat();
  Expr *parseDuration();
  Expr *parseString();
  StringRef unescape(SMLoc start, StringRef text);
  StringRef parseFormat();

  //===-- Each.cpp -----------------------------------------------------------------------------------------------===//

  bool atReduction();
  Expr *parseReduction();
  ScanOp parseScanOp(Expr *&outReducer);
  Expr *parseEach(EachOp op, SMLoc start, Expr *reducer = nullptr, Expr *init = nullptr);
  bool parseEachHead(llvm::SmallVectorImpl<VarDecl *> &indices, llvm::SmallVectorImpl<Expr *> &extents);
  VarDecl *parseIndexName();
  Stmt *parseStorage();

  //===-- Async.cpp ----------------------------------------------------------------------------------------------===//

  Expr *parseAwait();
  Expr *parseAsync();
  Expr *parseSuffixOperand();

  //===-- Race.cpp -----------------------------------------------------------------------------------------------===//

  Expr *parseRace();
  RaceArm parseRaceArm();
  void skipToBrace();

  //===-- Later.cpp: what the language has and this version has not ------------------------------------------------===//

  void notYet(SMRange range, const llvm::Twine &construct);
  void skipPastBraces();

  TokenStream tokens;
  ASTContext &context;
  DiagEngine &diags;
  Layout *layout; ///< or null
  bool panic = false;
  bool isTooDeep = false;       ///< the panic is for the depth: nothing within may go on
  unsigned depth = 0;
  unsigned height = 0;          ///< of the highest tree read since the innermost Nest opened
  bool structLiterals = true;   ///< `NAME {` may be one here
  bool inMatch = false;         ///< in the pattern of an arm
  bool awaiting = false;        ///< in the operand of an `await` or `async`, within the same brackets
  bool suffixHeld = false;      ///< in the `=>` body of such an operand: `on` and `within` belong outside
};

} // namespace awg

#endif // AWG_FRONTEND_PARSE_PARSERIMPL_H
