// What `awgc --explain-awaits` says: by what mechanism each await is done, and why, from the code that is made of it.
#include "lowering/Passes.h"

#include "dialects/Awg/Futures.h"
#include "awg/awgrt.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <map>

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_EXPLAINAWAITS
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
class ExplainAwaitsPass : public lowering::impl::ExplainAwaitsBase<ExplainAwaitsPass> {
public:
  using ExplainAwaitsBase::ExplainAwaitsBase;
  void runOnOperation() override;

private:
  void add(Operation *op, const Twine &text);
  void explain(Operation *op);
  void explainAwait(ir::AwaitOp op);
  void explainRun(ir::RunOp op);

  using Place = std::tuple<std::string, unsigned, unsigned>;
  std::map<Place, std::vector<std::string>> lines; ///< in the order of the source
};
} // namespace

/// Whether a race, or a wait for all, has seen to it that the future has ended.
static bool hasEnded(Value future) {
  if (auto load = future.getDefiningOp<memref::LoadOp>(); load && load.getMemRef().getDefiningOp<ir::ArrayDataOp>())
    return true;
  return llvm::any_of(future.getUsers(), llvm::IsaPred<ir::RaceOp>);
}

/// The name in the source of the task `symbol`.
static std::string nameOf(Operation *from, FlatSymbolRefAttr symbol) {
  auto task = SymbolTable::lookupNearestSymbolFrom<ir::TaskOp>(from, symbol);
  if (!task || task->hasAttr("awg.outlined"))
    return "the block";
  return "`" + task.getSourceName().str() + "`";
}

//===-- What is awaited ---------------------------------------------------------------------------------------------===//

/// Of a launch: how it is awaited on the host, and on a GPU. Where it runs is seldom known before it does.
static std::string explainLaunch(ir::OperationOp launch) {
  auto facts = launch->getAttrOfType<DictionaryAttr>("awg.launch");
  int64_t checks = cast<IntegerAttr>(facts.get("checks")).getInt();
  StringRef shape = cast<StringAttr>(facts.get("shape")).getValue();
  std::string onHost = "in place, with help of other workers if it takes long";
  std::string onGpu = "same stream: what uses its arrays follows it, across streams by an event; it is not waited for";
  if (shape != "each" && shape != "scan")
    onGpu = "callback: its value comes to the host";
  else if (checks > 0)
    onGpu = "callback: " + std::to_string(checks) + (checks == 1 ? " check" : " checks") + " may fail";
  else if (shape == "each")
    onGpu += "; graph, once it repeats with the same arguments";
  llvm::APInt device;
  bool isKnown = matchPattern(launch.getArgs()[1], m_ConstantInt(&device));
  if (isKnown && device.getSExtValue() == AWGRT_CPU)
    return "launch on the cpu: " + onHost;
  if (isKnown && device.getSExtValue() != AWGRT_ANY_DEVICE)
    return "launch on a gpu: " + onGpu;
  return "launch: the device is chosen as it starts (AWG_AUDIT=FILE says which and why)\n  on the cpu: " + onHost +
         "\n  on a gpu: " + onGpu;
}

static std::string explainOperation(ir::OperationOp op) {
  if (op.getFunction() == "awgrt_launch")
    return explainLaunch(op);
  StringRef name = op.getFunction().drop_front(StringRef("awgrt_").size());
  if (name == "sleep")
    return "timer: a task of the timers' thread ends it";
  if (name.starts_with("chan_"))
    return "channel: the sender hands its value over and resumes this task";
  return "file: the files' thread carries `" + name.str() + "` out and resumes this task";
}

static std::string explainSource(Operation *source) {
  return llvm::TypeSwitch<Operation *, std::string>(source)
      .Case([](ir::AsyncOp op) {
        return "task queue: " + nameOf(op, op.getCalleeAttr()) + " is a task of its own, and runs here if no worker has taken it";
      })
      .Case([](ir::OperationOp op) { return explainOperation(op); })
      .Case([](ir::SendOp) { return "channel: waits only while there is no room, until a receiver makes some"; })
      .Default([](Operation *) { return "task queue"; });
}

