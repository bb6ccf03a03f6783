// Precedence, attachment, what is refused, and recovery.
#include "Text.h"

#include <gtest/gtest.h>

using namespace awg;
using namespace awg::test;

namespace {

/// An expression with all its brackets, names and numbers alone.
std::string bracketed(const Expr *expr) {
  switch (expr->kind) {
  case ExprKind::Binary: {
    auto *binary = llvm::cast<BinaryExpr>(expr);
    return "(" + bracketed(binary->left) + " " + spelling(binary->op).str() + " " + bracketed(binary->right) + ")";
  }
  case ExprKind::Unary:
    return "(-" + bracketed(llvm::cast<UnaryExpr>(expr)->operand) + ")";
  case ExprKind::Cast:
    return "(" + bracketed(llvm::cast<CastExpr>(expr)->operand) + " as)";
  case ExprKind::Await: {
    auto *await = llvm::cast<AwaitExpr>(expr);
    return "(await " + bracketed(await->operand) + (await->on ? " on " + bracketed(await->on) : "") +
           (await->within ? " within" : "") + ")";
  }
  case ExprKind::Async: {
    auto *async = llvm::cast<AsyncExpr>(expr);
    return "(async " + bracketed(async->operand) + (async->on ? " on " + bracketed(async->on) : "") + ")";
  }
  case ExprKind::Each:
    return "each(" + bracketed(llvm::cast<EachExpr>(expr)->body) + ")";
  case ExprKind::Comprehension:
    return "[" + bracketed(llvm::cast<ComprehensionExpr>(expr)->body) + "]";
  case ExprKind::Paren:
    return "p" + bracketed(llvm::cast<ParenExpr>(expr)->inner);
  case ExprKind::Call: {
    auto *call = llvm::cast<CallExpr>(expr);
    return bracketed(call->callee) + (call->typeArguments.empty() ? "" : "<" + std::to_string(call->typeArguments.size()) + ">") +
           "(" + std::to_string(call->arguments.size()) + ")";
  }
  default:
    return llvm::StringRef(expr->range.Start.getPointer(), expr->range.End.getPointer() - expr->range.Start.getPointer()).str();
  }
}

std::string shape(llvm::StringRef expression) {
  Text source(("fn f() { " + expression + " }").str());
  Module *module = source.module();
  EXPECT_EQ(source.errors(), "") << expression.str();
  if (source.diags.hasErrors() || !module->functions[0]->body->tail)
    return "";
  return bracketed(module->functions[0]->body->tail);
}

TEST(Parser, BindsOperatorsByTheTable) {
  EXPECT_EQ(shape("a + b * c - d"), "((a + (b * c)) - d)");
  EXPECT_EQ(shape("a | b ^ c & d << e + f"), "(a | (b ^ (c & (d << (e + f)))))");
  EXPECT_EQ(shape("a < b | c && d || e"), "(((a < (b | c)) && d) || e)");
  EXPECT_EQ(shape("-a as i64 * b"), "(((-a) as) * b)");
  EXPECT_EQ(shape("await f() + 1"), "((await f(0)) + 1)");
  EXPECT_EQ(shape("a < b && c < d"), "((a < b) && (c < d))");
}

TEST(Parser, TellsTypeArgumentsFromLess) {
  EXPECT_EQ(shape("zeros<f32>(n)"), "zeros<1>(1)");
  EXPECT_EQ(shape("f<future<future<i64>>>(x)"), "f<1>(1)");
  EXPECT_EQ(shape("f<(i64, f32[n, 2]), bool>()"), "f<2>(0)");
  EXPECT_EQ(shape("a < b"), "(a < b)");
  EXPECT_EQ(shape("f(a < b, c > d)"), "f(2)");
  EXPECT_EQ(shape("a < (b)"), "(a < pb)");
}

TEST(Parser, AttachesOnAndWithinOutsideTheBody) {
  EXPECT_EQ(shape("await sum each i in n => x[i] + 1 on gpu"), "(await each((x[i] + 1)) on gpu)");
  EXPECT_EQ(shape("await f() on gpu(1) within 50ms"), "(await f(0) on gpu(1) within)");
  EXPECT_EQ(shape("[for i in 0..8 => async work(i) on cpu]"), "[(async work(1) on cpu)]");
  EXPECT_EQ(shape("await (async f() on gpu)"), "(await p(async f(0) on gpu))");
  EXPECT_EQ(shape("await each i in n { } on gpu"), "(await each({ }) on gpu)");
}

TEST(Parser, ReservesNoWordsThatAreSpecialInPlace) {
  EXPECT_EQ(errorsIn("let sum = 1; let on = sum; let within = on; let block = 2; let limit = atomic; cancel = 3; min += max;\n"
                     "scan(x); reduce(a, b); atomic(x); test = shared + local; gpu.task = cpu; x.for = t.each;\n"
                     "each block in n => block;"),
            "");
}

TEST(Parser, EndsBlockLikeStatementsAtTheirBrace) {
  EXPECT_EQ(errorsIn("if a { } else { };\n each i in n { }\n await each i in n { }\n { }\n while a { } (x);"), "");
}

TEST(Parser, MutBeforeATuplePatternGoesForAllNames) {
  EXPECT_NE(treeOf("fn f() { let mut (a, b) = c; }").find("Name mut b"), std::string::npos);
}

TEST(Parser, GivesDocumentationToTheNextItem) {
  Text source("/// One.\n// not\n///\n/// Two.\npub fn f() { }\nfn g() { }");
  Module *module = source.module();
  ASSERT_EQ(module->functions.size(), 2u);
  EXPECT_EQ(module->functions[0]->doc, "One.\n\nTwo.");
  EXPECT_EQ(module->functions[1]->doc, "");
}

TEST(Parser, PointsBehindTheTokenWhereASemicolonIsMissing) {
  EXPECT_EQ(errorsIn("let x = 1\nlet y = 2;"), "2:10: error: expected ';' after the value [syntax-error]\n");
  EXPECT_EQ(errorsIn("f(1, 2\ng();"), "2:7: error: expected ')' after the arguments [syntax-error]\n");
}

TEST(Parser, RefusesChainedComparisonsAndGoesOn) {
  EXPECT_EQ(errorsIn("let x = a < b < c; let y = ;"), "2:15: error: comparisons do not chain [syntax-error]\n"
                                                      "2:28: error: expected an expression, found ';' [syntax-error]\n");
}

TEST(Parser, ReportsOneErrorAStatement) {
  EXPECT_EQ(errorsIn("let = 3 4 5;\nf(a b c);\nlet z = 1;\nx y z;\nif if { }\nlet w = ;"),
            "2:5: error: expected a name, '_' or '(' of a pattern, found '=' [syntax-error]\n"
            "3:5: error: expected ',' or ')' after the argument, found 'b' [syntax-error]\n"
            "5:2: error: expected ';' after the expression, found 'y' [syntax-error]\n"
            "6:10: error: expected '{' after the condition [syntax-error]\n"
            "7:9: error: expected an expression, found ';' [syntax-error]\n");
}

TEST(Parser, FindsTheBlockThatIsNotClosed) {
  EXPECT_EQ(errorsOf("fn f() {\n  if a {\n}\nfn g() { let x = ; }"),
            "4:1: error: expected '}', found 'fn' [syntax-error]\n4:18: error: expected an expression, found ';' [syntax-error]\n");
}

TEST(Parser, GoesOnBehindABadHead) {
  EXPECT_EQ(errorsOf("fn f(i64 x) { let y = ; }\nfn g() -> { }\nfn h() { let z = ; }"),
            "1:6: error: a parameter is written 'name: type' [syntax-error]\n"
            "1:23: error: expected an expression, found ';' [syntax-error]\n"
            "2:11: error: expected a type, found '{' [syntax-error]\n"
            "3:18: error: expected an expression, found ';' [syntax-error]\n");
}

/// Every construct of a later version: one not-yet, and the error behind it is still found.
TEST(Parser, RefusesLaterConstructsOnce) {
  for (const char *text :
       {"await each task t in n { await f(t); }"}) {
    std::string errors = errorsIn((llvm::Twine(text) + "\nlet y = ;").str());
    llvm::SmallVector<llvm::StringRef> lines;
    llvm::StringRef(errors).split(lines, '\n', -1, false);
    ASSERT_EQ(lines.size(), 2u) << text << "\n" << errors;
    EXPECT_TRUE(lines[0].starts_with("2:") && lines[0].ends_with("[not-yet]")) << errors;
    EXPECT_TRUE(lines[1].starts_with("3:9:")) << errors;
  }
  for (const char *text : {"@warps(4)"}) {
    std::string errors = errorsOf((llvm::Twine(text) + "\nfn g() { let y = ; }").str());
    llvm::SmallVector<llvm::StringRef> lines;
    llvm::StringRef(errors).split(lines, '\n', -1, false);
    ASSERT_EQ(lines.size(), 2u) << text << "\n" << errors;
    EXPECT_TRUE(lines[0].starts_with("1:") && lines[0].ends_with("[not-yet]")) << errors;
    EXPECT_TRUE(lines[1].starts_with("2:18:")) << errors;
  }
}

TEST(Parser, LimitsTheDepthAndTheLength) {
  const unsigned many = 100'000;
  auto repeat = [&](llvm::StringRef text) {
    std::string all;
    for (unsigned count = 0; count != many; ++count)
      all += text;
    return all;
  };
  for (const std::string &text :
       {repeat("("), repeat("{"), repeat("- "), repeat("["), repeat("f("), repeat("if a { } else "), repeat("await "),
        "let x: " + repeat("future<"), "let x: " + repeat("("), "let " + repeat("("), repeat("each i in n => "), repeat("\"{"),
        "x = 1" + repeat(" + 1"), "x = 1" + repeat(" as i64"), "x = a" + repeat(".b"), "x = a" + repeat("[0]")}) {
    std::string errors = errorsIn(text);
    EXPECT_EQ(llvm::StringRef(errors).count("\n"), 1u) << errors.substr(0, 1000);
    EXPECT_TRUE(llvm::StringRef(errors).contains("deeply") || llvm::StringRef(errors).contains("too long"));
  }
  EXPECT_EQ(errorsIn("x = " + std::string(200, '(') + "1" + std::string(200, ')') + ";"), "");
}

TEST(Parser, SurvivesTheEmptyFile) {
  EXPECT_EQ(treeOf(""), "");
  EXPECT_EQ(treeOf("\xEF\xBB\xBF// only a comment"), "");
}

} // namespace
