// What `awgc --explain-kernels` says of a kernel's host code, from the same facts that the code is made from.
#include "lowering/KernelHostBuilder.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <map>

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace {
/// Lines of a report, in the order of the source.
class Report {
public:
  void add(Location loc, const Twine &text) {
    if (auto place = loc->findInstanceOf<FileLineColLoc>()) {
      auto &known = lines[{place.getFilename().str(), place.getLine(), place.getColumn()}];
      if (!llvm::is_contained(known, text.str()))
        known.push_back(text.str());
    }
  }
  void print(raw_ostream &out) const {
    for (auto &[place, texts] : lines)
      for (const std::string &text : texts)
        out << "  " << std::get<0>(place) << ':' << std::get<1>(place) << ':' << std::get<2>(place) << ": " << text << '\n';
  }

private:
  std::map<std::tuple<std::string, unsigned, unsigned>, std::vector<std::string>> lines;
};
} // namespace

/// By how much a value grows from lane to lane, if evenly and that is known.
std::optional<int64_t> HostBuilder::laneStep(Value value) {
  if (!checked.varying.contains(value))
    return 0;
  if (value == checked.function.getArgument(index.rank() - 1))
    return 1;
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (isa<arith::IndexCastOp>(op))
    return laneStep(op->getOperand(0));
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op))
    return std::nullopt;
  std::optional<int64_t> left = laneStep(op->getOperand(0)), right = laneStep(op->getOperand(1));
  if (!left || !right)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return *left + *right;
  if (isa<arith::SubIOp>(op))
    return *left - *right;
  llvm::APInt factor;
  if (*left == 0 && matchPattern(op->getOperand(0), m_ConstantInt(&factor)))
    return *right * factor.getSExtValue();
  if (*right == 0 && matchPattern(op->getOperand(1), m_ConstantInt(&factor)))
    return *left * factor.getSExtValue();
  return std::nullopt;
}

/// How the lanes of a vector reach their elements.
std::string HostBuilder::describeAccess(ValueRange subscripts) {
  if (width == 1)
    return "one element";
  bool isVarying = false, isEven = true;
  for (Value subscript : subscripts) {
    isVarying |= checked.varying.contains(subscript);
    isEven &= laneStep(subscript).has_value();
  }
  if (!isVarying)
    return "uniform: one element for all lanes";
  if (!isEven)
    return "gathered: each lane has a place of its own";
  bool isLast = llvm::all_of(subscripts.drop_back(), [&](Value value) { return laneStep(value) == 0; });
  int64_t step = *laneStep(subscripts.back());
  if (!isLast)
    return "strided: lanes lie in different rows";
  if (std::abs(step) == 1)
    return step == 1 ? "contiguous" : "contiguous, in falling order";
  return "strided: every " + std::to_string(std::abs(step)) + " elements";
}

/// Of stores of which goesPastCaches.
static std::string pastCaches() {
  return "; past the caches where a launch writes " + std::to_string(AWGRT_LARGE_OUTPUT >> 20) + " MiB or more";
}

/// Of accesses of which isFetchedAhead.
static std::string fetchedAhead() {
  return "; fetched ahead where a launch goes through " + std::to_string(largeTraffic >> 20) + " MiB or more";
}

/// A check in the body; how often it is made.
std::string HostBuilder::describeCheck(ir::RecordOp record) {
  StringRef format = record.getFormat();
  auto branch = record->getParentOfType<scf::IfOp>();
  Operation *comparison = branch ? branch.getCondition().getDefiningOp() : nullptr;
  if (auto inverse = dyn_cast_if_present<arith::XOrIOp>(comparison))
    comparison = inverse.getLhs().getDefiningOp();
  bool isOnce = comparison && checks.holds(comparison);
  if (!format.starts_with("index"))
    return ((isOnce ? "checked once for a row of indices: " : "checked for each index: ") + format).str();
  if (isOnce)
    return "bounds check, made once for a row of indices";
  return "bounds check for each index: its subscript does not grow evenly with the innermost index, or is computed in a loop "
         "or branch";
}

void HostBuilder::explain(raw_ostream &out) {
  auto place = loc->findInstanceOf<FileLineColLoc>();
  if (place)
    out << place.getFilename().str() << ':' << place.getLine() << ':' << place.getColumn() << ": ";
  StringRef name = index.kernel.getSymName();
  if (auto source = index.kernel->getAttrOfType<StringAttr>("awg.source_name"))
    name = source;
  out << (index.isPhase() ? "phase" : (index.kernel.getBlock() ? "blocks of " : "kernel ") + name.str()) << ": ";
  if (index.kernel.getBlock()) {
    out << "one block after the other, its statements once each\n";
    return;
  }
  if (width == 1)
    out << "one index at a time: " << scalarReason << '\n';
  else
    out << width << " lanes (" << target.vectorBits << "-bit vectors)\n";
  if (tile.rows > 1 && tile.replayed.empty())
    out << "  tiles of " << tile.rows << " rows by " << tile.columns << " vectors\n";
  else if (tile.rows > 1)
    out << "  tiles of " << tile.rows << " rows by " << tile.columns << " vectors; " << tile.replayed.size()
        << " reads that rows share are prepared once\n";
  else if (tile.columns > 1)
    out << "  tiles of " << tile.columns << " vectors\n";
  if (index.kernel.getShape() == ir::Shape::Each && findCounted())
    out << "  atomic updates are counted by each worker for itself where the array is small\n";

  Report report;
  checked.function.walk([&](Operation *op) {
    auto isArray = [](Value value) { return !value.getDefiningOp<memref::AllocaOp>(); };
    if (auto load = dyn_cast<memref::LoadOp>(op); load && isArray(load.getMemRef()))
      report.add(op->getLoc(), "read, " + describeAccess(load.getIndices()) + (isFetchedAhead(op) ? fetchedAhead() : ""));
    else if (auto store = dyn_cast<memref::StoreOp>(op); store && isArray(store.getMemRef()))
      report.add(op->getLoc(), "write, " + describeAccess(store.getIndices()) +
                                   (goesPastCaches(store) ? pastCaches() : isFetchedAhead(op) ? fetchedAhead() : ""));
    else if (auto atomic = dyn_cast<memref::AtomicRMWOp>(op))
      report.add(op->getLoc(), "atomic update, lane by lane");
    else if (auto record = dyn_cast<ir::RecordOp>(op))
      report.add(op->getLoc(), describeCheck(record));
    else if (auto border = dyn_cast<arith::CmpIOp>(op);
             border && border.getPredicate() != arith::CmpIPredicate::ult && border.getPredicate() != arith::CmpIPredicate::uge &&
             checks.holds(op) && unchecked.function != checked.function)
      report.add(op->getLoc(), "condition, decided once for most of a row of indices");
    else if (auto loop = dyn_cast<scf::WhileOp>(op); loop && width > 1)
      report.add(op->getLoc(), checked.varying.contains(loop.getConditionOp().getCondition())
                                   ? "loop that lanes leave one by one: it runs as long as the last of them"
                                   : "loop that all lanes go round together");
  });
  report.print(out);
}
