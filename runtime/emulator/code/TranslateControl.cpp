// Translates branches, calls, barriers and what warps do together; the table of all instructions.
#include "emulator/code/Translator.h"

using namespace awg::emu;

void Translator::jump(uint32_t instructionIndex) {
  emit(controlHandler("bra"));
  jumps.push_back({uint32_t(code.ops.size() - 1), instructionIndex});
}

void Translator::bra() {
  take(".uni");
  finishModifiers();
  count(1);
  auto label = f.labels.find(operand(0).name);
  if (operand(0).kind != Operand::Label || label == f.labels.end())
    fail("unknown label '" + std::string(operand(0).name) + "'");
  jump(label->second);
}

void Translator::ret() {
  take(".uni");
  finishModifiers();
  jump(UINT32_MAX);
}

void Translator::brx() {
  take(".idx"), take(".uni");
  finishModifiers();
  count(2);
  auto list = f.branchTargets.find(operand(1).name);
  if (list == f.branchTargets.end())
    fail("unknown list of targets '" + std::string(operand(1).name) + "'");
  auto targets = std::make_unique<std::vector<uint32_t>>();
  for (std::string_view name : list->second) {
    auto label = f.labels.find(name);
    if (label == f.labels.end())
      fail("unknown label '" + std::string(name) + "'");
    targets->push_back(label->second);
  }
  int32_t index = input(operand(0), Type::B32);
  Op &op = emit(controlHandler("brx.idx"));
  op.src[0] = index;
  op.targets = targets.get();
  code.targetLists.push_back(std::move(targets));
}

void Translator::exit() {
  finishModifiers();
  emit(controlHandler("exit"));
}

void Translator::simple() {
  takeTypeOr(Type::None); // of nanosleep
  finishModifiers();
  emit(controlHandler(inst->opcode));
}

/// A call of a function that is the driver's, if it is one.
bool Translator::callSystem(const Operand &results, const Operand &target, const Operand &arguments) {
  SystemFunction function = systemFunction(target.name);
  if (!function.handler)
    return false;
  auto require = [&](bool fits) {
    if (!fits)
      fail("the driver's function '" + std::string(target.name) + "' has other parameters");
  };
  auto placeOf = [&](const Operand &o, uint64_t size) {
    require(o.variable && o.variable->space == Space::Param && o.variable->size == size);
    return o.variable->address;
  };
  require(arguments.parts.size() == function.params.size() && results.parts.size() == (function.result ? 1 : 0));
  Op &op = emit(function.handler);
  op.space = Space::Generic;
  for (size_t i = 0; i < function.params.size(); ++i)
    op.vector[i] = static_cast<int32_t>(placeOf(arguments.parts[i], function.params[i]));
  if (function.result)
    op.imm = placeOf(results.parts[0], function.result);
  return true;
}

/// The arguments lie in the caller's frame; where in the callee's they go, its parameters say, or the prototype.
void Translator::call() {
  take(".uni");
  finishModifiers();
  const Operand &results = operand(0), &target = operand(1), &arguments = operand(2), &proto = operand(3);
  const Function *shape = target.function;
  if (!shape && proto.kind == Operand::Label) {
    auto prototype = f.prototypes.find(proto.name);
    if (prototype == f.prototypes.end())
      fail("the call needs a prototype, '" + std::string(proto.name) + "' is none");
    shape = prototype->second.get();
  }
  if (!shape)
    fail(target.kind == Operand::Label ? "unknown function '" + std::string(target.name) + "'"
                                       : "an indirect call needs a prototype");
  if (shape->params.size() != arguments.parts.size() || shape->results.size() != results.parts.size())
    fail("the call of '" + std::string(target.name) + "' has " + std::to_string(arguments.parts.size()) +
         " arguments and " + std::to_string(results.parts.size()) + " results, it takes " +
         std::to_string(shape->params.size()) + " and gives " + std::to_string(shape->results.size()));
  auto site = std::make_unique<CallSite>();
  if (target.function) {
    auto callee = program.codeOf.find(target.function);
    if (callee == program.codeOf.end() && callSystem(results, target, arguments))
      return;
    if (callee == program.codeOf.end())
      fail("the function '" + std::string(target.name) + "' is declared but not defined");
    if (callee->second->isEntry)
      fail("a kernel cannot be called");
    site->callee = callee->second;
    code.callees.push_back(site->callee);
  }
  // Frames lay out parameters and then results, in order; see layOut().
  uint64_t end = 0;
  auto moves = [&](const Operand &list, const std::vector<std::unique_ptr<Variable>> &declared,
                   std::vector<CallMove> &to) {
    for (size_t i = 0; i < declared.size(); ++i) {
      const Variable *own = list.parts[i].variable;
      if (!own || own->space != Space::Param || own->size < declared[i]->size)
        fail("the call's operand '" + std::string(list.parts[i].name) + "' is no parameter of the callee's size");
      uint64_t at = (end + declared[i]->align - 1) / declared[i]->align * declared[i]->align;
      end = at + declared[i]->size;
      bool isResult = &list == &results;
      to.push_back({uint32_t(isResult ? at : own->address), uint32_t(isResult ? own->address : at),
                    uint32_t(declared[i]->size)});
    }
  };
  moves(arguments, shape->params, site->arguments);
  moves(results, shape->results, site->results);
  int32_t address = site->callee ? noSlot : input(target, Type::B64);
  Op &op = emit(controlHandler(site->callee ? "call" : "call.indirect"));
  op.src[0] = address;
  op.call = site.get();
  code.calls.push_back(std::move(site));
}

