// Translates modules and functions: layout of variables, registers and constants, labels.
#include "emulator/code/Translator.h"

#include "emulator/ops/Lanes.h"

#include <algorithm>
#include <functional>
#include <set>

using namespace awg::emu;

namespace {
uint64_t roundUp(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

/// Places the shared variables. Those that several kernels may reach, the module's and those of functions, have one
/// place for all; a kernel's own come after them if it uses any.
class SharedLayout {
public:
  explicit SharedLayout(Program &program) : program(program), module(*program.module) {}

  void run() {
    for (auto &v : module.variables)
      if (v->space == Space::Shared)
        place(*v, commonEnd);
    for (auto &f : module.functions) {
      if (f->isEntry)
        continue;
      for (auto &v : f->locals)
        if (v->space == Space::Shared)
          place(*v, commonEnd);
    }
    for (auto &code : program.functions)
      if (code->isEntry)
        layOut(*code);
  }

private:
  void place(Variable &v, uint64_t &end) {
    if (v.isExtern || !v.size) {
      v.address = dynamicSharedOffset;
      return;
    }
    v.address = roundUp(end, v.align);
    end = v.address + v.size;
  }

  void layOut(Code &code) {
    uint64_t end = usesCommon(*code.function) ? commonEnd : 0;
    for (auto &v : code.function->locals)
      if (v->space == Space::Shared)
        place(*v, end);
    if (end > dynamicSharedOffset)
      throw PtxError(code.function->line, "the kernel '" + code.name + "' uses " + std::to_string(end) +
                                              " bytes of shared memory, the most is " +
                                              std::to_string(dynamicSharedOffset));
    code.sharedBytes = end;
    auto reserved = module.variableOf.find("%reserved_smem");
    if (reserved != module.variableOf.end() && usesCommon(*code.function))
      code.reservedShared = reserved->second;
  }

  /// Whether what `f` executes, with all that it calls, may name a shared variable that is not a kernel's own.
  bool usesCommon(const Function &f) {
    std::set<const Function *> reached = {&f};
    for (std::vector<const Function *> left = {&f}; commonEnd && !left.empty();) {
      const Function &next = *left.back();
      left.pop_back();
      for (const Instruction &inst : next.body) {
        if (inst.opcode == "call" && inst.operands[1].kind == Operand::Reg)
          return true;
        for (const Operand &o : inst.operands) {
          if (o.variable && o.variable->space == Space::Shared && !isOwn(next, o.variable) && o.variable->size)
            return true;
          if (o.function && reached.insert(o.function).second)
            left.push_back(o.function);
        }
      }
    }
    return false;
  }
  static bool isOwn(const Function &f, const Variable *v) {
    return f.isEntry && std::any_of(f.locals.begin(), f.locals.end(), [&](auto &local) { return local.get() == v; });
  }

  Program &program;
  PtxModule &module;
  uint64_t commonEnd = 0;
};
} // namespace

/// Which sizes of compare-and-swap `code` has, with all that it calls.
static uint32_t swapSizes(const Code &code) {
  std::set<const Code *> reached = {&code};
  uint32_t sizes = 0;
  for (std::vector<const Code *> left = {&code}; !left.empty();) {
    const Code &next = *left.back();
    left.pop_back();
    sizes |= next.swapSizes;
    for (const Code *callee : next.callees)
      if (reached.insert(callee).second)
        left.push_back(callee);
  }
  return sizes;
}

std::unique_ptr<Program> awg::emu::translate(std::unique_ptr<PtxModule> module) {
  auto program = std::make_unique<Program>();
  program->module = std::move(module);
  for (auto &f : program->module->functions) {
    if (!f->hasBody)
      continue;
    auto code = std::make_unique<Code>();
    code->function = f.get();
    code->name = f->name;
    code->isEntry = f->isEntry;
    program->codeOf[f.get()] = code.get();
    program->functions.push_back(std::move(code));
  }
  SharedLayout(*program).run();
  uint32_t places = 0;
  for (auto &code : program->functions) {
    Translator(*program, *code).run();
    code->firstPlace = places;
    places += code->places.size();
  }
  // Where a swap is in a function, or has its address from another register, any load of its size may be the one before it.
  for (auto &code : program->functions)
    if (uint32_t sizes = swapSizes(*code))
      for (uint32_t pc : code->loads)
        code->ops[pc].isOfSwap = sizes & (code->ops[pc].size * code->ops[pc].count);
  return program;
}

void Translator::fail(const std::string &message) const {
  throw PtxError(inst ? inst->line : f.line, message + " (in '" + std::string(f.name) + "')");
}

std::string_view Translator::text() const {
  const char *end = inst->modifiers.empty() ? inst->opcode.data() + inst->opcode.size()
                                            : inst->modifiers.back().data() + inst->modifiers.back().size();
  return std::string_view(inst->opcode.data(), end - inst->opcode.data());
}

void Translator::unsupported() const { fail("the instruction '" + std::string(text()) + "' is not supported"); }

void Translator::run() {
  layOut();
  pcOf.reserve(f.body.size());
  for (const Instruction &instruction : f.body) {
    inst = &instruction;
    left.assign(inst->modifiers.begin(), inst->modifiers.end());
    pcOf.push_back(code.ops.size());
    code.places.push_back({inst->line, inst->source});
    auto method = methods().find(inst->opcode);
    if (method == methods().end())
      unsupported();
    (this->*method->second)();
  }
  inst = nullptr;
  code.places.push_back({f.body.empty() ? f.line : f.body.back().line, {}});
  Op end;
  end.run = controlHandler("end");
  end.instruction = code.places.size() - 1;
  code.ops.push_back(end);
  resolveTargets();
  strengthenLoads();
  code.registerBytes = roundUp(registerBytes, 64);
  code.constants.resize(constantList.size() * 32);
  for (size_t i = 0; i < constantList.size(); ++i) {
    auto [bits, size] = constantList[i];
    char *to = reinterpret_cast<char *>(code.constants.data() + code.constants.size() - 32 * (i + 1));
    for (int lane = 0; lane < 32; ++lane)
      std::memcpy(to + lane * size, &bits, size);
  }
  findJoins(code);
}

/// Gives registers and variables in local memory their places in the frame.
void Translator::layOut() {
  slots.resize(f.registers.size());
  for (bool isPredicate : {true, false}) {
    for (size_t i = 0; i < slots.size(); ++i) {
      if ((f.registers[i].type == Type::Pred) != isPredicate)
        continue;
      uint32_t size = sizeOf(f.registers[i].type);
      if (size == 1 && !isPredicate)
        size = 2; // registers of a byte are as good as two
      slots[i] = registerBytes;
      code.registers.push_back({registerBytes, isPredicate ? 0 : size});
      registerBytes += isPredicate ? 4 : 32 * size;
    }
    registerBytes = roundUp(registerBytes, 64);
    if (registerBytes > 16 << 20)
      fail("the function has too many registers");
  }
  uint64_t local = 0;
  auto place = [&](Variable &v) {
    v.address = roundUp(local, v.align);
    local = v.address + v.size;
  };
  uint64_t params = 0;
  for (auto &v : f.params) {
    if (f.isEntry)
      params = std::max(params, v->address + v->size);
    else
      place(*v);
  }
  if (params > 32764)
    fail("the kernel's parameters have " + std::to_string(params) + " bytes, the most is 32764");
  code.paramBytes = params;
  for (auto &v : f.results)
    place(*v);
  for (auto &v : f.locals)
    if (v->space == Space::Local || v->space == Space::Param)
      place(*v);
  if (local > 512 * 1024)
    fail("the function's local variables have " + std::to_string(local) + " bytes, the most is 524288");
  code.localBytes = local;
}

void Translator::resolveTargets() {
  pcOf.push_back(code.endPc());
  auto pc = [&](uint32_t instruction) { return instruction == UINT32_MAX ? code.endPc() : pcOf[instruction]; };
  for (const Jump &jump : jumps)
    code.ops[jump.pc].target = pc(jump.instruction);
  for (auto &list : code.targetLists)
    for (uint32_t &target : *list)
      target = pc(target);
}

/// A loop around compare-and-swap starts with a plain load of the same word: what that reads is checked by the swap, so it
/// races with none.
void Translator::strengthenLoads() {
  for (uint32_t pc : code.loads) {
    Op &load = code.ops[pc];
    load.isStrong |= std::any_of(swaps.begin(), swaps.end(), [&](const Op &swap) {
      return swap.src[0] == load.src[0] && swap.imm == load.imm && swap.variant == load.variant &&
             swap.size == load.size * load.count;
    });
  }
}

//--- Modifiers

bool Translator::take(std::string_view modifier) {
  auto found = std::find(left.begin(), left.end(), modifier);
  if (found == left.end())
    return false;
  left.erase(found);
  return true;
}

std::string_view Translator::takeOf(std::initializer_list<std::string_view> modifiers) {
  for (std::string_view modifier : modifiers)
    if (take(modifier))
      return modifier;
  return {};
}

Type Translator::takeTypeOr(Type type) {
  for (size_t i = 0; i < left.size(); ++i) {
    if (Type found = parseType(left[i]); found != Type::None) {
      left.erase(left.begin() + i);
      return found;
    }
  }
  return type;
}

Type Translator::takeType() {
  Type type = takeTypeOr(Type::None);
  if (type == Type::None)
    fail("'" + std::string(text()) + "' names no type");
  return type;
}

Space Translator::takeSpace() {
  for (size_t i = 0; i < left.size(); ++i) {
    if (Space found = parseSpace(left[i]); found != Space::Generic) {
      left.erase(left.begin() + i);
      return found;
    }
  }
  return Space::Generic;
}

void Translator::ignore(std::initializer_list<std::string_view> modifiers) {
  for (std::string_view modifier : modifiers)
    take(modifier);
}

void Translator::finishModifiers() {
  if (!left.empty())
    fail("'" + std::string(text()) + "' is not supported: unknown modifier '" + std::string(left[0]) + "'");
}
