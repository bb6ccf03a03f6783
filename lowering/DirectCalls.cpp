// Turns `await f(x)` into a call where nobody can tell the difference.
//
// A task that never waits becomes a function as well, and running it a call of that function. A small task that may wait
// is put in place of its `awg.run`: it waits as a part of the task that runs it, without a frame of its own. Either way
// `awg.joined` stands where the run was: it sees a cancellation, and notes the place on a failure that comes through.
#include "lowering/Passes.h"

#include "dialects/Awg/Awg.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_DIRECTCALLS
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
/// Operations of a task that is put in place wherever it is run, and of one that is run in one place alone.
constexpr size_t smallTask = 48, onceTask = 400;
/// Operations to which tasks in place may grow a task: coroutines take time to compile.
constexpr size_t largeTask = 4000;

class DirectCallsPass : public lowering::impl::DirectCallsBase<DirectCallsPass> {
public:
  using DirectCallsBase::DirectCallsBase;
  void runOnOperation() override;

private:
  /// What is known of a task.
  struct Task {
    SmallVector<ir::TaskOp> runners; ///< as often as they run it
    size_t waits = 0;                ///< operations that may wait, and runs of tasks that may
    size_t size = 0;                 ///< operations
    size_t uses = 0;                 ///< runs and starts of it
    bool isOpen = false;             ///< it is being worked at
    bool isDone = false;
    bool runsItself = false;
  };

  ir::TaskOp calleeOf(ir::RunOp run) { return byName.lookup(run.getCallee()); }
  void survey(ir::TaskOp op);
  void makeDirect();
  func::FuncOp functionOf(ir::TaskOp task);
  void inlineInto(ir::TaskOp op);
  bool isInlined(const Task &runner, const Task &callee);
  void inlineRun(ir::RunOp run, ir::TaskOp callee);
  void eraseUnused();

  SmallVector<ir::TaskOp> all;
  llvm::StringMap<ir::TaskOp> byName;
  llvm::DenseMap<Operation *, Task> tasks; ///< has them all from the start
};
} // namespace

/// Notes what the task consists of.
void DirectCallsPass::survey(ir::TaskOp op) {
  Task &task = tasks[op];
  op.walk([&](Operation *inner) {
    ++task.size;
    if (auto run = dyn_cast<ir::RunOp>(inner)) {
      ++task.waits;
      Task &callee = tasks[calleeOf(run)];
      ++callee.uses;
      callee.runners.push_back(op);
      task.runsItself |= &callee == &task;
    } else if (isa<ir::AwaitOp, ir::AwaitAllOp, ir::RaceOp, ir::CancelOp>(inner) ||
               llvm::any_of(inner->getResultTypes(), llvm::IsaPred<ir::FutureType>)) {
      ++task.waits;
    }
    if (auto start = dyn_cast<ir::AsyncOp>(inner))
      ++tasks[byName.lookup(start.getCallee())].uses;
  });
}

//===-- Tasks that never wait ---------------------------------------------------------------------------------------===//

/// A function with the body of a task: gives its error and its values.
func::FuncOp DirectCallsPass::functionOf(ir::TaskOp task) {
  OpBuilder builder(task);
  SmallVector<Type> results{ir::ErrorType::get(&getContext())};
  llvm::append_range(results, task.getResultTypes());
  auto function = func::FuncOp::create(builder, task.getLoc(), (task.getSymName() + "$direct").str(),
                                       builder.getFunctionType(task.getArgumentTypes(), results));
  function.setPrivate();
  function->setAttr("awg.source_name", task.getSourceNameAttr());
  function->setAttr("awg.direct", builder.getUnitAttr());
  IRMapping mapping;
  task.getBody().cloneInto(&function.getBody(), mapping);
  function.walk([&](ir::TaskReturnOp op) {
    OpBuilder at(op);
    func::ReturnOp::create(at, op.getLoc(), op->getOperands());
    op.erase();
  });
  return function;
}

/// Starts with the tasks that run no other; what runs only such tasks is one itself. What runs itself never is.
void DirectCallsPass::makeDirect() {
  SmallVector<ir::TaskOp> direct;
  for (ir::TaskOp op : all)
    if (tasks[op].waits == 0)
      direct.push_back(op);
  for (size_t k = 0; k < direct.size(); ++k)
    for (ir::TaskOp runner : tasks[direct[k]].runners)
      if (--tasks[runner].waits == 0)
        direct.push_back(runner);

  llvm::StringMap<func::FuncOp> functions;
  for (ir::TaskOp task : direct)
    if (!tasks[task].runners.empty())
      functions[task.getSymName()] = functionOf(task);
  getOperation().walk([&](ir::RunOp run) {
    func::FuncOp function = functions.lookup(run.getCallee());
    if (!function)
      return;
    OpBuilder builder(run);
    auto call = func::CallOp::create(builder, run.getLoc(), function, run.getArgs());
    auto joined = ir::JoinedOp::create(builder, run.getLoc(), run.getError().getType(), call.getResult(0));
    joined->setAttr("awg.callee", function->getAttr("awg.source_name"));
    SmallVector<Value> results{joined};
    llvm::append_range(results, call.getResults().drop_front());
    run->replaceAllUsesWith(results);
    run.erase();
  });
}