/// `bar.sync a, b;`, `bar.arrive`, `bar.red.popc.u32 d, a, b, p;`, `bar.warp.sync mask;`, `barrier...` alike.
void Translator::bar() {
  if (take(".warp"))
    return barWarp();
  take(".cta");
  bool isAligned = take(".aligned") || inst->opcode == "bar";
  if (take(".cluster")) { // a block is a cluster of its own
    left.clear();
    emit(controlHandler(inst->has(".arrive") ? "nop" : "fence"));
    return;
  }
  std::string name = "bar" + std::string(takeOf({".sync", ".arrive", ".red"}));
  bool isReduction = name == "bar.red";
  if (isReduction)
    name += takeOf({".popc", ".and", ".or"});
  Type type = takeTypeOr(Type::None);
  finishModifiers();
  size_t first = isReduction ? 1 : 0, n = inst->operands.size();
  size_t numbers = n - first - isReduction;
  if (n < first + isReduction + 1 || numbers > 2)
    fail("'" + std::string(text()) + "' has too few or too many operands");
  int32_t number = input(operand(first), Type::B32);
  int32_t threads = numbers == 2 ? input(operand(first + 1), Type::B32) : noSlot;
  int32_t p = isReduction ? inputPredicate(operand(n - 1)) : noSlot;
  int32_t d = !isReduction         ? noSlot
              : type == Type::Pred ? outputPredicate(operand(0).reg)
                                   : output(operand(0), Type::B32);
  Op &op = emit(controlHandler(name));
  op.dst = d;
  op.src[0] = number, op.src[1] = threads, op.src[2] = p;
  op.flag = isReduction && operand(n - 1).negated;
  op.variant = isAligned;
}

void Translator::barWarp() {
  take(".sync");
  finishModifiers();
  count(1);
  int32_t mask = input(operand(0), Type::B32);
  emit(warpHandler("bar.warp.sync", Type::None)).src[3] = mask;
}

/// `shfl.sync.down.b32 d|p, a, b, c, mask;`
void Translator::shfl() {
  bool isSync = take(".sync");
  std::string name = "shfl" + std::string(takeOf({".up", ".down", ".bfly", ".idx"}));
  Type type = takeType();
  finishModifiers();
  if (sizeOf(type) != 4)
    unsupported();
  count(isSync ? 5 : 4);
  int32_t in[4] = {noSlot, noSlot, noSlot, noSlot};
  for (size_t i = 0; i < (isSync ? 4u : 3u); ++i)
    in[i] = input(operand(i + 1), Type::B32);
  const Operand &to = operand(0);
  int32_t p = to.second < 0 ? noSlot : outputPredicate(to.second), d = output(to, Type::B32);
  Op &op = emit(warpHandler(name, type));
  std::copy(in, in + 4, op.src);
  op.dst = d;
  op.dst2 = p;
}

void Translator::vote() {
  bool isSync = take(".sync");
  std::string name = "vote" + std::string(takeOf({".all", ".any", ".uni", ".ballot"}));
  Type type = takeType();
  finishModifiers();
  count(isSync ? 3 : 2);
  int32_t p = inputPredicate(operand(1)), mask = isSync ? input(operand(2), Type::B32) : noSlot;
  int32_t d = type == Type::Pred ? outputPredicate(operand(0).reg) : output(operand(0), Type::B32);
  if ((type == Type::Pred) == (name == "vote.ballot"))
    unsupported();
  Op &op = emit(warpHandler(name, type));
  op.dst = d;
  op.src[0] = p, op.src[3] = mask;
  op.flag = operand(1).negated;
}

void Translator::match() {
  take(".sync");
  std::string name = "match" + std::string(takeOf({".any", ".all"}));
  Type type = takeType();
  finishModifiers();
  count(3);
  int32_t a = input(operand(1), type), mask = input(operand(2), Type::B32);
  const Operand &to = operand(0);
  int32_t p = to.second < 0 ? noSlot : outputPredicate(to.second), d = output(to, Type::B32);
  Op &op = emit(warpHandler(name, type));
  op.dst = d;
  op.dst2 = p;
  op.src[0] = a, op.src[3] = mask;
}

