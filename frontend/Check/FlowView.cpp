// The graph builder: views, which lend what they are views of until their last use.
#include "frontend/Check/FlowBuilder.h"
#include "frontend/Check/FlowLive.h"

namespace awg::flow {

using llvm::dyn_cast;

bool isViewExpr(const Expr *expr) {
  const auto *index = dyn_cast<IndexExpr>(stripParens(expr));
  return index && index->isView();
}

void Builder::refuseView(const Expr *view) {
  const VarDecl *root = rootOf(view);
  StringRef source(view->range.Start.getPointer(), view->range.End.getPointer() - view->range.Start.getPointer());
  std::string owner = root ? " of `" + root->name.str() + "`" : "";
  diags
      .error(DiagKind::UseWhileLent, view->range,
             "a view" + (root && root->isView ? std::string() : owner) +
                 " cannot be returned, stored or given away: its elements belong to another variable")
      .help("give a copy, or lend the view to a call")
      .fixValue(view->range, "copy(" + source.str() + ")");
}

void Builder::refuseTemporary(const Expr *array) {
  read(array);
  diags.error(DiagKind::UseWhileLent, array->range, "a view needs an owner that lives as long: this array ends here")
      .help("bind the array to a name with `let` first");
}

/// `let v = x[a..b]` lends x to v, and `let w = v` lends v to w.
void Builder::letView(const LetStmt &stmt) {
  const Expr *init = stripParens(stmt.init);
  const VarDecl *var = stmt.pattern->var;
  SlotId view = slotOf(var);
  const VarDecl *root = rootOf(init);
  if (!root)
    return refuseTemporary(init);
  readSubscripts(init);
  lend(root, view, var->isMut, init->range, init->range, LendKind::View, partOf(init));
  graph.slots[view].viewOf = slotOf(root);
  graph.slots[view].viewPart = partOf(init);
  readExtents(stmt.typeExpr, init);
}

void Builder::letSplit(const LetStmt &stmt, const CallExpr &split) {
  const Expr *array = split.arguments[0].value;
  const VarDecl *root = rootOf(array);
  readSubscripts(array);
  if (!root)
    return refuseTemporary(array);
  size_t depth = held.size();
  hold(array, split.arguments[1].value);
  read(split.arguments[1].value);
  letGo(depth, split.range);
  unsigned family = none;
  for (auto [number, element] : llvm::enumerate(stmt.pattern->elements)) {
    if (!element->var)
      continue;
    SlotId owner = slotOf(root), part = slotOf(element->var);
    family = family == none ? part : family;
    graph.slots[part].family = family;
    graph.slots[part].part = number;
    lend(root, part, element->var->isMut, array->range, split.range, LendKind::View, partOf(array));
    graph.slots[part].viewOf = owner;
    graph.slots[part].viewPart = partOf(array);
  }
}

void Builder::bindRow(const Pattern *pattern, const Expr *iterable, SlotId lock) {
  const CallExpr *chunks = partsCall(iterable, BuiltinId::Chunks);
  const Expr *array = chunks ? chunks->arguments[0].value : iterable;
  const VarDecl *root = lock == none ? nullptr : rootOf(array);
  for (const Pattern *element : pattern->elements)
    bindRow(element, iterable, lock);
  if (!pattern->var || !isMovable(pattern->var->type) || !array->type->isArray())
    return;
  SlotId owner = root ? slotOf(root) : none, id = slotOf(pattern->var);
  Slot &row = graph.slots[id];
  row.ownership = Slot::LentToLoop;
  row.isOfTemporary = !root;
  if (!root)
    return;
  row.viewOf = owner;
  row.viewPart = partOf(array);
  row.lock = lock;
  if (!chunks)
    return;
  row.family = id;
  row.part = Slot::everyRound;
}

void Builder::lendToPattern(const Pattern *pattern, const Type *type, const Expr *subject, unsigned first, SlotId lock) {
  llvm::ArrayRef<const Type *> members = type->members();
  if (!rootOf(subject) || type->isNever())
    return;
  for (auto [number, element] : llvm::enumerate(pattern->elements)) {
    bool isAlternative = pattern->kind == Pattern::Alternatives;
    size_t position = pattern->kind == Pattern::Struct ? pattern->fields[number].position : number;
    unsigned before = 0;
    for (const Type *member : isAlternative ? llvm::ArrayRef<const Type *>() : members.take_front(position))
      before += leafCount(member);
    lendToPattern(element, isAlternative ? type : members[position], subject, first + before, lock);
  }
  if (pattern->kind != Pattern::Name || !pattern->var->isItem)
    return;
  const VarDecl *root = rootOf(subject);
  PartRange part = partOf(subject);
  if (isMemberOf(subject, root)) {
    part.begin += first;
    part.end = part.begin + leafCount(type);
  }
  if (lock != none) {
    lend(root, lock, /*isMut=*/false, subject->range, pattern->range, LendKind::Operand, part);
    return;
  }
  SlotId name = slotOf(pattern->var);
  lend(root, name, /*isMut=*/false, subject->range, pattern->range, LendKind::View, part);
  graph.slots[name].ownership = Slot::LentToPattern;
  graph.slots[name].viewOf = slotOf(root);
  graph.slots[name].viewPart = part;
}

Event &Builder::lend(const VarDecl *var, SlotId holder, bool isMut, SMRange place, SMRange start, LendKind kind,
                     PartRange part) {
  SlotId first = slotOf(var);
  size_t block = current, at = graph.blocks[current].events.size();
  for (SlotId slot = first; slot != none; slot = graph.slots[slot].viewOf) {
    Event &event = emit(Event::Lend, slot, place);
    event.other = holder;
    event.via = slot == first ? none : first;
    event.part = part;
    event.fact = graph.lends.size();
    graph.lends.push_back({slot, holder, event.via, isMut, kind, place, start, part});
    part = graph.slots[slot].viewPart;
  }
  return graph.blocks[block].events[at];
}

Liveness::Liveness(const Graph &graph) : graph(graph) {
  hasViews = llvm::any_of(graph.slots, [](const Slot &slot) { return slot.viewOf != none || (slot.var && slot.var->isView); });
  if (!hasViews)
    return;
  before.assign(graph.blocks.size(), State(graph.slots.size()));
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned index = graph.blocks.size(); index-- > 0;) {
      State state = atEnd(index);
      for (const Event &event : llvm::reverse(graph.blocks[index].events))
        step(event, state);
      if (state != before[index]) {
        before[index] = std::move(state);
        changed = true;
      }
    }
  }
}

State Liveness::atEnd(unsigned index) const {
  State state(graph.slots.size());
  const Block &block = graph.blocks[index];
  for (unsigned successor : block.successors)
    state |= before[successor];
  if (block.handler != none)
    state |= before[block.handler];
  return state;
}

void Liveness::step(const Event &event, State &state) const {
  switch (event.kind) {
  case Event::Declare:
    state.reset(event.slot);
    return;
  case Event::EndScope:
  case Event::Release:
  case Event::Caught:
  case Event::Bind:
    return;
  default:
    state.set(event.slot);
  }
}

std::vector<State> Liveness::after(unsigned index) const {
  std::vector<State> states;
  if (!hasViews)
    return states;
  State state = atEnd(index);
  for (const Event &event : llvm::reverse(graph.blocks[index].events)) {
    states.push_back(state);
    step(event, state);
  }
  std::reverse(states.begin(), states.end());
  return states;
}

} // namespace awg::flow
