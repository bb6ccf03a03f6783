// Lowers failures, strings and arrays.
#include "lowering/AwgToAsync.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

//===-- Failures and strings ------------------------------------------------------------------------------------------===//

StackSlots AwgToAsync::formatArguments(OpBuilder &builder, Location loc, ValueRange args, ArrayRef<int8_t> kinds) {
  StackSlots slots(builder, loc, args.size());
  for (auto [k, arg] : llvm::enumerate(args))
    slots.store(builder, k, toBits(builder, loc, arg, kinds[k]));
  return slots;
}

void AwgToAsync::lowerError(OpBuilder &builder, ir::ErrorOp op) {
  Location loc = op.getLoc();
  StringAttr site = data.record("site", data.siteFields(loc, functionOf(op), op.getFormat(), op.getKinds()));
  StackSlots args = formatArguments(builder, loc, op.getArgs(), op.getKinds());
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, "awgrt_error_create", pointer, {addressOf(builder, loc, site), args.address()}));
  op.erase();
}

void AwgToAsync::lowerFormat(OpBuilder &builder, ir::FormatOp op) {
  Location loc = op.getLoc();
  ArrayRef<int8_t> kinds = op.getKinds();
  StringRef kindBytes(reinterpret_cast<const char *>(kinds.data()), kinds.size());
  StackSlots args = formatArguments(builder, loc, op.getArgs(), kinds);
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, "awgrt_str_format", pointer,
           {addressOf(builder, loc, data.cString(op.getFormat())), addressOf(builder, loc, data.bytes(kindBytes)),
            constant(builder, loc, i32, kinds.size()), args.address()}));
  op.erase();
}

//===-- Arrays ------------------------------------------------------------------------------------------------------===//

/// Calls what makes an array of these extents from `what`, and replaces `op` by its failure and the array.
void AwgToAsync::makeArray(OpBuilder &builder, Operation *op, StringRef name, Value what, ValueRange lengths) {
  Location loc = op->getLoc();
  StackSlots extents(builder, loc, lengths.size()), out(builder, loc, 1);
  for (auto [k, extent] : llvm::enumerate(lengths))
    extents.store(builder, k, extent);
  out.store(builder, 0, nullPointer(builder, loc));
  Value error = call(builder, loc, name, pointer,
                     {place(builder, op), what, constant(builder, loc, i32, lengths.size()), extents.address(), out.address()});
  Value array = LLVM::LoadOp::create(builder, loc, pointer, out.address());
  op->replaceAllUsesWith(ValueRange{error, array});
  op->erase();
}

void AwgToAsync::lowerArrayCreate(OpBuilder &builder, ir::ArrayCreateOp op) {
  StringRef name = op.getUninit() ? "awgrt_array_create_uninit" : "awgrt_array_create";
  makeArray(builder, op, name, constant(builder, op.getLoc(), i32, op.getKind()), op.getExtents());
}

/// A length of -1 says that the dimension is dropped.
void AwgToAsync::lowerArrayView(OpBuilder &builder, ir::ArrayViewOp op) {
  Location loc = op.getLoc();
  unsigned rank = op.getBegins().size();
  StackSlots begins(builder, loc, rank), lengths(builder, loc, rank);
  unsigned kept = 0;
  for (unsigned k = 0; k < rank; ++k) {
    bool isDropped = llvm::is_contained(op.getDropped(), int64_t(k));
    begins.store(builder, k, op.getBegins()[k]);
    lengths.store(builder, k, isDropped ? constant(builder, loc, i64, -1) : op.getLengths()[kept++]);
  }
  Value view = call(builder, loc, "awgrt_array_view", pointer, {op->getOperand(0), begins.address(), lengths.address()});
  op->getResult(0).replaceAllUsesWith(view);
  op.erase();
}

void AwgToAsync::lowerArrayReshape(OpBuilder &builder, ir::ArrayReshapeOp op) {
  makeArray(builder, op, "awgrt_array_reshape", op->getOperand(0), op.getExtents());
}

void AwgToAsync::lowerArrayReach(OpBuilder &builder, ir::ArrayReachOp op) {
  Location loc = op.getLoc();
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, "awgrt_array_reach", pointer,
           {place(builder, op), op->getOperand(0), constant(builder, loc, i32, op.getWrite() ? 1 : 0)}));
  op.erase();
}

