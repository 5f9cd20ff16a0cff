// Pickles written opcode by opcode, as https://github.com/python/cpython/blob/main/Lib/pickletools.py defines
// them.
#include "torch/pickle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace slipway::torch {
namespace {

using ::testing::HasSubstr;

// The pickle's bytes must outlive the values.
class Pickle {
 public:
  explicit Pickle(std::string bytes)
      : bytes_(std::move(bytes)), reader_(std::as_bytes(std::span(bytes_))), root_(reader_.read()) {}
  const PickleValue& root() const { return root_; }

 private:
  std::string bytes_;
  PickleReader reader_;
  const PickleValue& root_;
};

std::string pickle_error(const std::string& bytes) {
  try {
    const Pickle pickle(bytes);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// Texts with NUL in them.
template <size_t N>
std::string raw(const char (&text)[N]) {
  return std::string(text, N - 1);
}

TEST(Pickle, Numbers) {
  EXPECT_EQ(*Pickle("K\xff.").root().as<int64_t>(), 255);
  EXPECT_EQ(*Pickle("J\xfe\xff\xff\xff.").root().as<int64_t>(), -2);
  EXPECT_EQ(*Pickle("\x8a\x01\xfe.").root().as<int64_t>(), -2);
  EXPECT_EQ(*Pickle(raw("\x8a\x00.")).root().as<int64_t>(), 0);
  EXPECT_EQ(*Pickle("L-12345678901L\n.").root().as<int64_t>(), -12345678901);
  EXPECT_EQ(*Pickle("I01\n.").root().as<bool>(), true);
  EXPECT_EQ(*Pickle(raw("G\xbf\xf8\x00\x00\x00\x00\x00\x00.")).root().as<double>(), -1.5);
  EXPECT_EQ(*Pickle("F0.25\n.").root().as<double>(), 0.25);
  EXPECT_EQ(Pickle("\x8a\x09"
                   "123456789.")
                .root()
                .as<PickleBigInteger>()
                ->bytes,
            "123456789");
}

TEST(Pickle, ContainersAndMemo) {
  // {'a': [1, 2], 'b': the same list}
  const Pickle pickle(
      raw("}(X\x01\x00\x00\x00"
          "a](K\x01K\x02"
          "eq\x07X\x01\x00\x00\x00"
          "bh\x07u."));
  const auto& items = pickle.root().as<PickleDict>()->items;
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(*items[1].first->as<std::string>(), "b");
  EXPECT_EQ(items[0].second, items[1].second);
  EXPECT_EQ(items[0].second->as<PickleList>()->elements.size(), 2U);
}

TEST(Pickle, CallsAreRecords) {
  const Pickle pickle("cos\nsystem\n(S'rm -rf /'\ntR.");
  const auto* object = pickle.root().as<PickleObject>();
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(pickle.root().describe(), "an object of 'os.system'");
  EXPECT_EQ(*object->arguments->as<PickleList>()->elements[0]->as<std::string>(), "rm -rf /");
}

TEST(Pickle, AListMayHoldItself) {
  const Pickle pickle(
      "]q\x01h\x01"
      "a.");
  EXPECT_EQ(pickle.root().as<PickleList>()->elements[0], &pickle.root());
}

TEST(Pickle, DamageIsAnError) {
  EXPECT_THAT(pickle_error(""), HasSubstr("ends too early"));
  EXPECT_THAT(pickle_error("."), HasSubstr("empty stack"));
  EXPECT_THAT(pickle_error("h\x05."), HasSubstr("never kept"));
  EXPECT_THAT(pickle_error("K\x01K\x02"
                           "a."),
              HasSubstr("no list"));
  EXPECT_THAT(pickle_error("t."), HasSubstr("mark"));
  // Values below a mark are not to be had.
  EXPECT_THAT(pickle_error("K\x01(0R."), HasSubstr("empty stack"));
  EXPECT_THAT(pickle_error("X\xff\xff\xff\xff"
                           "a."),
              HasSubstr("ends too early"));
  EXPECT_THAT(pickle_error("\x8e\xff\xff\xff\xff\xff\xff\xff\xff"
                           "a."),
              HasSubstr("ends too early"));
  EXPECT_THAT(pickle_error("\x80\x06."), HasSubstr("newer than 5"));
  EXPECT_THAT(pickle_error("\x82\x01."), HasSubstr("opcode 0x82"));
  EXPECT_THAT(pickle_error(std::string(kMostPickleValues + 1, 'N') + "."), HasSubstr("more than"));
}

}  // namespace
}  // namespace slipway::torch
