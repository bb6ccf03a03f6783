// Locations, blocks, constants, slots, elements, calls of the runtime.
#include "frontend/IRGen/Emitter.h"

using namespace awg;

Emitter::Emitter(mlir::MLIRContext &context, const llvm::SourceMgr &sources, const IRGenOptions &options,
                 llvm::SmallPtrSetImpl<const FnDecl *> &failing)
    : context(context), options(options), failing(failing), locator(sources), builder(&context), loc(builder.getUnknownLoc()),
      module(mlir::ModuleOp::create(loc)), errorType(ir::ErrorType::get(&context)), strType(ir::StrType::get(&context)),
      chanType(ir::ChanType::get(&context)) {}

//===-- Locations --------------------------------------------------------------------------------------------------===//

Location Emitter::location(SMLoc at) {
  if (!at.isValid())
    return loc;
  auto found = locations.find(at.getPointer());
  if (found != locations.end())
    return found->second;
  awg::Place place = locator.locate(at);
  Location result = mlir::FileLineColLoc::get(&context, place.file, place.line, place.column);
  locations.insert({at.getPointer(), result});
  return result;
}

//===-- Blocks ------------------------------------------------------------------------------------------------------===//

/// Any order and approximations; NaNs and infinities stay what they are, so that nothing becomes undefined.
void Emitter::setFast(mlir::Operation *op) {
  using Flags = arith::FastMathFlags;
  constexpr Flags flags = Flags::reassoc | Flags::nsz | Flags::arcp | Flags::contract | Flags::afn;
  if (auto fast = llvm::dyn_cast<arith::ArithFastMathInterface>(op))
    op->setAttr(fast.getFastMathAttrName(), arith::FastMathFlagsAttr::get(&context, flags));
}

Block *Emitter::newBlock(mlir::TypeRange arguments) {
  auto *block = new Block;
  fn->body->push_back(block);
  for (mlir::Type type : arguments)
    block->addArgument(type, loc);
  return block;
}

void Emitter::branch(Block *to, mlir::ValueRange arguments) { make<cf::BranchOp>(to, arguments); }

void Emitter::branchIf(Value condition, Block *yes, Block *no) {
  make<cf::CondBranchOp>(condition, yes, mlir::ValueRange(), no, mlir::ValueRange());
}

void Emitter::countedLoop(Value begin, Value end, bool isSigned, BodyFn body) {
  Block *header = newBlock(begin.getType()), *inside = newBlock(), *latch = newBlock(), *exit = newBlock();
  branch(header, begin);
  moveTo(header);
  Value position = header->getArgument(0);
  branchIf(compare(isSigned ? arith::CmpIPredicate::slt : arith::CmpIPredicate::ult, position, end), inside, exit);

  moveTo(inside);
  size_t depth = mark();
  fn->loops.push_back({depth, exit, latch});
  body(position);
  leaveScope(depth);
  fn->loops.pop_back();
  branch(latch);

  moveTo(latch);
  Value next = make<arith::AddIOp>(position, constant(position.getType(), 1));
  branch(header, next);
  moveTo(exit);
}

//===-- Values ------------------------------------------------------------------------------------------------------===//

Value Emitter::constant(mlir::Type type, int64_t value) {
  return make<arith::ConstantOp>(builder.getIntegerAttr(type, value));
}

Value Emitter::floatConstant(mlir::Type type, double value) {
  return make<arith::ConstantOp>(builder.getFloatAttr(type, value));
}

Value Emitter::placeholder(mlir::Type type) {
  if (isOwned(type))
    return null(type);
  return make<mlir::ub::PoisonOp>(type);
}

Leaves Emitter::placeholders(mlir::TypeRange types) {
  Leaves leaves;
  for (mlir::Type type : types)
    leaves.push_back(placeholder(type));
  return leaves;
}

Value Emitter::newSlot(mlir::Type type) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&fn->body->front());
  return make<memref::AllocaOp>(slotOf(type));
}

Value Emitter::newBuffer(ArrayRef<int64_t> extents, mlir::Type element) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&fn->body->front());
  return make<memref::AllocaOp>(mlir::MemRefType::get(extents, element));
}

//===-- Elements ----------------------------------------------------------------------------------------------------===//

Value Emitter::dim(Value array, unsigned dimension) {
  if (llvm::isa<ir::ArrayType>(array.getType()))
    return make<ir::ArrayDimOp>(builder.getI64Type(), array, builder.getI64IntegerAttr(dimension));
  Value extent = make<memref::DimOp>(array, int64_t(dimension));
  return make<arith::IndexCastOp>(builder.getI64Type(), extent);
}

ElementRef Emitter::elementAt(Value array, ArrayRef<Value> subscripts) {
  ElementRef place{array, {}};
  for (Value subscript : subscripts)
    place.subscripts.push_back(make<arith::IndexCastOp>(builder.getIndexType(), subscript));
  return place;
}

bool Emitter::isReached(Value array) const {
  auto load = array.getDefiningOp<memref::LoadOp>(); // of a slot, or of an element of an array of arrays
  return load && load.getIndices().empty() ? fn->reached.contains(load.getMemRef()) : !load && fn->reached.contains(array);
}

void Emitter::reach(Value array) {
  auto type = llvm::dyn_cast<ir::ArrayType>(array.getType());
  if (type && type.getElementType().isIntOrFloat() && mayReject()) // what is owned never leaves the host
    check(make<ir::ArrayReachOp>(errorType, array, mlir::UnitAttr()));
}

/// On the host the elements are asked for anew at each access: a task may have used the array in between.
Value Emitter::elementsOf(const ElementRef &place, bool write) {
  auto type = llvm::dyn_cast<ir::ArrayType>(place.array.getType());
  if (!type)
    return place.array;
  bool mayBeLost = type.getElementType().isIntOrFloat();
  bool wasReached = mayBeLost && isReached(place.array);
  bool isChecked = mayBeLost && !wasReached && mayReject();
  auto unit = [&](bool isSet) { return isSet ? builder.getUnitAttr() : mlir::UnitAttr(); };
  auto data = make<ir::ArrayDataOp>(memrefOf(type, !place.isRowMajor), isChecked ? builder.getI1Type() : mlir::Type(), place.array,
                                    unit(write), unit(wasReached));
  if (isChecked) {
    Block *lost = newBlock(), *good = newBlock();
    branchIf(data.getLost(), lost, good);
    moveTo(lost);
    branch(failureBlock(), make<ir::ArrayLostOp>(errorType, place.array).getError());
    moveTo(good);
  }
  return data.getData();
}

Value Emitter::loadElement(const ElementRef &place) {
  Value data = elementsOf(place, /*write=*/false);
  return make<memref::LoadOp>(data, place.subscripts);
}

void Emitter::storeElement(Value value, const ElementRef &place) {
  Value data = elementsOf(place, /*write=*/true);
  make<memref::StoreOp>(value, data, place.subscripts);
}

//===-- The runtime's functions -------------------------------------------------------------------------------------===//

void Emitter::declareRuntime(StringRef name, mlir::TypeRange arguments, mlir::TypeRange results) {
  if (!emitted.insert(name).second)
    return;
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto function = mlir::func::FuncOp::create(builder, builder.getUnknownLoc(), name,
                                             builder.getFunctionType(arguments, results));
  function.setPrivate();
}

mlir::Operation::result_range Emitter::callRuntime(StringRef name, mlir::ValueRange arguments,
                                                     mlir::TypeRange results) {
  declareRuntime(name, arguments.getTypes(), results);
  return make<mlir::func::CallOp>(name, results, arguments)->getResults();
}
