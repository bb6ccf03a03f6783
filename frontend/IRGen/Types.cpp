// From the language's types to the dialect's: leaves, slots, kinds.
#include "frontend/IRGen/Emitter.h"

using namespace awg;

static mlir::Type floatType(mlir::OpBuilder &builder, const Type *type) {
  switch (type->width()) {
  case 16:
    return type->isBrain() ? mlir::Type(builder.getBF16Type()) : mlir::Type(builder.getF16Type());
  case 32:
    return builder.getF32Type();
  default:
    return builder.getF64Type();
  }
}

void Emitter::addLeaves(const Type *type, TypeList &leaves) {
  switch (type->kind()) {
  case TypeKind::Error:
  case TypeKind::Never:
  case TypeKind::Param: // of functions that are not compiled
    return;
  case TypeKind::Bool:
    leaves.push_back(builder.getI1Type());
    return;
  case TypeKind::Int:
    leaves.push_back(builder.getIntegerType(type->width()));
    return;
  case TypeKind::Float:
    leaves.push_back(floatType(builder, type));
    return;
  case TypeKind::Str:
    leaves.push_back(strType);
    return;
  case TypeKind::Duration:
  case TypeKind::Device:
    leaves.push_back(builder.getI64Type());
    return;
  case TypeKind::Enum:
    leaves.push_back(builder.getI32Type());
    return;
  case TypeKind::Tuple:
  case TypeKind::Struct:
  case TypeKind::Vec:
    for (const Type *member : type->members())
      addLeaves(member, leaves);
    return;
  case TypeKind::Array: {
    auto *array = cast<ArrayType>(type);
    TypeList elements = leavesOf(array->element());
    if (elements.empty()) // Of an array of units only the extents are known; its elements take no part.
      elements.push_back(builder.getI8Type());
    for (mlir::Type element : elements)
      leaves.push_back(ir::ArrayType::get(&context, element, array->rank()));
    return;
  }
  case TypeKind::Chan:
    leaves.push_back(chanType);
    return;
  case TypeKind::Future:
    leaves.push_back(futureOf(leavesOf(cast<FutureType>(type)->result())));
    return;
  }
}

TypeList Emitter::leavesOf(const Type *type) {
  TypeList leaves;
  addLeaves(type, leaves);
  return leaves;
}

mlir::MemRefType Emitter::memrefOf(ir::ArrayType type, bool isStrided) {
  llvm::SmallVector<int64_t> extents(type.getRank(), mlir::ShapedType::kDynamic);
  if (!isStrided)
    return mlir::MemRefType::get(extents, type.getElementType());
  return mlir::MemRefType::get(extents, type.getElementType(), mlir::StridedLayoutAttr::get(&context, 0, extents));
}

mlir::MemRefType Emitter::slotOf(mlir::Type type) { return mlir::MemRefType::get({}, type); }

ir::FutureType Emitter::futureOf(mlir::TypeRange leaves) {
  return ir::FutureType::get(&context, llvm::to_vector(leaves));
}

int8_t Emitter::kindOf(const Type *type, bool isQuoted) {
  switch (type->kind()) {
  case TypeKind::Int:
    return (type->isSigned() ? AWGRT_I8 : AWGRT_U8) + llvm::Log2_32(type->width() / 8);
  case TypeKind::Float:
    return type->width() == 16 ? (type->isBrain() ? AWGRT_BF16 : AWGRT_F16) : type->width() == 32 ? AWGRT_F32 : AWGRT_F64;
  case TypeKind::Str:
    return isQuoted ? AWGRT_QUOTED_STR : AWGRT_STR;
  case TypeKind::Duration:
    return AWGRT_DURATION;
  case TypeKind::Device:
    return AWGRT_DEVICE;
  case TypeKind::Array:
    return AWGRT_ARRAY;
  case TypeKind::Future:
    return AWGRT_TASK;
  case TypeKind::Chan:
    return AWGRT_CHAN;
  case TypeKind::Enum:
    return AWGRT_I32;
  default:
    return AWGRT_BOOL;
  }
}

void Emitter::addKinds(const Type *type, llvm::SmallVectorImpl<int8_t> &kinds) {
  if (auto *array = dyn_cast<ArrayType>(type))
    kinds.append(std::max(leafCount(array->element()), 1u), AWGRT_ARRAY);
  else if (type->isComposite())
    for (const Type *member : type->members())
      addKinds(member, kinds);
  else
    kinds.push_back(kindOf(type));
}

bool Emitter::isShared(mlir::Type type) { return llvm::isa<ir::StrType, ir::ChanType>(type); }

bool Emitter::isOwned(mlir::Type type) {
  return llvm::isa<ir::ArrayType, ir::StrType, ir::ChanType, ir::FutureType, ir::ErrorType>(type);
}

bool Emitter::isArrayOfFutures(mlir::Type type) {
  auto array = llvm::dyn_cast<ir::ArrayType>(type);
  return array && llvm::isa<ir::FutureType>(array.getElementType());
}

bool Emitter::hasArray(const Type *type) {
  return type->isArray() || llvm::any_of(type->members(), hasArray);
}
