// each: the kernel that an `each` on the host, or a named kernel, becomes.
#include "frontend/IRGen/Generator.h"

using namespace awg;

/// Where an `each` is reached as an expression it stands inside another one's index: a loop. Launches go through await
/// and async.
RValue Generator::emitEach(const EachExpr *expr) { return expr->isPhase ? emitPhase(expr) : emitSequential(expr); }

llvm::SmallVector<Generator::KernelInput> Generator::inputsOf(const EachExpr *each) {
  llvm::SmallVector<KernelInput> inputs;
  for (const Capture &capture : each->captures) {
    KernelInput input{capture.var, capture.mode == Capture::Mut};
    bool isWhole = capture.uses.empty() || capture.var->isView;
    input.used.resize(isWhole ? 0 : leafCount(capture.var->type));
    for (const Expr *use : isWhole ? ArrayRef<const Expr *>() : capture.uses)
      if (auto [first, count] = leafRange(use); count)
        input.used.set(first, first + count);
    inputs.push_back(input);
  }
  return inputs;
}

/// The elements of an array have an array a leaf.
std::pair<unsigned, unsigned> Generator::leafRange(const Expr *place) {
  place = strip(place);
  if (auto *index = dyn_cast<IndexExpr>(place))
    return leafRange(index->base);
  if (auto *member = dyn_cast<MemberExpr>(place)) {
    unsigned first = leafRange(member->base).first;
    return {first + firstLeaf(member->base->type, member->position), leafCount(member->type)};
  }
  return {0, leafCount(place->type)};
}

Leaves Generator::loadInput(const KernelInput &input) {
  Leaves leaves;
  for (auto [leaf, value] : llvm::enumerate(variable(input.var).leaves))
    if (input.takes(leaf))
      leaves.push_back(loadLeaf(value));
  return leaves;
}

void Generator::bindInput(const KernelInput &input, mlir::ValueRange &arguments) {
  Leaves leaves(leafCount(input.var->type));
  for (auto [leaf, value] : llvm::enumerate(leaves))
    if (input.takes(leaf)) {
      value = arguments.front();
      arguments = arguments.drop_front();
    }
  fn->variables[input.var] = {leaves, false};
}

llvm::SmallVector<Generator::KernelInput> Generator::inputsOf(const FnDecl *decl) {
  llvm::SmallVector<KernelInput> inputs;
  for (const VarDecl *param : decl->params)
    inputs.push_back({param, param->mode == PassMode::Mut});
  for (const VarDecl *size : decl->sizes)
    inputs.push_back({size, false});
  return inputs;
}

static ir::Shape shapeOf(const EachExpr *each) {
  bool isUnsigned = each->body->type->isInt() && !each->body->type->isSigned();
  switch (each->op) {
  case EachOp::Map:
    return ir::Shape::Each;
  case EachOp::Sum:
    return ir::Shape::Sum;
  case EachOp::Product:
    return ir::Shape::Product;
  case EachOp::Min:
    return isUnsigned ? ir::Shape::UMin : ir::Shape::Min;
  case EachOp::Max:
    return isUnsigned ? ir::Shape::UMax : ir::Shape::Max;
  case EachOp::Any:
    return ir::Shape::Any;
  case EachOp::All:
    return ir::Shape::All;
  case EachOp::ArgMin:
    return isUnsigned ? ir::Shape::UArgMin : ir::Shape::ArgMin;
  case EachOp::ArgMax:
    return isUnsigned ? ir::Shape::UArgMax : ir::Shape::ArgMax;
  case EachOp::Scan:
    return ir::Shape::Scan;
  case EachOp::Reduce:
    return ir::Shape::Reduce;
  }
  llvm_unreachable("what an `each` does");
}

const FnDecl *Generator::combinerOf(const EachExpr *each) {
  return cast<FnDecl>(cast<NameExpr>(strip(each->reducer))->decl);
}

/// The reduction whose operation joins the elements of a scan by an operator.
static ir::Shape joinsOf(const EachExpr *each) {
  bool isUnsigned = each->body->type->isInt() && !each->body->type->isSigned();
  switch (each->scanOp) {
  case ScanOp::Mul:
    return ir::Shape::Product;
  case ScanOp::BitAnd:
  case ScanOp::And:
    return ir::Shape::All;
  case ScanOp::BitOr:
  case ScanOp::Or:
    return ir::Shape::Any;
  case ScanOp::BitXor:
    return ir::Shape::Xor;
  case ScanOp::Min:
    return isUnsigned ? ir::Shape::UMin : ir::Shape::Min;
  case ScanOp::Max:
    return isUnsigned ? ir::Shape::UMax : ir::Shape::Max;
  default:
    return ir::Shape::Sum;
  }
}

/// What an index gives goes into arrays of the launch: the values of `each =>`, and what is reduced on the host: the
/// members of tuples, and what a function joins that may reject.
bool Generator::storesValues(const EachExpr *each) {
  if (!each->isValue)
    return false;
  bool mayReject = each->reducer && combinerOf(each)->mayFail;
  return each->op == EachOp::Map || leafCount(each->body->type) != 1 || mayReject;
}

TypeList Generator::kernelResults(const EachExpr *each) {
  return each->op == EachOp::Map || storesValues(each) ? TypeList() : leavesOf(each->body->type);
}

/// What the kernel takes of a variable.
TypeList Generator::inputTypes(const KernelInput &input) {
  TypeList taken;
  for (auto [leaf, type] : llvm::enumerate(captureTypes(input.var, /*isMut=*/false, /*isDevice=*/true)))
    if (input.takes(leaf))
      taken.push_back(type);
  return taken;
}

