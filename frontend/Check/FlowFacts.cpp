// The numbering of facts and their fixpoint over a graph.
#include "frontend/Check/FlowFacts.h"

namespace awg::flow {

Facts::Facts(Graph &graph) : graph(graph) {
  numberEvents();
  numberLends();
  findOrder();
  solve();
}

/// A part that is moved has facts of its own.
static SlotId slotOfFact(const Event &event) { return event.partSlot == none ? event.slot : event.partSlot; }

/// Numbers the used, then the unused facts, slot by slot.
void Facts::numberEvents() {
  size_t slots = graph.slots.size();
  usedOf.resize(slots);
  unusedOf.resize(slots);
  auto sortOf = [](const Event &event) {
    if (event.kind == Event::Bind)
      return 1;
    bool isUse = event.kind == Event::Move || (event.kind == Event::Caught && event.how == How::Caught);
    return isUse ? 0 : -1;
  };
  std::vector<Range> *sorts[] = {&usedOf, &unusedOf};
  for (const Block &block : graph.blocks)
    for (const Event &event : block.events)
      if (int sort = sortOf(event); sort >= 0)
        ++(*sorts[sort])[slotOfFact(event)].end;
  for (std::vector<Range> *sort : sorts)
    for (Range &range : *sort) {
      unsigned size = range.end;
      range = {count, count};
      count += size;
    }
  places.resize(count);
  for (auto [blockIndex, block] : llvm::enumerate(graph.blocks))
    for (auto [index, event] : llvm::enumerate(block.events))
      if (int sort = sortOf(event); sort >= 0) {
        event.fact = (*sorts[sort])[slotOfFact(event)].end++;
        places[event.fact] = {blockIndex, index};
      }
  firstLend = count;
}

/// Which lends the tasks of each slot may hold: their own, and those of slots handed over to them.
std::vector<Facts::HeldLend> Facts::closeOverTransfers() const {
  llvm::DenseMap<SlotId, llvm::SmallVector<SlotId, 2>> targets;
  for (const Block &block : graph.blocks)
    for (const Event &event : block.events)
      if (event.kind == Event::Transfer)
        targets[event.slot].push_back(event.other);
  std::vector<HeldLend> all;
  llvm::DenseSet<HeldLend> known;
  auto add = [&](HeldLend held) {
    if (known.insert(held).second)
      all.push_back(held);
  };
  for (auto [index, lend] : llvm::enumerate(graph.lends))
    add({index, lend.holder});
  for (size_t next = 0; next < all.size(); ++next) {
    auto [lend, holder] = all[next];
    if (auto found = targets.find(holder); found != targets.end())
      for (SlotId target : found->second)
        add({lend, target});
  }
  return all;
}

/// Numbers the facts about lends by variable, those for writing first.
void Facts::numberLends() {
  lentOf.resize(graph.slots.size());
  writesEnd.resize(graph.slots.size());
  heldOf.resize(graph.slots.size());
  heldLends = closeOverTransfers();
  auto key = [&](const HeldLend &held) {
    const Lend &lend = graph.lends[held.first];
    return std::tuple(lend.slot, !lend.isMut, held);
  };
  llvm::sort(heldLends, [&](const HeldLend &left, const HeldLend &right) { return key(left) < key(right); });
  for (const HeldLend &held : heldLends) {
    const Lend &lend = graph.lends[held.first];
    Range &range = lentOf[lend.slot];
    if (range.end == 0)
      range.begin = writesEnd[lend.slot] = count;
    lendFact[held] = count;
    heldOf[held.second].push_back(count);
    range.end = ++count;
    if (lend.isMut)
      writesEnd[lend.slot] = count;
  }
}

/// A depth-first walk with its own stack; a handler counts as the successor of every block that it guards. Successors
/// are visited last to first, which leaves the blocks nearly in the order of the source.
void Facts::findOrder() {
  std::vector<bool> seen(graph.blocks.size());
  std::vector<std::pair<unsigned, llvm::SmallVector<unsigned, 3>>> stack;
  auto enter = [&](unsigned index) {
    if (seen[index])
      return;
    seen[index] = true;
    const Block &block = graph.blocks[index];
    stack.push_back({index, {block.successors.begin(), block.successors.end()}});
    if (block.handler != none)
      stack.back().second.push_back(block.handler);
  };
  enter(0);
  while (!stack.empty()) {
    auto &[index, rest] = stack.back();
    if (!rest.empty()) {
      enter(rest.pop_back_val());
      continue;
    }
    order.push_back(index);
    stack.pop_back();
  }
  std::reverse(order.begin(), order.end());
}

bool Facts::joinInto(unsigned target, const State &state) {
  if (!state.test(states[target]))
    return false;
  states[target] |= state;
  return true;
}

void Facts::solve() {
  states.assign(graph.blocks.size(), State());
  for (unsigned index : order)
    states[index].resize(count);
  std::vector<bool> isDirty(graph.blocks.size());
  for (unsigned index : order)
    isDirty[index] = true;
  State state;
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned index : order) {
      if (!isDirty[index])
        continue;
      isDirty[index] = false;
      const Block &block = graph.blocks[index];
      state = states[index];
      auto flowTo = [&](unsigned target) {
        if (joinInto(target, state))
          isDirty[target] = changed = true;
      };
      if (block.handler != none)
        flowTo(block.handler);
      for (const Event &event : block.events) {
        apply(event, state);
        // A rejection leaves the block after any of its events.
        if (event.kind == Event::Move && block.handler != none && !states[block.handler].test(event.fact)) {
          states[block.handler].set(event.fact);
          isDirty[block.handler] = changed = true;
        }
      }
      for (unsigned successor : block.successors)
        flowTo(successor);
    }
  }
}

void Facts::hold(const Event &event, State &state) const {
  for (unsigned fact : heldOf[event.slot])
    if (state.test(fact))
      state.set(factOf(heldLends[fact - firstLend].first, event.other));
}

void Facts::apply(const Event &event, State &state) const {
  auto clear = [&](Range range) { state.reset(range.begin, range.end); };
  auto endTasks = [&] {
    for (unsigned fact : heldOf[event.slot])
      state.reset(fact);
  };
  switch (event.kind) {
  case Event::Read:
  case Event::Write:
    return;
  case Event::Declare:
  case Event::EndScope:
    clear(lentOf[event.slot]);
    [[fallthrough]];
  case Event::Assign:
    for (SlotId part : graph.slots[event.slot].parts)
      if (event.partSlot == none || graph.slots[event.partSlot].range.holds(graph.slots[part].range))
        clear(usedOf[part]);
    if (event.partSlot != none)
      return;
    clear(usedOf[event.slot]);
    clear(unusedOf[event.slot]);
    return endTasks();
  case Event::Move:
    clear(unusedOf[event.slot]);
    state.set(event.fact);
    return;
  case Event::Bind:
    state.set(event.fact);
    return;
  case Event::Lend:
    state.set(factOf(event.fact, event.other));
    return;
  case Event::Transfer:
    return hold(event, state);
  case Event::Release:
    return endTasks();
  case Event::Caught:
    clear(unusedOf[event.slot]);
    endTasks();
    if (event.fact != none)
      state.set(event.fact);
    return;
  }
}

} // namespace awg::flow
