// Reductions of a block kernel's group: rows of 128 values, a lane each, are joined to those before; then the lanes halve.
//
// That is the language's fixed tree for up to 4096 values; of more, each 4096 are reduced so and their results by the tree's
// own functions (Tree.cpp). A row is a phase, so that the lowest failing index is the first. An absent lane holds the
// operation's neutral element, which changes no bit. Values that use `local` storage lie with their threads: a phase puts them
// into shared storage first.
#include "frontend/IRGen/Generator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;
using arith::CmpIPredicate;

static constexpr int64_t treeLanes = 128, blockLength = 4096;
/// Fewer values than this are not worth the phases.
static constexpr int64_t fewest = 33;

/// The type of what an index gives to a reduction.
static const Type *valueType(const EachExpr *each) {
  bool isPlace = each->op == EachOp::ArgMin || each->op == EachOp::ArgMax;
  return isPlace ? each->body->type : each->type;
}

/// The `local` storage that a reduction uses, or null.
static const VarDecl *threadsOf(const EachExpr *each) {
  for (const Capture &capture : each->captures)
    if (capture.var->role == VarDecl::PerThread)
      return capture.var;
  return nullptr;
}

RValue Generator::groupReduce(const EachExpr *each) {
  llvm::SaveAndRestore phase(fn->phase, each);
  if (const VarDecl *storage = threadsOf(each))
    gather(each, llvm::product_of(storage->threads));
  bool isPlace = each->op == EachOp::ArgMin || each->op == EachOp::ArgMax;
  std::optional<int64_t> count = constantExtent(each->extents.front());
  bool isByLanes = !isPlace && each->op != EachOp::Reduce && !each->type->isVec() && each->indices.size() == 1 && !(count && *count < fewest);
  RValue result = isByLanes ? reduceByLanes(each, count) : emitSequential(each);
  gathered.erase(each);
  return result;
}

/// Leaves the values of all indices in shared storage, where `eachValue` finds them.
void Generator::gather(const EachExpr *each, int64_t count) {
  Leaves storages;
  for (mlir::Type type : leavesOf(valueType(each)))
    storages.push_back(newStorage(count, type));
  runPhase(each, emitExtents(each), storages, [&](mlir::ValueRange indices, mlir::ValueRange own) {
    bindIndices(each, indices);
    Leaves values = emitAs(each->body, valueType(each)).leaves;
    Value position = phasePosition(threadsOf(each));
    for (auto [storage, value] : llvm::zip(own, values))
      storeElement(value, elementAt(storage, position));
  });
  gathered[each] = storages;
}

RValue Generator::eachValue(const EachExpr *each) {
  auto found = gathered.find(each);
  if (found == gathered.end())
    return emitAs(each->body, valueType(each));
  Value position = phasePosition(threadsOf(each));
  Leaves values;
  for (Value storage : found->second)
    values.push_back(loadElement(elementAt(storage, position)));
  return RValue(values);
}

RValue Generator::reduceByLanes(const EachExpr *each, std::optional<int64_t> known) {
  mlir::Type type = scalarType(each->type);
  Value count = emitExtents(each).front(), zero = i64(0);
  bool isMinMax = each->op == EachOp::Min || each->op == EachOp::Max;
  if (isMinMax)
    require(compare(CmpIPredicate::sgt, count, zero), "empty reduction", {}, {});
  bool isTree = each->type->isFloat() && !isMinMax;
  if (!isTree || (known && *known <= blockLength)) {
    Value value = reduceRows(each, zero, count);
    if (!isTree || known)
      return value;
  }
  bool isSum = each->op == EachOp::Sum;
  std::string name = (isSum ? "sum_" : "product_") + each->type->str();
  declareTree(name, isSum, type);
  Value lanes = newBuffer({3, treeLanes}, type), counts = newBuffer(3, builder.getI64Type());
  for (int64_t level = 0; level < 3; ++level)
    storeElement(zero, elementAt(counts, i64(level)));
  Value blocks = divideUp(count, blockLength);
  countedLoop(zero, blocks, true, [&](Value block) {
    Value first = make<arith::MulIOp>(block, i64(blockLength));
    Value rest = make<arith::MinSIOp>(make<arith::SubIOp>(count, first), i64(blockLength));
    Value value = reduceRows(each, first, rest);
    make<mlir::func::CallOp>("awg$push_" + name, mlir::TypeRange(), mlir::ValueRange{lanes, counts, value});
  });
  Value empty = floatConstant(type, isSum ? 0.0 : 1.0);
  return Value(make<mlir::func::CallOp>("awg$finish_" + name, type, mlir::ValueRange{lanes, counts, empty}).getResult(0));
}

/// `count / length` up, for a power of two; 0 for a negative count.
Value Generator::divideUp(Value count, int64_t length) {
  Value raised = make<arith::AddIOp>(count, i64(length - 1));
  return make<arith::ShRSIOp>(raised, i64(llvm::Log2_64(length)));
}

/// The values from `first` on, by rows of lanes.
Value Generator::reduceRows(const EachExpr *each, Value first, Value count) {
  mlir::Type type = scalarType(each->type);
  Value &scratch = fn->laneScratch[type];
  if (!scratch)
    scratch = newStorage(treeLanes, type);
  Value lanes = scratch;
  runPhase(nullptr, i64(treeLanes), lanes, [&](mlir::ValueRange lane, mlir::ValueRange own) {
    storeElement(neutralValue(each), elementAt(own.front(), lane.front()));
  });
  Value rows = divideUp(count, treeLanes);
  countedLoop(i64(0), rows, true, [&](Value row) {
    Value passed = make<arith::MulIOp>(row, i64(treeLanes));
    Value width = make<arith::MinSIOp>(make<arith::SubIOp>(count, passed), i64(treeLanes));
    Leaves own{make<arith::AddIOp>(first, passed), lanes};
    if (auto found = gathered.find(each); found != gathered.end())
      llvm::append_range(own, found->second);
    runPhase(each, width, own, [&](mlir::ValueRange lane, mlir::ValueRange inside) {
      bindIndices(each, Value(make<arith::AddIOp>(inside[0], lane.front())));
      if (inside.size() > 2)
        gathered[each] = Leaves(inside.drop_front(2));
      Value value = eachValue(each).one();
      ElementRef place = elementAt(inside[1], lane.front());
      storeElement(folded(each, loadElement(place), value), place);
    });
    if (own.size() > 2)
      gathered[each] = Leaves(ArrayRef<Value>(own).drop_front(2));
  });
  for (int64_t width = treeLanes / 2; width > 0; width /= 2)
    runPhase(nullptr, i64(width), lanes, [&](mlir::ValueRange lane, mlir::ValueRange own) {
      ElementRef place = elementAt(own.front(), lane.front());
      Value other = make<arith::AddIOp>(lane.front(), i64(width));
      Value right = loadElement(elementAt(own.front(), other));
      storeElement(folded(each, loadElement(place), right), place);
    });
  return loadElement(elementAt(lanes, i64(0)));
}
