// The translator's state; its handlers are spread over the files Translate*.cpp.
#ifndef AWG_EMULATOR_CODE_TRANSLATOR_H
#define AWG_EMULATOR_CODE_TRANSLATOR_H

#include "emulator/code/Code.h"
#include "emulator/ops/Ops.h"
#include "emulator/ptx/Error.h"

#include <initializer_list>
#include <map>

namespace awg::emu {

/// Translates one function.
class Translator {
public:
  Translator(Program &program, Code &code) : program(program), module(*program.module), f(*code.function), code(code) {}

  void run();

private:
  using Method = void (Translator::*)();
  static const std::map<std::string_view, Method> &methods();

  [[noreturn]] void fail(const std::string &message) const;
  [[noreturn]] void unsupported() const;

  // The instruction's modifiers; each is taken once, what is left over is refused.
  bool take(std::string_view modifier);
  std::string_view takeOf(std::initializer_list<std::string_view> modifiers);
  Type takeType();
  Type takeTypeOr(Type type);
  Space takeSpace();
  void ignore(std::initializer_list<std::string_view> modifiers);
  void finishModifiers();
  std::string_view text() const;

  // Operands.
  const Operand &operand(size_t index) const;
  void count(size_t least, size_t most) const;
  void count(size_t exactly) const { count(exactly, exactly); }
  uint32_t sizeOfRegister(const Operand &o) const;
  int32_t constant(uint64_t bits, uint32_t size);
  uint64_t immediate(const Operand &o, Type type) const;
  int32_t temporary(uint32_t size);
  int32_t input(const Operand &o, Type type);
  int32_t inputWide(const Operand &o, Type type, uint32_t &registerSize);
  int32_t inputPredicate(const Operand &o);
  int32_t output(const Operand &o, Type type);
  int32_t outputPredicate(int reg);
  int32_t variableAddress(const Operand &o, uint32_t size);
  bool isFrameVariable(const Variable &v) const;
  uint64_t fixedAddress(const Variable &v) const;

  /// What a load or store moves: so many elements of a type, at once, to or from a space.
  struct Transfer {
    uint32_t lanes;
    Space space;
    Type type;
  };
  /// Reads the rest of its modifiers; `registers` must be as many as the elements.
  Transfer takeTransfer(const Operand &registers, const char *verb, const char *preposition);

  // Operations.
  Op &emit(Handler handler);
  Op &emitPlain(Handler handler, Type type, size_t operands);
  void address(Op &op, const Operand &o, Space space);
  void layOut();
  void collectLabels();
  void resolveTargets();
  void strengthenLoads();
  void jump(uint32_t instructionIndex);

  // Instructions.
  void arithmetic();
  void integerArithmetic(const std::string &name, Type type, size_t operands);
  void floatArithmetic(const std::string &name, Type type, size_t operands);
  void halfArithmetic(const std::string &name, Type type, size_t operands);
  void carried();
  void approximate();
  void divide();
  void extremes();
  void logic();
  void shift();
  void countBits();
  void field();
  void permute();
  void lop3();
  void mask();
  void dot();
  void vabsdiff();
  void fns();
  void sad();
  void setp();
  void set();
  void selp();
  void slct();
  void testp();
  void cvt();
  void cvtPair(ConvertSpec spec);
  void cvtTiny(std::string_view name, ConvertSpec spec);
  void mov();
  void pack(const Operand &whole, const Operand &parts, Type type, bool isPack);
  void cvta();
  void isspacep();
  void mapa();
  void getctarank();
  void stack();
  void ld();
  void st();
  void atom();
  void fence();
  void nothing();
  void createPolicy();
  void cpAsync();
  void cpAsyncBulk();
  void mbarrier();
  void bra();
  void brx();
  void call();
  bool callSystem(const Operand &results, const Operand &target, const Operand &arguments);
  void ret();
  void exit();
  void simple();
  void bar();
  void barWarp();
  void shfl();
  void vote();
  void match();
  void redux();
  void activemask();
  void elect();
  void takeShape(MatrixSite &site);
  void fragment(Fragment &to, const Operand &o, Type type, uint32_t elements, bool isResult, bool repeats);
  Op &emitMatrix(std::string_view name, std::unique_ptr<MatrixSite> site);
  void multiply(bool isLinear);
  void mma();
  void wmma();
  void rowsOfMatrix();
  void movmatrix();
  void comparison(Op &op, Type type, size_t first);
  uint32_t rounding(bool required);

  Program &program;
  PtxModule &module;
  const Function &f;
  Code &code;
  const Instruction *inst = nullptr;
  std::vector<std::string_view> left; ///< modifiers not taken yet
  std::vector<int32_t> slots;         ///< of the function's registers
  uint32_t registerBytes = 0;
  std::map<std::pair<uint64_t, uint32_t>, int32_t> constants;
  std::vector<std::pair<uint64_t, uint32_t>> constantList;
  std::vector<uint32_t> pcOf; ///< of an instruction
  uint16_t cacheSlots = 0;
  /// Operations whose targets are instructions still: where a branch goes, UINT32_MAX for the end.
  struct Jump {
    uint32_t pc;
    uint32_t instruction;
  };
  std::vector<Jump> jumps;
  std::vector<Op> swaps; ///< compare-and-swaps
};

/// Sets Op::join of all branches: the immediate post-dominator of each, which is where the lanes that part there meet
/// again.
void findJoins(Code &code);

} // namespace awg::emu

#endif // AWG_EMULATOR_CODE_TRANSLATOR_H
