// Damaged models: an error or a model, and never anything else. Run it under the sanitizers too.
#include <gtest/gtest.h>

#include <random>

#include "graph/print.hpp"
#include "graph/validate.hpp"
#include "onnx/golden_models.hpp"
#include "onnx/read_model.hpp"
#include "onnx/write_model.hpp"

namespace slipway {
namespace {

const char* const kSeeds[] = {"conv.onnx",       "nested.onnx",   "tensors.onnx",
                              "everything.onnx", "function.onnx", "external.onnx"};

// What a command would do with a model before it runs it. True when there was one.
bool survives(const std::string& bytes) {
  try {
    const Model model =
        read_model_bytes(testing::as_bytes(bytes), {.external_data_folder = testing::golden("")});
    // What can be read can be written, and is read again as the same.
    const std::string written = write_model_bytes(model);
    const Model again = read_model_bytes(testing::as_bytes(written));
    EXPECT_EQ(to_text(again), to_text(model));
    EXPECT_EQ(write_model_bytes(again), written);
    validate(model);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string mutated(std::string bytes, std::mt19937& random) {
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  for (size_t change = 1 + below(4); change > 0 && !bytes.empty(); --change) {
    const size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 2:
        bytes.erase(at, 1 + below(8));
        break;
      case 3:
        bytes.insert(at, bytes.substr(below(bytes.size()), below(64)));
        break;
      case 4:
        bytes.replace(at, 1, "\xff\xff\xff\xff\xff\xff\xff\xff\x7f");  // a huge number or length
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] + 1);
    }
  }
  return bytes;
}

TEST(HostileModel, EveryPrefix) {
  for (const char* name : kSeeds) {
    const std::string bytes = testing::file_bytes(testing::golden(name));
    EXPECT_TRUE(survives(bytes)) << name;
    for (size_t length = 0; length < bytes.size(); ++length) survives(bytes.substr(0, length));
  }
}

TEST(HostileModel, TenThousandMutations) {
  std::mt19937 random(20260101);
  int models = 0;
  for (int round = 0; round < 10000; ++round)
    models +=
        survives(mutated(testing::file_bytes(testing::golden(kSeeds[round % std::size(kSeeds)])), random));
  EXPECT_GT(models, 100);  // the mutations are not so wild that all of them stop at the door
}

}  // namespace
}  // namespace slipway
