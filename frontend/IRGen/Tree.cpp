// Sums and products of floats inside an index, by the fixed tree: element i goes to lane i mod 128 of block i div 4096,
// a lane adds in rising order, lanes halve, and the blocks' results are treated the same way.
#include "frontend/IRGen/Generator.h"

#include "mlir/Parser/Parser.h"

using namespace awg;

/// Three levels: up to 4096^3 elements. `lanes` and `counts` are the caller's buffers, a row a level. In the text TYPE
/// is the element type, OP the operation and NAME tells the functions of one from another's.
static constexpr StringRef treeFunctions = R"mlir(
// Joins the `present` lanes of a level: l with l + 64, then 32, ...
func.func private @awg$fold_NAME(%lanes: memref<3x128xTYPE>, %level: index, %present: i64) -> TYPE {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %first = arith.constant 0 : index
  cf.br ^halve(%c64 : i64)
^halve(%width: i64):
  %more = arith.cmpi sgt, %width, %c0 : i64
  cf.cond_br %more, ^pair(%c0 : i64), ^done
^pair(%l: i64):
  %other = arith.addi %l, %width : i64
  %isLane = arith.cmpi slt, %l, %width : i64
  %isPresent = arith.cmpi slt, %other, %present : i64
  %go = arith.andi %isLane, %isPresent : i1
  cf.cond_br %go, ^join, ^next
^join:
  %i = arith.index_cast %l : i64 to index
  %j = arith.index_cast %other : i64 to index
  %a = memref.load %lanes[%level, %i] : memref<3x128xTYPE>
  %b = memref.load %lanes[%level, %j] : memref<3x128xTYPE>
  %ab = OP %a, %b : TYPE
  memref.store %ab, %lanes[%level, %i] : memref<3x128xTYPE>
  %l1 = arith.addi %l, %c1 : i64
  cf.br ^pair(%l1 : i64)
^next:
  %half = arith.shrui %width, %c1 : i64
  cf.br ^halve(%half : i64)
^done:
  %result = memref.load %lanes[%level, %first] : memref<3x128xTYPE>
  return %result : TYPE
}

// Puts a value into its lane of a level; gives how many the level holds then.
func.func private @awg$put_NAME(%lanes: memref<3x128xTYPE>, %counts: memref<3xi64>, %level: index, %value: TYPE) -> i64 {
  %c1 = arith.constant 1 : i64
  %c127 = arith.constant 127 : i64
  %c128 = arith.constant 128 : i64
  %count = memref.load %counts[%level] : memref<3xi64>
  %position = arith.andi %count, %c127 : i64
  %lane = arith.index_cast %position : i64 to index
  %old = memref.load %lanes[%level, %lane] : memref<3x128xTYPE>
  %both = OP %old, %value : TYPE
  %isFirst = arith.cmpi ult, %count, %c128 : i64
  %new = arith.select %isFirst, %value, %both : TYPE
  memref.store %new, %lanes[%level, %lane] : memref<3x128xTYPE>
  %after = arith.addi %count, %c1 : i64
  memref.store %after, %counts[%level] : memref<3xi64>
  return %after : i64
}

// Adds an element; a full block's result goes up a level.
func.func private @awg$push_NAME(%lanes: memref<3x128xTYPE>, %counts: memref<3xi64>, %value: TYPE) {
  %c0 = arith.constant 0 : i64
  %c128 = arith.constant 128 : i64
  %c4096 = arith.constant 4096 : i64
  %lowest = arith.constant 0 : index
  %up = arith.constant 1 : index
  cf.br ^level(%lowest, %value : index, TYPE)
^level(%level: index, %v: TYPE):
  %count = func.call @awg$put_NAME(%lanes, %counts, %level, %v) : (memref<3x128xTYPE>, memref<3xi64>, index, TYPE) -> i64
  %isFull = arith.cmpi eq, %count, %c4096 : i64
  cf.cond_br %isFull, ^full, ^done
^full:
  memref.store %c0, %counts[%level] : memref<3xi64>
  %block = func.call @awg$fold_NAME(%lanes, %level, %c128) : (memref<3x128xTYPE>, index, i64) -> TYPE
  %above = arith.addi %level, %up : index
  cf.br ^level(%above, %block : index, TYPE)
^done:
  return
}

// The result: what is left of each level goes up. `empty` if there was no element.
func.func private @awg$finish_NAME(%lanes: memref<3x128xTYPE>, %counts: memref<3xi64>, %empty: TYPE) -> TYPE {
  %c0 = arith.constant 0 : i64
  %c128 = arith.constant 128 : i64
  %no = arith.constant false
  %yes = arith.constant true
  %lowest = arith.constant 0 : index
  %up = arith.constant 1 : index
  %end = arith.constant 3 : index
  cf.br ^level(%lowest, %no, %empty : index, i1, TYPE)
^level(%level: index, %has: i1, %value: TYPE):
  %isLevel = arith.cmpi ult, %level, %end : index
  cf.cond_br %isLevel, ^enter, ^done
^enter:
  cf.cond_br %has, ^put, ^look
^put:
  %unused = func.call @awg$put_NAME(%lanes, %counts, %level, %value) : (memref<3x128xTYPE>, memref<3xi64>, index, TYPE) -> i64
  cf.br ^look
^look:
  %count = memref.load %counts[%level] : memref<3xi64>
  %above = arith.addi %level, %up : index
  %isEmpty = arith.cmpi eq, %count, %c0 : i64
  cf.cond_br %isEmpty, ^level(%above, %no, %value : index, i1, TYPE), ^fold
^fold:
  %present = arith.minsi %count, %c128 : i64
  %block = func.call @awg$fold_NAME(%lanes, %level, %present) : (memref<3x128xTYPE>, index, i64) -> TYPE
  cf.br ^level(%above, %yes, %block : index, i1, TYPE)
^done:
  return %value : TYPE
}
)mlir";