/// The array as a memref descriptor, with its own strides. Elements that are pointers never leave the host.
void AwgToAsync::lowerArrayData(OpBuilder &builder, ir::ArrayDataOp op) {
  Location loc = op.getLoc();
  auto type = llvm::cast<MemRefType>(op->getResult(0).getType());
  Value array = op->getOperand(0);
  bool areHere = llvm::isa<LLVM::LLVMPointerType, ir::FutureType, ir::ArrayType, ir::StrType, ir::ChanType>(type.getElementType());
  StringRef function = op.getLost() ? "awgrt_array_find" : op.getReached() ? "awgrt_array_bring" : "awgrt_array_data";
  Value elements = areHere ? LLVM::LoadOp::create(builder, loc, pointer, array).getResult()
                           : call(builder, loc, function, pointer, {array, constant(builder, loc, i32, op.getWrite() ? 1 : 0)});
  if (op.getLost())
    op.getLost().replaceAllUsesWith(LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, elements, nullPointer(builder, loc)));
  int64_t rank = type.getRank();
  Type list = LLVM::LLVMArrayType::get(i64, rank);
  Value descriptor = LLVM::PoisonOp::create(
      builder, loc, LLVM::LLVMStructType::getLiteral(context, {pointer, pointer, i64, list, list}));
  auto set = [&](Value value, ArrayRef<int64_t> position) {
    descriptor = LLVM::InsertValueOp::create(builder, loc, descriptor, value, position);
  };
  set(elements, {0});
  set(elements, {1});
  set(constant(builder, loc, i64, 0), {2});
  auto field = [&](int64_t word) {
    Value address = LLVM::GEPOp::create(builder, loc, pointer, i64, array, ArrayRef<LLVM::GEPArg>{int32_t(word)});
    return LLVM::LoadOp::create(builder, loc, i64, address).getResult();
  };
  // The words of awgrt_array: data, 8 extents, rank and kind, buffer, 8 strides.
  for (int64_t k = 0; k < rank; ++k) {
    set(field(1 + k), {3, k});
    set(field(11 + k), {4, k});
  }
  op.getData().replaceAllUsesWith(cast(builder, loc, type, descriptor));
  op.erase();
}

void AwgToAsync::lowerElementSlot(OpBuilder &builder, ir::ElementSlotOp op) {
  Location loc = op.getLoc();
  int64_t rank = op.getSubscripts().size();
  Type list = LLVM::LLVMArrayType::get(i64, rank);
  Value data = cast(builder, loc, LLVM::LLVMStructType::getLiteral(context, {pointer, pointer, i64, list, list}), op.getData());
  Value position = constant(builder, loc, i64, 0);
  for (auto [k, subscript] : llvm::enumerate(op.getSubscripts())) {
    Value at = arith::IndexCastOp::create(builder, loc, i64, subscript);
    Value stride = LLVM::ExtractValueOp::create(builder, loc, data, ArrayRef<int64_t>{4, int64_t(k)});
    position = arith::AddIOp::create(builder, loc, position, arith::MulIOp::create(builder, loc, at, stride));
  }
  auto type = llvm::cast<MemRefType>(op.getSlot().getType());
  Value address = LLVM::GEPOp::create(builder, loc, pointer, type.getElementType(),
                                      LLVM::ExtractValueOp::create(builder, loc, data, 1), ArrayRef<LLVM::GEPArg>{position});
  op.getSlot().replaceAllUsesWith(memoryAt(builder, loc, type, address));
  op.erase();
}

void AwgToAsync::lowerArrayLost(OpBuilder &builder, ir::ArrayLostOp op) {
  op->getResult(0).replaceAllUsesWith(
      call(builder, op.getLoc(), "awgrt_array_lost", pointer, {place(builder, op), op->getOperand(0)}));
  op.erase();
}

void AwgToAsync::lowerRelease(OpBuilder &builder, ir::ReleaseOp op) {
  Type type = originalTypes[op];
  StringRef name = llvm::isa<ir::ArrayType>(type)  ? "awgrt_array_release"
                   : llvm::isa<ir::StrType>(type)  ? "awgrt_str_release"
                   : llvm::isa<ir::ChanType>(type) ? "awgrt_chan_release"
                                                   : "awgrt_error_release";
  call(builder, op.getLoc(), name, {}, {op->getOperand(0)});
  op.erase();
}
