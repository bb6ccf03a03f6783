// The parser's state; its handlers are spread over ParseModule.cpp, ParseVariable.cpp and ParseBody.cpp.
#ifndef AWG_EMULATOR_PTX_PARSER_H
#define AWG_EMULATOR_PTX_PARSER_H

#include "emulator/ptx/Error.h"
#include "emulator/ptx/Lexer.h"
#include "emulator/ptx/Syntax.h"

#include <array>
#include <unordered_map>

namespace awg::emu {

/// Recursive descent over the tokens of a module. Every handler throws PtxError at the token it cannot take.
class Parser {
public:
  explicit Parser(PtxModule &module) : module(module), tokens(lex(module.text)) {}

  void parse();

private:
  // Tokens.
  const Token &peek(size_t ahead = 0) const { return tokens[std::min(pos + ahead, tokens.size() - 1)]; }
  const Token &take() { return tokens[pos < tokens.size() - 1 ? pos++ : pos]; }
  bool accept(char c);
  bool accept(std::string_view word);
  void expect(char c);
  std::string_view word(const char *what);
  uint64_t integer(const char *what);
  [[noreturn]] void fail(const std::string &message) const { throw PtxError(peek().line, message); }
  [[noreturn]] void unexpected(const char *wanted) const;

  /// Counts what is nested in what, where the parser calls itself: beyond some hundred the text is refused.
  class Nesting {
  public:
    explicit Nesting(Parser &parser) : parser(parser) {
      if (++parser.depth > 200)
        parser.fail("this is nested too deeply");
    }
    ~Nesting() { --parser.depth; }

  private:
    Parser &parser;
  };

  // Modules.
  void header();
  void unit();
  void endUnit();
  bool isOfThisUnit(uint32_t line) const { return module.units.empty() || line > module.units.back().line; }
  void item();
  void linkage();
  void function(bool isEntry);
  std::vector<std::unique_ptr<Variable>> parameters();
  void functionDirectives(Function &f);
  void extents(uint32_t (&to)[3]);
  Function *declare(std::unique_ptr<Function> f, bool isDefinition);
  void file();
  void skipSection();
  void alias();

  // Variables.
  std::unique_ptr<Variable> declarator(Space space);
  void moduleVariable();
  void initialiser(Variable &v);
  void initialValue(Variable &v, uint64_t &offset);
  void initialSymbol(Variable &v, uint64_t offset);
  void put(Variable &v, uint64_t offset, uint64_t bits, uint32_t size);
  int64_t constant();
  int64_t constantFactor();

  // Bodies.
  struct Scope {
    std::unordered_map<std::string_view, int> registers;
    std::unordered_map<std::string_view, const Variable *> variables;
  };
  void body(Function &f);
  void block();
  void statement();
  void bodyDirective();
  void registers();
  void addRegister(std::string_view name, Type type);
  void location();
  uint32_t callerAt(const SourceLine &place);
  void label();
  void instruction();
  void call(Instruction &inst);
  Operand callList();
  Operand operand();
  Operand address();
  Operand named();
  const Variable *reservedShared();
  Operand vector();
  bool findRegister(std::string_view name, int &reg) const;
  const Variable *findVariable(std::string_view name) const;
  int guardRegister();

  PtxModule &module;
  std::vector<Token> tokens;
  size_t pos = 0;
  unsigned depth = 0;
  bool isExtern = false, isVisible = false, isWeak = false;
  /// Names of other units that this one uses for what is its own.
  std::vector<Function *> hiddenFunctions;
  std::vector<Variable *> hiddenVariables;
  Function *current = nullptr;
  std::vector<Scope> scopes;
  SourceLine source;
  /// Of the current function: the caller of each place that was inlined.
  std::map<std::array<uint32_t, 3>, uint32_t> callerOf;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_PTX_PARSER_H
