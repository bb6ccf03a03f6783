// Types are the same if and only if they are written the same.
#include "frontend/AST/AST.h"

#include <gtest/gtest.h>

using namespace awg;

namespace {

TEST(Type, AreUnique) {
  TypeContext types;
  EXPECT_EQ(types.tuple({types.i64, types.f32}), types.tuple({types.i64, types.f32}));
  EXPECT_NE(types.tuple({types.i64, types.f32}), types.tuple({types.f32, types.i64}));
  EXPECT_EQ(types.array(types.f32, {Extent::any()}), types.array(types.f32, {Extent::any()}));
  EXPECT_NE(types.array(types.f32, {Extent::constant(3)}), types.array(types.f32, {Extent::any()}));
  EXPECT_EQ(types.future(types.unit), types.future(types.tuple({})));
  EXPECT_TRUE(types.unit->isUnit());
}

TEST(Type, AreFoundByName) {
  TypeContext types;
  EXPECT_EQ(types.named("bf16"), types.bf16);
  EXPECT_EQ(types.named("u8"), types.u8);
  EXPECT_EQ(types.named("duration"), types.duration);
  EXPECT_EQ(types.named("never"), nullptr);
  EXPECT_EQ(types.named("i128"), nullptr);
}

TEST(Type, AreSpelledAsWritten) {
  TypeContext types;
  VarDecl size("n", SMLoc(), VarDecl::Size);
  const Type *array = types.array(types.bf16, {Extent::named(&size), Extent::constant(3), Extent::any()});
  EXPECT_EQ(types.future(types.tuple({array, types.boolean}))->str(), "future<(bf16[n, 3, _], bool)>");
  EXPECT_EQ(types.unit->str(), "()");
  EXPECT_EQ(types.tuple({types.u64})->str(), "(u64,)");
}

} // namespace