void Translator::redux() {
  take(".sync");
  std::string name = "redux" + std::string(takeOf({".add", ".min", ".max", ".and", ".or", ".xor"}));
  Type type = takeType();
  finishModifiers();
  count(3);
  int32_t a = input(operand(1), type), mask = input(operand(2), Type::B32), d = output(operand(0), type);
  Op &op = emit(warpHandler(name, type));
  op.dst = d;
  op.src[0] = a, op.src[3] = mask;
}

void Translator::activemask() {
  takeType();
  finishModifiers();
  count(1);
  int32_t d = output(operand(0), Type::B32);
  emit(warpHandler("activemask", Type::None)).dst = d;
}

void Translator::elect() {
  take(".sync");
  finishModifiers();
  count(2);
  int32_t mask = input(operand(1), Type::B32);
  const Operand &to = operand(0);
  int32_t p = outputPredicate(to.second), d = to.kind == Operand::Discard ? noSlot : output(to, Type::B32);
  Op &op = emit(warpHandler("elect", Type::None));
  op.dst = d;
  op.dst2 = p;
  op.src[3] = mask;
}

const std::map<std::string_view, Translator::Method> &Translator::methods() {
  using T = Translator;
  static const std::map<std::string_view, Method> table = {
      {"add", &T::arithmetic},
      {"sub", &T::arithmetic},
      {"mul", &T::arithmetic},
      {"mad", &T::arithmetic},
      {"fma", &T::arithmetic},
      {"rem", &T::arithmetic},
      {"abs", &T::arithmetic},
      {"neg", &T::arithmetic},
      {"mul24", &T::arithmetic},
      {"mad24", &T::arithmetic},
      {"div", &T::divide},
      {"min", &T::extremes},
      {"max", &T::extremes},
      {"addc", &T::carried},
      {"subc", &T::carried},
      {"madc", &T::carried},
      {"rcp", &T::approximate},
      {"sqrt", &T::approximate},
      {"rsqrt", &T::approximate},
      {"sin", &T::approximate},
      {"cos", &T::approximate},
      {"lg2", &T::approximate},
      {"ex2", &T::approximate},
      {"tanh", &T::approximate},
      {"copysign", &T::arithmetic},
      {"and", &T::logic},
      {"or", &T::logic},
      {"xor", &T::logic},
      {"not", &T::logic},
      {"cnot", &T::logic},
      {"shl", &T::shift},
      {"shr", &T::shift},
      {"shf", &T::shift},
      {"popc", &T::countBits},
      {"clz", &T::countBits},
      {"bfind", &T::countBits},
      {"brev", &T::countBits},
      {"bfe", &T::field},
      {"bfi", &T::field},
      {"bmsk", &T::mask},
      {"szext", &T::mask},
      {"prmt", &T::permute},
      {"lop3", &T::lop3},
      {"dp4a", &T::dot},
      {"dp2a", &T::dot},
      {"vabsdiff2", &T::vabsdiff},
      {"vabsdiff4", &T::vabsdiff},
      {"fns", &T::fns},
      {"sad", &T::sad},
      {"setp", &T::setp},
      {"set", &T::set},
      {"selp", &T::selp},
      {"slct", &T::slct},
      {"testp", &T::testp},
      {"cvt", &T::cvt},
      {"mov", &T::mov},
      {"cvta", &T::cvta},
      {"isspacep", &T::isspacep},
      {"mapa", &T::mapa},
      {"getctarank", &T::getctarank},
      {"ld", &T::ld},
      {"ldu", &T::ld},
      {"st", &T::st},
      {"atom", &T::atom},
      {"red", &T::atom},
      {"membar", &T::fence},
      {"fence", &T::fence},
      {"prefetch", &T::nothing},
      {"prefetchu", &T::nothing},
      {"discard", &T::nothing},
      {"applypriority", &T::nothing},
      {"pmevent", &T::nothing},
      {"griddepcontrol", &T::nothing},
      {"setmaxnreg", &T::nothing},
      {"createpolicy", &T::createPolicy},
      {"cp", &T::cpAsync},
      {"mbarrier", &T::mbarrier},
      {"bra", &T::bra},
      {"brx", &T::brx},
      {"call", &T::call},
      {"ret", &T::ret},
      {"exit", &T::exit},
      {"trap", &T::simple},
      {"brkpt", &T::simple},
      {"nanosleep", &T::simple},
      {"bar", &T::bar},
      {"barrier", &T::bar},
      {"shfl", &T::shfl},
      {"vote", &T::vote},
      {"match", &T::match},
      {"redux", &T::redux},
      {"activemask", &T::activemask},
      {"alloca", &T::stack},
      {"stacksave", &T::stack},
      {"stackrestore", &T::stack},
      {"elect", &T::elect},
      {"mma", &T::mma},
      {"wmma", &T::wmma},
      {"ldmatrix", &T::rowsOfMatrix},
      {"stmatrix", &T::rowsOfMatrix},
      {"movmatrix", &T::movmatrix},
  };
  return table;
}
