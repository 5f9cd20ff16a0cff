// Operators on strings. Expected values: StringSplit by NumPy 2's char.split, RegexFullMatch and
// TfIdfVectorizer by ONNX Runtime 1.32, letters by Unicode 15's tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ops/letter_case.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::ThrowsMessage;

const Type kStrings = Type::tensor(DataType::kString, Shape{Dim::symbol("n")});

Tensor words(const std::vector<std::string>& list) {
  return Tensor::from<std::string>({static_cast<int64_t>(list.size())}, std::span(list));
}

TEST(LetterCase, KnowsOtherAlphabetsAndLeavesOtherBytesAlone) {
  EXPECT_EQ(to_upper("straße, жук, éa1"), "STRAßE, ЖУК, ÉA1");
  EXPECT_EQ(to_lower("ΣÀÑ"), "σàñ");
  EXPECT_EQ(to_upper("a\xffz\xc3"), "A\xffZ\xc3");
}

TEST(StringSplit, CutsAtWhitespaceAsOften) {
  const OneOperator split("StringSplit", {kStrings}, {{"maxsplit", int64_t{1}}}, 2);
  const Tensor pieces = split.run({words({"  a b  c ", "", "x"})});
  EXPECT_EQ(pieces.dims(), (Dims{3, 2}));
  EXPECT_THAT(pieces.data<Text>(), ElementsAre("a", "b  c ", "", "", "x", ""));
  EXPECT_THAT(split.run({words({"  a b  c ", "", "x"})}, 1).data<int64_t>(), ElementsAre(2, 0, 1));
  EXPECT_EQ(split.output_type(), "string[n,?]");
}

TEST(StringSplit, OfNothingIsNothing) {
  const OneOperator split("StringSplit", {kStrings}, {{"delimiter", "--"}}, 2);
  EXPECT_EQ(split.run({words({})}).dims(), (Dims{0, 0}));
  EXPECT_THAT(split.run({words({"a----b"})}).data<Text>(), ElementsAre("a", "", "b"));
}

TEST(StringConcat, Broadcasts) {
  const OneOperator concat("StringConcat", {kStrings, Type::tensor(DataType::kString, Shape{})});
  EXPECT_THAT(concat.run({words({"a", "b"}), Tensor::scalar<std::string>("!")}).data<Text>(),
              ElementsAre("a!", "b!"));
}

TEST(StringNormalizer, RefusesOtherShapesAndRules) {
  const OneOperator table("StringNormalizer", {Type::tensor(DataType::kString)});
  EXPECT_THAT([&] { table.run({words({"a", "b"}).reshaped({2, 1})}); },
              ThrowsMessage<Error>(HasSubstr("[C] or [1,C]")));
  const OneOperator turkish("StringNormalizer", {kStrings}, {{"locale", "tr_TR"}});
  EXPECT_THAT([&] { turkish.run({words({"a"})}); }, ThrowsMessage<Error>(HasSubstr("tr_TR")));
  const OneOperator stops("StringNormalizer", {kStrings}, {{"stopwords", std::vector<std::string>{"É"}}});
  EXPECT_THAT(stops.run({words({"é", "b"})}).data<Text>(), ElementsAre("b"));
}

TEST(RegexFullMatch, MatchesWholeStringsAndRefusesOtherSyntax) {
  const OneOperator match("RegexFullMatch", {kStrings}, {{"pattern", "a+b?"}});
  EXPECT_THAT(match.run({words({"aab", "aabc", "", "é"})}).data<bool>(),
              ElementsAre(true, false, false, false));
  const OneOperator broken("RegexFullMatch", {kStrings}, {{"pattern", "(a"}});
  EXPECT_THAT([&] { broken.run({words({"a"})}); }, ThrowsMessage<Error>(HasSubstr("no RE2 expression")));
}

OneOperator vectorizer(const Type& input, const std::string& mode, int64_t skips) {
  std::vector<OneOperator::Setting> settings{{"mode", mode},
                                             {"min_gram_length", int64_t{1}},
                                             {"max_gram_length", int64_t{2}},
                                             {"max_skip_count", skips},
                                             {"ngram_counts", std::vector<int64_t>{0, 2}},
                                             {"ngram_indexes", std::vector<int64_t>{0, 1, 2, 3}},
                                             {"weights", std::vector<float>{0.5F, 1, 2, 3}},
                                             {"pool_int64s", std::vector<int64_t>{2, 3, 2, 3, 3, 2}}};
  return OneOperator("TfIdfVectorizer", {input}, settings);
}

TEST(TfIdfVectorizer, CountsWithSkipsAndWeights) {
  const Type list = Type::tensor(DataType::kInt64, Shape{Dim::symbol("n")});
  const Tensor numbers = integers({2, 3, 3, 2, 9, 3});
  EXPECT_THAT(vectorizer(list, "TF", 0).run({numbers}).data<float>(), ElementsAre(2, 3, 1, 1));
  EXPECT_THAT(vectorizer(list, "TF", 1).run({numbers}).data<float>(), ElementsAre(2, 3, 3, 2));
  EXPECT_THAT(vectorizer(list, "IDF", 1).run({numbers}).data<float>(), ElementsAre(0.5, 1, 2, 3));
  EXPECT_THAT(vectorizer(list, "TFIDF", 1).run({numbers}).data<float>(), ElementsAre(1, 3, 6, 6));
  // Of more skips than there are words, none is left out.
  EXPECT_THAT(vectorizer(list, "TF", std::numeric_limits<int64_t>::max()).run({numbers}).data<float>(),
              ElementsAreArray(vectorizer(list, "TF", 4).run({numbers}).data<float>()));
  EXPECT_EQ(vectorizer(list, "TF", 0).output_type(), "f32[4]");
  EXPECT_THAT([&] { vectorizer(list, "tf", 0).run({numbers}); },
              ThrowsMessage<Error>(HasSubstr("mode is 'tf'")));
}

}  // namespace
}  // namespace slipway::ops
