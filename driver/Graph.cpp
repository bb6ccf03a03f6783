// Writes a program's tasks, launches and awaits for Graphviz.
#include "driver/Graph.h"

#include "dialects/Awg/Futures.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/GraphWriter.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace awg;

namespace {
class GraphPrinter {
public:
  GraphPrinter(llvm::raw_ostream &out, ModuleOp module) : out(out), module(module) {}
  void print();

private:
  void printTask(ir::TaskOp task);
  void printOrder(ir::TaskOp task);
  void printFutures(Operation *wait);
  void printStart(Operation *start);
  std::string nodeOf(Operation *op) {
    return "n" + std::to_string(numbers.try_emplace(op, numbers.size()).first->second);
  }
  std::string quoted(const llvm::Twine &text) { return '"' + llvm::DOT::EscapeString(text.str()) + '"'; }

  llvm::raw_ostream &out;
  ModuleOp module;
  llvm::DenseMap<Operation *, size_t> numbers;
};
} // namespace

/// What a node says; empty for operations that are none. (Cancellations are left out: most belong to failures.)
static std::string nameOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case([](ir::AsyncOp) { return "async"; })
      .Case([](ir::RunOp) { return "await"; })
      .Case([](ir::LaunchOp) { return "launch"; })
      .Case([](ir::SendOp) { return "send"; })
      .Case([](ir::RaceOp) { return "race"; })
      .Case([](ir::AwaitAllOp) { return "await all"; })
      .Case([](ir::AwaitOp) { return "await"; })
      .Case([](ir::OperationOp op) { return op.getFunction().drop_front(StringRef("awgrt_").size()).str(); })
      .Default([](Operation *) { return ""; });
}

/// ` morning.awg:15`, or nothing.
static std::string placeOf(Operation *op) {
  auto place = op->getLoc()->findInstanceOf<FileLineColLoc>();
  return place ? "\n" + llvm::sys::path::filename(place.getFilename().getValue()).str() + ":" +
                     std::to_string(place.getLine())
               : "";
}

void GraphPrinter::printFutures(Operation *wait) {
  if (!isa<ir::AwaitOp, ir::RaceOp>(wait))
    return;
  for (Value future : wait->getOperands())
    for (Operation *source : ir::sourcesOf(future))
      if (!nameOf(source).empty())
        out << "  " << nodeOf(source) << " -> " << nodeOf(wait) << ";\n";
}

void GraphPrinter::printStart(Operation *start) {
  auto leadTo = [&](FlatSymbolRefAttr symbol) {
    if (Operation *callee = module.lookupSymbol(symbol.getAttr()))
      out << "  " << nodeOf(start) << " -> " << nodeOf(callee) << " [style=dotted];\n";
  };
  if (auto async = dyn_cast<ir::AsyncOp>(start))
    leadTo(async.getCalleeAttr());
  else if (auto run = dyn_cast<ir::RunOp>(start))
    leadTo(run.getCalleeAttr());
  else if (auto launch = dyn_cast<ir::LaunchOp>(start))
    leadTo(launch.getKernelAttr());
}

/// The nodes that control reaches first from the start of `block`.
static void firstNodes(Block *block, llvm::SmallPtrSetImpl<Block *> &seen, SmallVectorImpl<Operation *> &nodes) {
  SmallVector<Block *> ahead{block};
  while (!ahead.empty()) {
    Block *next = ahead.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    auto node = llvm::find_if(*next, [](Operation &op) { return !nameOf(&op).empty(); });
    if (node != next->end())
      nodes.push_back(&*node);
    else
      llvm::append_range(ahead, next->getSuccessors());
  }
}

void GraphPrinter::printOrder(ir::TaskOp task) {
  auto lead = [&](Operation *from, ArrayRef<Operation *> nodes) {
    for (Operation *to : nodes)
      out << "  " << nodeOf(from) << " -> " << nodeOf(to) << " [style=dashed];\n";
  };
  SmallVector<Operation *> first;
  llvm::SmallPtrSet<Block *, 8> fromStart;
  firstNodes(&task.getBody().front(), fromStart, first);
  lead(task, first);
  for (Block &block : task.getBody()) {
    Operation *before = nullptr;
    for (Operation &op : block) {
      if (nameOf(&op).empty())
        continue;
      if (before)
        lead(before, &op);
      before = &op;
    }
    if (!before)
      continue;
    SmallVector<Operation *> next;
    llvm::SmallPtrSet<Block *, 8> seen;
    for (Block *successor : block.getSuccessors())
      firstNodes(successor, seen, next);
    lead(before, next);
  }
}

void GraphPrinter::printTask(ir::TaskOp task) {
  std::string name = task.getSourceName().str();
  out << "  subgraph " << quoted("cluster_" + task.getSymName()) << " {\n    label=" << quoted(name) << ";\n    "
      << nodeOf(task) << " [label=" << quoted(name + placeOf(task)) << ", shape=ellipse];\n";
  task.walk([&](Operation *op) {
    if (std::string what = nameOf(op); !what.empty())
      out << "    " << nodeOf(op) << " [label=" << quoted(what + placeOf(op)) << "];\n";
  });
  out << "  }\n";
}

void GraphPrinter::print() {
  out << "digraph program {\n  node [shape=box];\n";
  for (auto kernel : module.getOps<ir::KernelOp>())
    out << "  " << nodeOf(kernel)
        << " [label=" << quoted("kernel, " + ir::stringifyShape(kernel.getShape()) + placeOf(kernel))
        << ", shape=box3d];\n";
  for (auto task : module.getOps<ir::TaskOp>())
    printTask(task);
  for (auto task : module.getOps<ir::TaskOp>()) {
    printOrder(task);
    task.walk([&](Operation *op) {
      printFutures(op);
      printStart(op);
    });
  }
  out << "}\n";
}

void awg::writeGraph(llvm::raw_ostream &out, ModuleOp module) { GraphPrinter(out, module).print(); }