/// What may have started that which `future` stands for. What else is in its variable at first is nobody's.
static SmallVector<Operation *> startsOf(Value future) {
  SmallVector<Operation *> starts = ir::sourcesOf(future);
  if (future.getDefiningOp<memref::LoadOp>())
    llvm::erase_if(starts, [](Operation *source) { return !isa<ir::AsyncOp, ir::OperationOp, ir::SendOp>(source); });
  return starts;
}

/// `await sleep(d)`, in which nothing but the task itself sleeps.
static bool isOwnSleep(ir::AwaitOp op) {
  auto sleep = op->getOperand(0).getDefiningOp<ir::OperationOp>();
  return sleep && sleep.getFunction() == "awgrt_sleep" && sleep->hasOneUse() && sleep->getNextNode() == op;
}

//===-- The awaits --------------------------------------------------------------------------------------------------===//

void ExplainAwaitsPass::add(Operation *op, const Twine &text) {
  auto place = op->getLoc()->findInstanceOf<FileLineColLoc>();
  if (!place)
    return;
  auto &known = lines[{place.getFilename().str(), place.getLine(), place.getColumn()}];
  if (!llvm::is_contained(known, text.str()))
    known.push_back(text.str());
}

void ExplainAwaitsPass::explainAwait(ir::AwaitOp op) {
  size_t count = op->getNumOperands();
  if (count > 1)
    add(op, "join: the last of " + Twine(count) + " to end resumes this task; the first that fails cancels the others");
  for (Value future : op->getOperands()) {
    if (hasEnded(future))
      continue;
    if (count == 1 && isOwnSleep(op)) {
      add(op, "timer: this task itself sleeps");
      continue;
    }
    for (Operation *source : startsOf(future))
      add(op, (count > 1 ? "of them " : "") + explainSource(source));
  }
}

void ExplainAwaitsPass::explainRun(ir::RunOp op) {
  std::string name = nameOf(op, op.getCalleeAttr());
  auto why = op->getAttrOfType<StringAttr>("awg.why");
  add(op, "run here: " + name + " starts as a call, and waits in a frame of its own" +
              (why ? ", since " + why.getValue().str() : std::string()));
}

void ExplainAwaitsPass::explain(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ir::JoinedOp op) {
        std::string name = "`" + op->getAttrOfType<StringAttr>("awg.callee").getValue().str() + "`";
        add(op, op->hasAttr("awg.in_place") ? "in place: " + name + " is small, and becomes a part of this task"
                                            : "direct call: " + name + " never waits");
      })
      .Case([&](ir::RunOp op) { explainRun(op); })
      .Case([&](ir::AwaitOp op) { explainAwait(op); })
      .Case([&](ir::AwaitAllOp op) {
        add(op, "join: the last of the array's tasks to end resumes this task; the first that fails cancels the others");
      })
      .Case([&](ir::RaceOp op) {
        add(op, "race: the first of " + Twine(op->getNumOperands()) + " to end cancels the others, whose end resumes this task");
        for (Value future : op->getOperands())
          for (Operation *source : startsOf(future))
            add(op, "of them " + explainSource(source));
      });
}

void ExplainAwaitsPass::runOnOperation() {
  lines.clear();
  getOperation().walk([&](Operation *op) { explain(op); });
  std::string text;
  for (auto &[place, texts] : lines)
    for (const std::string &line : texts)
      text += std::get<0>(place) + ":" + std::to_string(std::get<1>(place)) + ":" + std::to_string(std::get<2>(place)) + ": " +
              line + "\n";
  getOperation()->setAttr("awg.explanation", StringAttr::get(&getContext(), text));
}
