// Immediate post-dominators, by the algorithm of Cooper, Harvey and Kennedy (A Simple, Fast Dominance Algorithm, 2001)
// on the reversed graph of basic blocks.
#include "emulator/code/Translator.h"

#include <algorithm>

using namespace awg::emu;

namespace {
class PostDominators {
public:
  explicit PostDominators(Code &code)
      : code(code), bra(controlHandler("bra")), brx(controlHandler("brx.idx")), exit(controlHandler("exit")),
        trap(controlHandler("trap")) {}

  void run() {
    findBlocks();
    connect();
    order();
    iterate();
    for (uint32_t b = 0; b < starts.size(); ++b) {
      Op &last = code.ops[endOf(b) - 1];
      if (last.run == bra || last.run == brx)
        last.join = joinOf(idom[b] == none ? code.endPc() : starts[idom[b]]);
    }
  }

private:
  static constexpr uint32_t none = UINT32_MAX;

  uint32_t endOf(uint32_t block) const { return block + 1 < starts.size() ? starts[block + 1] : code.ops.size(); }
  bool ends(const Op &op) const { return op.run == bra || op.run == brx || op.run == exit || op.run == trap; }

  /// Lanes of a kernel that would meet only to exit do not: others may wait at a barrier for those that have exited.
  uint32_t joinOf(uint32_t meet) const {
    const Op &op = code.ops[meet];
    bool leaves = op.run == exit || meet == code.endPc() || (op.run == bra && op.target == code.endPc());
    return code.isEntry && leaves && op.guard == noSlot ? noJoin : meet;
  }

  void findBlocks() {
    std::vector<bool> isStart(code.ops.size() + 1, false);
    isStart[0] = isStart[code.endPc()] = true;
    for (uint32_t pc = 0; pc < code.ops.size(); ++pc) {
      const Op &op = code.ops[pc];
      if (ends(op))
        isStart[pc + 1] = true;
      if (op.run == bra)
        isStart[op.target] = true;
      if (op.run == brx)
        for (uint32_t target : *op.targets)
          isStart[target] = true;
    }
    blockOf.resize(code.ops.size());
    for (uint32_t pc = 0; pc < code.ops.size(); ++pc) {
      if (isStart[pc])
        starts.push_back(pc);
      blockOf[pc] = starts.size() - 1;
    }
  }

  void connect() {
    next.resize(starts.size());
    before.resize(starts.size());
    for (uint32_t b = 0; b < starts.size(); ++b) {
      const Op &last = code.ops[endOf(b) - 1];
      bool isEnd = endOf(b) == code.ops.size();
      if (last.run == bra)
        next[b].push_back(blockOf[last.target]);
      if (last.run == brx)
        for (uint32_t target : *last.targets)
          next[b].push_back(blockOf[target]);
      if (!isEnd && (!ends(last) || last.guard != noSlot))
        next[b].push_back(b + 1);
      // Lanes that end here are no reason for others to wait elsewhere: all meet at the end.
      if (!isEnd && next[b].empty())
        next[b].push_back(starts.size() - 1);
      for (uint32_t successor : next[b])
        before[successor].push_back(b);
    }
  }

  /// Post-order of the reversed graph, from the end.
  void order() {
    number.assign(starts.size(), none);
    std::vector<bool> isSeen(starts.size());
    std::vector<std::pair<uint32_t, size_t>> stack = {{uint32_t(starts.size() - 1), 0}};
    isSeen[stack[0].first] = true;
    while (!stack.empty()) {
      auto &[block, edge] = stack.back();
      if (edge == before[block].size()) {
        number[block] = postOrder.size();
        postOrder.push_back(block);
        stack.pop_back();
        continue;
      }
      uint32_t to = before[block][edge++];
      if (!isSeen[to]) {
        isSeen[to] = true;
        stack.push_back({to, 0});
      }
    }
  }

  void iterate() {
    idom.assign(starts.size(), none);
    uint32_t end = starts.size() - 1;
    idom[end] = end;
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = postOrder.size() - 1; i-- > 0;) {
        uint32_t block = postOrder[i], best = none;
        for (uint32_t successor : next[block]) {
          if (number[successor] == none || idom[successor] == none)
            continue;
          best = best == none ? successor : meet(best, successor);
        }
        if (best != idom[block]) {
          idom[block] = best;
          changed = true;
        }
      }
    }
  }

  uint32_t meet(uint32_t a, uint32_t b) const {
    while (a != b) {
      while (number[a] < number[b])
        a = idom[a];
      while (number[b] < number[a])
        b = idom[b];
    }
    return a;
  }

  Code &code;
  Handler bra, brx, exit, trap;
  std::vector<uint32_t> starts, blockOf, postOrder, number, idom;
  std::vector<std::vector<uint32_t>> next, before;
};
} // namespace

void awg::emu::findJoins(Code &code) { PostDominators(code).run(); }