static std::string replaceAll(std::string text, StringRef from, StringRef to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

void Generator::declareTree(StringRef name, bool isSum, mlir::Type type) {
  if (!emitted.insert(("awg$push_" + name).str()).second)
    return;
  std::string typeName;
  llvm::raw_string_ostream(typeName) << type;
  std::string text = replaceAll(treeFunctions.str(), "NAME", name);
  text = replaceAll(replaceAll(text, "TYPE", typeName), "OP", isSum ? "arith.addf" : "arith.mulf");
  auto parsed = mlir::parseSourceString<mlir::ModuleOp>(text, mlir::ParserConfig(&context), "fixed tree");
  auto &operations = parsed->getBody()->getOperations();
  module.getBody()->getOperations().splice(module.getBody()->begin(), operations);
}

/// Few elements, a lane each: the lanes halve at once.
Value Generator::foldLanes(Value lanes, int64_t count, bool isSum) {
  llvm::SmallVector<Value> values;
  for (int64_t lane = 0; lane < count; ++lane) {
    Value subscript = make<arith::ConstantIndexOp>(lane);
    values.push_back(make<memref::LoadOp>(lanes, subscript));
  }
  for (int64_t width = 64; width > 0; width /= 2)
    for (int64_t lane = 0; lane < width && lane + width < int64_t(values.size()); ++lane)
      values[lane] = floatArithmetic(isSum ? BinaryOp::Add : BinaryOp::Mul, values[lane], values[lane + width]);
  return values.front();
}

RValue Generator::sequentialFloatSum(const EachExpr *each) {
  bool isSum = each->op == EachOp::Sum;
  mlir::Type type = scalarType(each->type);
  int64_t count = 1;
  for (const Expr *extent : each->extents) {
    std::optional<int64_t> known = constantExtent(extent);
    count = known && *known <= 128 ? count * *known : INT32_MAX;
    count = std::min<int64_t>(count, INT32_MAX);
  }
  llvm::SmallVector<Value> extents = emitExtents(each);
  Value empty = floatConstant(type, isSum ? 0.0 : 1.0);
  if (count <= 0)
    return empty;
  if (count <= 128) {
    Value lanes = newBuffer(count, type), position = newSlot(builder.getI64Type());
    store(i64(0), position);
    overIndices(each, extents, 0, [&] {
      Value value = eachValue(each).one();
      storeElement(value, elementAt(lanes, addToSlot(position, 1)));
    });
    return foldLanes(lanes, count, isSum);
  }

  if (Value sum = sumByLanes(each, extents, empty))
    return sum;
  std::string name = (isSum ? "sum_" : "product_") + each->type->str();
  declareTree(name, isSum, type);
  Value lanes = newBuffer({3, 128}, type), counts = newBuffer(3, builder.getI64Type());
  for (int64_t level = 0; level < 3; ++level)
    storeElement(i64(0), elementAt(counts, i64(level)));
  overIndices(each, extents, 0, [&] {
    Value value = eachValue(each).one();
    make<mlir::func::CallOp>("awg$push_" + name, mlir::TypeRange(), mlir::ValueRange{lanes, counts, value});
  });
  return Value(make<mlir::func::CallOp>("awg$finish_" + name, type, mlir::ValueRange{lanes, counts, empty}).getResult(0));
}

/// Sums and products of vecs of floats: a tree for each lane.
RValue Generator::sequentialLaneSums(const EachExpr *each) {
  bool isSum = each->op == EachOp::Sum;
  const Type *lane = each->type->lane();
  mlir::Type type = scalarType(lane);
  std::string name = (isSum ? "sum_" : "product_") + lane->str();
  declareTree(name, isSum, type);
  llvm::SmallVector<Value> extents = emitExtents(each);
  Leaves lanes, counts, result;
  for (unsigned k = 0; k < each->type->lanes(); ++k) {
    lanes.push_back(newBuffer({3, 128}, type));
    counts.push_back(newBuffer(3, builder.getI64Type()));
    for (int64_t level = 0; level < 3; ++level)
      storeElement(i64(0), elementAt(counts.back(), i64(level)));
  }
  overIndices(each, extents, 0, [&] {
    for (auto [buffer, count, value] : llvm::zip(lanes, counts, eachValue(each).leaves))
      make<mlir::func::CallOp>("awg$push_" + name, mlir::TypeRange(), mlir::ValueRange{buffer, count, value});
  });
  Value empty = floatConstant(type, isSum ? 0.0 : 1.0);
  for (auto [buffer, count] : llvm::zip(lanes, counts))
    result.push_back(make<mlir::func::CallOp>("awg$finish_" + name, type, mlir::ValueRange{buffer, count, empty}).getResult(0));
  return RValue(result);
}
