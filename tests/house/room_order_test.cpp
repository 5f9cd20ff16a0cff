// Rooms include from rooms above them, never from below: the order of docs/design/rooms.md, looked up in
// every #include under src/ and include/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

// The first column of the table in docs/design/rooms.md, from top to bottom.
std::vector<std::string> read_rooms() {
  std::ifstream file(fs::path(SLIPWAY_SOURCE_DIR) / "docs/design/rooms.md");
  std::vector<std::string> rooms;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) rooms.push_back(line.substr(3, line.find('`', 3) - 3));
  return rooms;
}

const std::vector<std::string> kRooms = read_rooms();
// The public headers have no room below or above: these implement or use them, and programs outside.
const std::vector<std::string> kUsersOfThePublicApi = {"custom", "api", "cli"};

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

size_t place_of(const std::string& room) {
  return static_cast<size_t>(std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin());
}

// What an #include line names, without its delimiters; "" for other lines.
std::string included_path(std::string_view line) {
  const auto skip_spaces = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip_spaces();
  if (line.empty() || line[0] != '#') return "";
  line.remove_prefix(1);
  skip_spaces();
  if (!line.starts_with("include")) return "";
  line.remove_prefix(std::string_view("include").size());
  skip_spaces();
  if (line.empty() || (line[0] != '"' && line[0] != '<')) return "";
  const size_t end = line.find(line[0] == '"' ? '"' : '>', 1);
  return std::string(line.substr(1, end == std::string_view::npos ? end : end - 1));
}

// Why a file of `room` ("" for the public headers) may not include `path`; "" when it may.
std::string objection(const std::string& room, const std::string& path, bool quoted) {
  const std::string from = path.substr(0, path.find('/'));
  if (path.find("..") != std::string::npos) return "a path goes from src/ or include/ down, never up";
  if (from == "slipway") {
    const bool allowed = room.empty() || contains(kUsersOfThePublicApi, room);
    return allowed ? "" : "the public headers are for custom, api, cli and programs outside";
  }
  if (!contains(kRooms, from) || path.find('/') == std::string::npos)
    return quoted && from != "hwy" ? "our headers are included as \"room/file.hpp\", others in <>" : "";
  if (room.empty()) return "the public headers include nothing from src/";
  return place_of(from) > place_of(room) ? "room " + from + " is below room " + room : "";
}

std::vector<std::string> violations(const std::string& file, const std::string& room, std::istream& text) {
  std::vector<std::string> found;
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    const std::string path = included_path(line);
    if (path.empty()) continue;
    const std::string why = objection(room, path, line.find('"') != std::string::npos);
    if (!why.empty()) found.push_back(file + ":" + std::to_string(number) + ": " + line + ": " + why);
  }
  return found;
}

bool is_source(const fs::path& path) {
  static const std::vector<std::string> kEndings = {".hpp", ".h", ".cpp", ".c", ".cc", ".inc"};
  return contains(kEndings, path.extension().string());
}

struct Survey {
  std::vector<std::string> violations;
  int files = 0;
};

Survey survey(const fs::path& root) {
  Survey result;
  for (const char* top : {"src", "include"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      const fs::path relative = fs::relative(entry.path(), root);
      const std::string room = std::string(top) == "src" ? std::next(relative.begin())->string() : "";
      std::ifstream file(entry.path());
      const auto found = violations(relative.string(), room, file);
      result.violations.insert(result.violations.end(), found.begin(), found.end());
      ++result.files;
    }
  }
  return result;
}

TEST(RoomOrder, TheTableIsRead) {
  ASSERT_THAT(kRooms, testing::IsSupersetOf({"base", "ops", "engine", "cli"}));
  EXPECT_EQ(kRooms.front(), "base");
  EXPECT_EQ(kRooms.back(), "cli");
}

TEST(RoomOrder, NoIncludePointsDown) {
  const Survey result = survey(SLIPWAY_SOURCE_DIR);
  EXPECT_GT(result.files, 40) << "the sources were not found";
  EXPECT_THAT(result.violations, testing::IsEmpty());
}

TEST(RoomOrder, EveryFolderIsARoom) {
  for (const auto& entry : fs::directory_iterator(fs::path(SLIPWAY_SOURCE_DIR) / "src")) {
    if (!entry.is_directory()) continue;
    EXPECT_TRUE(contains(kRooms, entry.path().filename().string())) << entry.path();
    EXPECT_TRUE(fs::exists(entry.path() / "README.md")) << entry.path();
  }
}

std::vector<std::string> violations_of(const std::string& room, const std::string& text) {
  std::istringstream stream(text);
  return violations("planted", room, stream);
}

TEST(RoomOrder, PlantedViolationsAreFound) {
  EXPECT_THAT(violations_of("tensor", "#include \"graph/graph.hpp\"\n"),
              testing::ElementsAre(
                  testing::HasSubstr("planted:1: #include \"graph/graph.hpp\": room graph is below")));
  EXPECT_EQ(violations_of("workbench", "\n  #  include <pipeline/pipeline.hpp>\n").size(), 1U);
  EXPECT_EQ(violations_of("graph", "#include \"../ops/operator.hpp\"").size(), 1U);
  EXPECT_EQ(violations_of("graph", "#include \"graph.hpp\"").size(), 1U);
  EXPECT_EQ(violations_of("engine", "#include \"slipway/slipway.h\"").size(), 1U);
  EXPECT_EQ(violations_of("", "#include <base/error.hpp>").size(), 1U);
}

TEST(RoomOrder, WhatIsAllowedIsNotFound) {
  EXPECT_THAT(violations_of("pipeline",
                            "#include \"workbench/compare.hpp\"\n#include \"pipeline/task.hpp\"\n"
                            "#include <vector>\n#include <fmt/format.h>\n// #include \"cli/run.hpp\"\n"),
              testing::IsEmpty());
  EXPECT_THAT(violations_of("engine", "#include \"hwy/foreach_target.h\"\n"), testing::IsEmpty());
  EXPECT_THAT(violations_of("api", "#include \"slipway/slipway.h\"\n"), testing::IsEmpty());
  EXPECT_THAT(violations_of("", "#include \"slipway/slipway.h\"\n#include <stdint.h>\n"), testing::IsEmpty());
}

TEST(RoomOrder, APlantedFileIsFound) {
  const fs::path root = fs::path(SLIPWAY_BINARY_DIR) / "room_order_test";
  fs::remove_all(root);
  fs::create_directories(root / "src/base/deep");
  std::ofstream(root / "src/base/deep/wrong.cpp") << "#include \"cli/run.hpp\"\n";
  EXPECT_THAT(survey(root).violations, testing::ElementsAre(testing::HasSubstr("src/base/deep/wrong.cpp:1")));
  fs::remove_all(root);
}

}  // namespace