//===-- Tasks in place ------------------------------------------------------------------------------------------------===//

bool DirectCallsPass::isInlined(const Task &runner, const Task &callee) {
  return !callee.isOpen && !callee.runsItself && runner.size + callee.size <= largeTask &&
         callee.size <= (callee.uses == 1 ? onceTask : smallTask);
}

/// A location in `function`, which was put in place of a call at `caller`.
static Location calledFrom(Location loc, StringAttr function, Location caller) {
  if (auto inner = dyn_cast<CallSiteLoc>(loc))
    return CallSiteLoc::get(inner.getCallee(), calledFrom(inner.getCaller(), function, caller));
  return CallSiteLoc::get(NameLoc::get(function, loc), caller);
}

void DirectCallsPass::inlineRun(ir::RunOp run, ir::TaskOp callee) {
  Location loc = run.getLoc();
  Block *before = run->getBlock();
  Block *after = before->splitBlock(run);
  SmallVector<Value> results;
  for (Type type : run->getResultTypes())
    results.push_back(after->addArgument(type, loc));
  OpBuilder builder(run);
  auto joined = ir::JoinedOp::create(builder, loc, results.front().getType(), results.front());
  joined->setAttr("awg.callee", callee.getSourceNameAttr());
  joined->setAttr("awg.in_place", builder.getUnitAttr());
  results.front() = joined;
  run->replaceAllUsesWith(results);

  IRMapping mapping;
  mapping.map(callee.getArguments(), run.getArgs());
  Region &region = *before->getParent();
  callee.getBody().cloneInto(&region, after->getIterator(), mapping);
  builder.setInsertionPointToEnd(before);
  cf::BranchOp::create(builder, loc, mapping.lookup(&callee.getBody().front()));
  for (Block &block : llvm::make_range(std::next(before->getIterator()), after->getIterator()))
    block.walk([&](Operation *op) {
      op->setLoc(calledFrom(op->getLoc(), callee.getSourceNameAttr(), loc));
      if (auto end = dyn_cast<ir::TaskReturnOp>(op)) {
        builder.setInsertionPoint(end);
        cf::BranchOp::create(builder, end.getLoc(), after, end->getOperands());
        end.erase();
      }
    });
  run.erase();
}

/// Puts in place what the task runs, after the same was done in those.
void DirectCallsPass::inlineInto(ir::TaskOp op) {
  Task &task = tasks[op];
  if (task.isDone)
    return;
  task.isDone = task.isOpen = true;
  SmallVector<ir::RunOp> runs;
  op.walk([&](ir::RunOp run) { runs.push_back(run); });
  for (ir::RunOp run : runs) {
    ir::TaskOp callee = calleeOf(run);
    inlineInto(callee);
    if (!isa<ir::TaskOp>(run->getParentOp()) || !isInlined(task, tasks[callee])) {
      bool isCycle = tasks[callee].isOpen || tasks[callee].runsItself;
      run->setAttr("awg.why", StringAttr::get(&getContext(), isCycle ? "it may run itself" : "it is too large to become a part of this task"));
      continue;
    }
    inlineRun(run, callee);
    task.size += tasks[callee].size;
  }
  op.walk([&](ir::RunOp run) { task.runsItself |= calleeOf(run) == op; });
  task.isOpen = false;
}

/// Erases tasks that nobody starts or runs any more.
void DirectCallsPass::eraseUnused() {
  llvm::StringSet<> used;
  getOperation().walk([&](Operation *op) {
    if (auto run = dyn_cast<ir::RunOp>(op))
      used.insert(run.getCallee());
    else if (auto start = dyn_cast<ir::AsyncOp>(op))
      used.insert(start.getCallee());
  });
  for (ir::TaskOp task : all)
    if (tasks[task].uses > 0 && !used.contains(task.getSymName()) && task.isPrivate() && !task->hasAttr("awg.foreign"))
      task.erase();
}

void DirectCallsPass::runOnOperation() {
  byName.clear();
  tasks.clear();
  all.assign(getOperation().getOps<ir::TaskOp>().begin(), getOperation().getOps<ir::TaskOp>().end());
  for (ir::TaskOp task : all) {
    byName[task.getSymName()] = task;
    tasks[task] = Task();
  }
  for (ir::TaskOp task : all)
    survey(task);
  makeDirect();
  if (inlines)
    for (ir::TaskOp task : all)
      inlineInto(task);
  eraseUnused();
}
