// What the checker leaves in the tree for IRGen: captures, sequential loops, effects, what is compiled.
#include "frontend/Check/Builtins.h"
#include "frontend/Check/Check.h"
#include "frontend/Check/FlowVisit.h"
#include "frontend/Check/HoleFormat.h"
#include "frontend/Parse/Parser.h"
#include "frontend/Source/Source.h"

#include <gtest/gtest.h>

namespace awg {
namespace {

/// A checked program.
struct Checked {
  explicit Checked(llvm::StringRef text, llvm::StringRef standard = "") {
    program.user = load(text);
    program.standard.push_back(load(standard));
    EXPECT_TRUE(check(program, context, sources, diags));
    diags.print(llvm::errs());
  }

  Module *load(llvm::StringRef text) {
    return parse(sources, loadBuffer(sources, llvm::MemoryBuffer::getMemBufferCopy(text, "test.awg"), diags), context, diags);
  }

  FnDecl *function(llvm::StringRef name) {
    for (FnDecl *function : program.functions)
      if (function->name == name)
        return function;
    return nullptr;
  }

  /// The first expression of that class in `main`.
  template <typename T> const T *first() {
    const T *found = nullptr;
    flow::visitExprs(program.main->body, [&](const Expr &expr) {
      if (auto *match = llvm::dyn_cast<T>(&expr); match && !found)
        found = match;
      return !found;
    });
    return found;
  }

  llvm::SourceMgr sources;
  DiagEngine diags{sources};
  ASTContext context;
  Program program;
};

/// `a:copy b:mut`, in order of first use.
std::string show(ArrayRef<Capture> captures) {
  static constexpr llvm::StringRef modes[] = {"copy", "read", "mut", "move"};
  std::string text;
  for (const Capture &capture : captures)
    text += (capture.var->name + ":" + modes[capture.mode] + " ").str();
  return text;
}

TEST(Check, CapturesOfBlocks) {
  Checked of("fn take(move a: i64[_]) { }\n"
             "async fn slow() -> i64 { return 1; }\n"
             "async fn main() {\n"
             "  let k = 1; let s = \"s\"; let x = [1]; let z = [2]; let mut n = 0; let mut y = [0]; let f = async slow();\n"
             "  let t = async { n += k; y[0] = x[0]; print(s); take(move z); print(await f); let own = 1; print(own); };\n"
             "  await t;\n"
             "}");
  EXPECT_EQ(show(of.first<AsyncExpr>()->captures), "");
  const AsyncExpr *block = nullptr;
  flow::visitExprs(of.program.main->body, [&](const Expr &expr) {
    if (auto *async = llvm::dyn_cast<AsyncExpr>(&expr))
      block = async;
    return true;
  });
  EXPECT_EQ(show(block->captures), "n:mut k:copy y:mut x:read s:copy z:move f:move ");
}

TEST(Check, CapturesReachThroughNestedBodies) {
  Checked of("async fn main() {\n"
             "  let x = [1]; let k = 2;\n"
             "  let t = async { await sum each i in 1 => sum each j in 1 => x[i] * k * j };\n"
             "  print(await t);\n"
             "}");
  EXPECT_EQ(show(of.first<AsyncExpr>()->captures), "x:read k:copy ");
  const EachExpr *outer = of.first<EachExpr>();
  EXPECT_EQ(show(outer->captures), "x:read k:copy ");
  EXPECT_FALSE(outer->isSequential);
  const auto *inner = llvm::cast<EachExpr>(outer->body);
  EXPECT_TRUE(inner->isSequential);
  EXPECT_EQ(show(inner->captures), "x:read i:copy k:copy ");
}

TEST(Check, Effects) {
  Checked of("fn pure(x: i64) -> i64 { return x * 2 / 3; }\n"
             "fn divides(x: i64) -> i64 { return 1 / x; }\n"
             "fn calls(x: i64) -> i64 { return divides(x); }\n"
             "fn recurses(x: i64) -> i64 { if x > 0 { recurses(x - 1) } else { 0 } }\n"
             "fn prints(x: i64) { print(x); }\n"
             "fn through(x: i64) { prints(x); }\n"
             "fn main() { }");
  EXPECT_FALSE(of.function("pure")->mayFail);
  EXPECT_TRUE(of.function("divides")->mayFail);
  EXPECT_TRUE(of.function("calls")->mayFail);
  EXPECT_TRUE(of.function("recurses")->mayFail);
  EXPECT_FALSE(of.function("pure")->isHostOnly);
  EXPECT_EQ(of.function("prints")->hostOnlyWhy, "it calls `print`");
  EXPECT_EQ(of.function("through")->hostOnlyWhy, "it calls `prints`");
}

TEST(Check, StdFunctionsAreCompiledIfReached) {
  Checked of("fn main() { print(exp(1)); }", "fn part(x: f32) -> f32 { return __f32(__bits(x)); }\n"
                                             "pub fn exp_f32(x: f32) -> f32 { return part(x); }\n"
                                             "pub fn log_f32(x: f32) -> f32 { return x; }\n");
  std::vector<std::string> names;
  for (FnDecl *function : of.program.functions)
    names.push_back(function->name.str());
  EXPECT_EQ(names, (std::vector<std::string>{"main", "exp_f32", "part"}));
  const auto *text = of.first<CallExpr>();
  const auto *call = llvm::cast<CallExpr>(text->arguments.front().value);
  EXPECT_EQ(call->builtin, findBuiltin("exp"));
  EXPECT_EQ(call->function, of.function("exp_f32"));
}

TEST(Check, ConstantsAndSizes) {
  Checked of("fn sized(x: f32[m, n], y: f32[n, 3]) -> f32[m] { return zeros<f32>(m); }\n"
             "fn main() { let k = -3; let j = k; let mut m = 2; print(j + m); }");
  FnDecl *sized = of.function("sized");
  ASSERT_EQ(sized->sizes.size(), 2u);
  EXPECT_EQ(sized->sizes[0]->name, "m");
  EXPECT_EQ(sized->sizes[1]->name, "n");
  EXPECT_EQ(sized->returnType->str(), "f32[m]");
  auto variable = [&](unsigned statement) {
    return llvm::cast<LetStmt>(of.program.main->body->statements[statement])->pattern->var;
  };
  EXPECT_EQ(variable(0)->constant, -3);
  EXPECT_EQ(variable(1)->constant, -3);
  EXPECT_FALSE(variable(2)->constant);
}

TEST(Check, HoleFormats) {
  std::optional<HoleFormat> format = parseHoleFormat(">10.3e");
  ASSERT_TRUE(format);
  EXPECT_EQ(format->align, HoleFormat::Right);
  EXPECT_EQ(format->width, 10u);
  EXPECT_EQ(format->precision, 3u);
  EXPECT_EQ(format->style, HoleFormat::Exponent);
  EXPECT_TRUE(parseHoleFormat(""));
  for (const char *bad : {"z", ".", "x8", "<>", "1.x3", "99999"})
    EXPECT_FALSE(parseHoleFormat(bad)) << bad;
}

} // namespace
} // namespace awg
