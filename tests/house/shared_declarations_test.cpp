// custom_op.h stands alone, so it repeats what it shares with slipway.h: word for word.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace {

// From "#ifndef GUARD" to its "#endif".
std::string block(const std::string& header, const std::string& guard) {
  std::ifstream file(std::string(SLIPWAY_SOURCE_DIR) + "/include/slipway/" + header);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t begin = text.find("#ifndef " + guard + "\n");
  if (begin == std::string::npos) return header + " has no " + guard;
  return text.substr(begin, text.find("#endif", begin) - begin);
}

TEST(SharedDeclarations, AreTheSame) {
  for (const char* guard : {"SLIPWAY_STATUSES", "SLIPWAY_ELEMENT_TYPES"}) {
    const std::string shared = block("slipway.h", guard);
    EXPECT_GT(shared.size(), 500U) << shared;
    EXPECT_EQ(shared, block("custom_op.h", guard));
  }
}

}  // namespace