/// KernelOp's `sizes`: what the types of arrays say about extents. Null if that is nothing.
mlir::ArrayAttr Generator::sizesOf(const KernelShape &kernel) {
  llvm::SmallDenseMap<const VarDecl *, mlir::Attribute> names;
  llvm::SmallDenseMap<mlir::Attribute, unsigned> uses;
  llvm::SmallVector<mlir::Attribute> sizes;
  bool isKnown = false;
  auto add = [&](mlir::Attribute size) {
    isKnown |= ++uses[size] > 1 && llvm::isa<mlir::StringAttr>(size);
    sizes.push_back(size);
  };
  auto addNumber = [&](int64_t value) {
    isKnown = true;
    sizes.push_back(builder.getI64IntegerAttr(value));
  };
  // A number before the name: there may be several of one name.
  auto addVariable = [&](const VarDecl *var) {
    mlir::Attribute &name = names[var];
    if (!name)
      name = builder.getStringAttr(llvm::Twine(names.size() - 1) + "." + var->name);
    add(name);
  };
  auto addExtent = [&](Extent extent) {
    if (extent.kind == Extent::Constant)
      addNumber(extent.value);
    else if (extent.kind == Extent::Variable)
      addVariable(extent.variable);
    else
      add(builder.getUnitAttr());
  };
  for (const Expr *extent : kernel.each->extents) {
    auto *name = dyn_cast<NameExpr>(strip(extent));
    auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr;
    if (std::optional<int64_t> value = constantExtent(extent))
      addNumber(*value);
    else if (var && var->role == VarDecl::Size)
      addVariable(var);
    else
      add(builder.getStringAttr(llvm::Twine("extent ") + llvm::Twine(sizes.size())));
  }
  unsigned rank = sizes.size();
  for (const KernelInput &input : kernel.inputs) {
    auto *array = dyn_cast<ArrayType>(input.var->type);
    for (mlir::Type type : inputTypes(input)) {
      auto memref = llvm::dyn_cast<mlir::MemRefType>(type);
      Extent scalar = input.var->role == VarDecl::Size ? Extent::named(input.var) : Extent::any();
      for (int64_t k = 0; k < (memref ? memref.getRank() : 1); ++k)
        addExtent(memref ? array ? array->extents()[k] : Extent::any() : scalar);
    }
  }
  if (storesValues(kernel.each))
    for (size_t k = 0; k < leafCount(kernel.each->body->type) * rank; ++k)
      add(sizes[k % rank]);
  return isKnown ? builder.getArrayAttr(sizes) : mlir::ArrayAttr();
}

void Generator::emitKernel(const KernelShape &kernel) {
  const EachExpr *each = kernel.each;
  Place place(*this, each->loc());
  unsigned rank = each->indices.size();
  TypeList types(2 * rank, builder.getI64Type());
  llvm::SmallVector<int64_t> written;
  for (const KernelInput &input : kernel.inputs)
    for (mlir::Type type : inputTypes(input)) {
      if (input.isWritten && llvm::isa<mlir::MemRefType>(type))
        written.push_back(types.size());
      types.push_back(type);
    }
  if (storesValues(each))
    for (mlir::Type stored : leavesOf(each->body->type)) {
      written.push_back(types.size());
      types.push_back(memrefOf(ir::ArrayType::get(&context, stored, rank)));
    }
  TypeList results = kernelResults(each);

  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(module.getBody());
  ir::Shape shape = storesValues(each) ? ir::Shape::Each : shapeOf(each);
  auto op = ir::KernelOp::create(builder, loc, kernel.symbol, shape, rank,
                                 builder.getFunctionType(types, results), written);
  mlir::SymbolTable::setSymbolVisibility(op, mlir::SymbolTable::Visibility::Private);
  std::string sourceName = fn ? fn->sourceName : kernel.symbol.substr(4);
  op->setAttr("awg.source_name", builder.getStringAttr(sourceName));
  if (kernel.isFast)
    op.setFast(true);
  op.setBlock(each->isBlock);
  if (kernel.threads)
    op.setThreads(kernel.threads);
  op.setSizesAttr(sizesOf(kernel));
  if (shape == ir::Shape::Scan && !each->reducer)
    op.setJoins(joinsOf(each));
  if (each->reducer && shape != ir::Shape::Each) {
    const FnDecl *function = combinerOf(each);
    op.setCombiner(symbolOf(function));
    if (emitted.insert(symbolOf(function)).second)
      waiting.push_back({function, false, {}});
  }
  inFunction(op, FunctionContext::Kernel, results, [&](Block *entry) {
    fn->isDevice = true;
    fn->isFast = kernel.isFast;
    if (fn->symbol.empty()) { // a named kernel
      fn->symbol = kernel.symbol;
      fn->sourceName = sourceName;
    }
    emitKernelBody(kernel, entry->getArguments());
  });
}

void Generator::emitKernelBody(const KernelShape &kernel, mlir::ValueRange arguments) {
  const EachExpr *each = kernel.each;
  unsigned rank = each->indices.size();
  llvm::SmallVector<Value> indices(arguments.take_front(rank));
  bindIndices(each, indices);
  arguments = arguments.drop_front(2 * rank);
  for (const KernelInput &input : kernel.inputs)
    bindInput(input, arguments);

  Block *exit = newBlock(fn->results);
  fn->loops.push_back({0, exit, exit});
  Leaves leaves = emitOwned(each->body, each->body->type);
  if (storesValues(each) && !each->body->type->isNever())
    for (auto [leaf, array] : llvm::zip(leaves, arguments))
      storeElement(leaf, elementAt(array, indices));
  if (leaves.size() != fn->results.size())
    leaves = placeholders(fn->results);
  branch(exit, leaves);
  moveTo(exit);
  make<ir::YieldOp>(noError(), exit->getArguments());
}
