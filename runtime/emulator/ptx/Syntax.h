// A parsed PTX module: variables, functions and their instructions, with registers and variables resolved.
#ifndef AWG_EMULATOR_PTX_SYNTAX_H
#define AWG_EMULATOR_PTX_SYNTAX_H

#include "emulator/ptx/Type.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace awg::emu {

struct Function;

/// A variable in memory, or a parameter. Strings point into the module's text.
struct Variable {
  std::string_view name;
  Space space;
  Type type;
  uint32_t align;
  uint64_t size;          ///< in bytes
  bool isExtern = false;  ///< `.extern`; of shared memory without extent: what the launch asks for
  bool isVisible = false; ///< has a name beyond the module
  bool isWeak = false;    ///< gives way to another of that name
  uint32_t line = 0;
  std::vector<uint8_t> init; ///< initial bytes, the rest are zero

  /// The address of a symbol, to be stored into the initial bytes once it is known.
  struct Relocation {
    uint64_t offset;
    uint32_t size;
    const Variable *variable; ///< or null
    const Function *function; ///< or null
    int64_t addend;
    uint32_t shift; ///< of `mask(symbol)`: which byte
  };
  std::vector<Relocation> relocations;

  /// Where the translator or the loader put it: an offset in its space, or an address of the device.
  uint64_t address = 0;
};

/// A register of a function; registers of nested scopes are here too, under their own index.
struct Register {
  std::string_view name;
  Type type;
};

/// An operand as written.
struct Operand {
  enum Kind : uint8_t {
    None,
    Reg,      ///< `reg`
    Integer,  ///< `bits`
    Single,   ///< `bits`: a float's
    Double,   ///< `bits`: a double's
    Special,  ///< `%tid.x`: `name`
    Variable, ///< address of `variable`, plus `offset`
    Callee,   ///< address of `function`
    Label,    ///< `name`
    Address,  ///< `[...]`: `reg`, `variable` or neither, plus `offset`
    Vector,   ///< `{...}`, or a call's list: `parts`
    Discard   ///< `_`
  };
  Kind kind = None;
  bool negated = false; ///< `!p`
  int reg = -1;
  int second = -1; ///< p of `d|p`
  uint64_t bits = 0;
  int64_t offset = 0;
  std::string_view name;
  const struct Variable *variable = nullptr;
  struct Function *function = nullptr;
  std::vector<Operand> parts;
};

/// Where an instruction comes from, by `.loc`: `file` 0 for nowhere.
struct SourceLine {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t caller = 0; ///< among the module's callers: where that function was inlined; 0 if it was not
};

/// One instruction. A call's operands are: results (Vector), target, arguments (Vector), and maybe a label of targets.
struct Instruction {
  std::string_view opcode;
  std::vector<std::string_view> modifiers; ///< each with its point
  std::vector<Operand> operands;
  int guard = -1; ///< register of `@p`
  bool guardNegated = false;
  uint32_t line = 0; ///< in the PTX text
  SourceLine source;

  bool has(std::string_view modifier) const {
    for (std::string_view m : modifiers)
      if (m == modifier)
        return true;
    return false;
  }
};

/// A kernel or a function.
struct Function {
  std::string_view name;
  bool isEntry = false;
  bool isVisible = false;
  bool isWeak = false; ///< gives way to another of that name
  bool hasBody = false;
  uint32_t line = 0;
  std::vector<std::unique_ptr<Variable>> params;
  std::vector<std::unique_ptr<Variable>> results;
  std::vector<std::unique_ptr<Variable>> locals; ///< .local, .shared, .param and the like that the body declares
  std::vector<Register> registers;
  std::vector<Instruction> body;
  std::map<std::string_view, uint32_t> labels; ///< index of the instruction that follows
  std::map<std::string_view, std::vector<std::string_view>> branchTargets;
  std::map<std::string_view, std::unique_ptr<Function>> prototypes;
  uint32_t maxThreads[3] = {0, 0, 0};      ///< .maxntid, or 0
  uint32_t requiredThreads[3] = {0, 0, 0}; ///< .reqntid, or 0
};

/// One of the texts that a module was linked of.
struct Unit {
  uint32_t line; ///< the one before its first
  std::string name;
};

/// A module. Owns the text that all names point into.
struct PtxModule {
  std::string text;
  std::vector<Unit> units; ///< as their lines are; none if it was not linked
  uint32_t version = 0;    ///< 80 for 8.0
  std::string_view target; ///< sm_80
  uint32_t addressSize = 64;
  std::vector<std::unique_ptr<Variable>> variables;
  std::vector<std::unique_ptr<Function>> functions;
  std::map<std::string_view, Variable *> variableOf;
  std::map<std::string_view, Function *> functionOf;
  std::map<uint32_t, std::string> files;    ///< of `.file`, by fileOf
  std::vector<SourceLine> callers = {{}};   ///< that calls were inlined into; the first is none
  /// The second definitions of what is weak, which nothing uses.
  std::vector<std::unique_ptr<Function>> spare;
  std::set<std::string, std::less<>> names; ///< of registers that are declared in ranges
};

/// A file's number in its unit, of which there are so many before, as a number in the module.
constexpr uint32_t fileOf(size_t unit, uint64_t number) { return number ? unit << 20 | (number & 0xfffff) : 0; }

/// Parses `text`: a module, or units that were joined, which share what is visible. Throws PtxError.
std::unique_ptr<PtxModule> parseModule(std::string text);

} // namespace awg::emu

#endif // AWG_EMULATOR_PTX_SYNTAX_H
