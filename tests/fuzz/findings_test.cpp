// Files that once brought a reader down, in findings/TARGET/, through the same targets as the fuzzers'.
#include <filesystem>

#include "fuzz/targets.hpp"
#include "hostile/sandbox.hpp"
#include "onnx/golden_models.hpp"

namespace slipway::fuzz {
namespace {

std::vector<std::filesystem::path> findings_of(const NamedTarget& target) {
  std::vector<std::filesystem::path> files;
  const auto folder =
      std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/fuzz/findings" / std::string(target.name);
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Findings, StayMended) {
  for (const NamedTarget& target : kTargets) {
    SCOPED_TRACE(target.name);
    const auto files = findings_of(target);
    hostile::expect_harmless(files.size(), [&](size_t index) {
      const std::string bytes = testing::file_bytes(files[index]);
      target.run(testing::as_bytes(bytes));
      return true;
    });
  }
}

TEST(Findings, TargetsTakeWhatIsWhole) {
  const auto folder = std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/golden";
  const std::string model = testing::file_bytes(folder / "onnx/conv.onnx");
  EXPECT_NO_THROW(try_model(testing::as_bytes(model)));
  EXPECT_THROW(try_model(testing::as_bytes(model.substr(0, model.size() / 2))), Error);
}

}  // namespace
}  // namespace slipway::fuzz
