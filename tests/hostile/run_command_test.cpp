// `slipway run --max-memory` as people call it: what the whole process holds, by the system's own count, and
// what it says. And `--time-limit`, for what would never end.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/scratch_folder.hpp"
#include "hostile/large_results.hpp"
#include "hostile/sanitized.hpp"
#include "onnx/write_model.hpp"
#include "workbench/npz.hpp"

extern char** environ;

namespace slipway::hostile {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Ended {
  int status = -1;  // the exit code
  size_t peak_bytes = 0;
  std::string said;  // to standard error
};

Ended run_command(const ScratchFolder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SLIPWAY_BINARY_DIR "/slipway");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const std::string errors = folder.path() / "errors.txt";
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
          static_cast<size_t>(usage.ru_maxrss) * 1024, ScratchFolder::read(errors)};
}

std::vector<std::string> arguments_for(const ScratchFolder& folder, const LargeResult& made) {
  const std::string model = folder.path() / "model.onnx", inputs = folder.path() / "inputs.npz";
  write_model(*made.maker.model, model);
  workbench::NamedTensors named;
  for (size_t i = 0; i < made.inputs.size(); ++i)
    named.emplace_back(made.maker.model->graph->inputs()[i]->name(), made.inputs[i].tensor());
  workbench::write_npz(inputs, named);
  std::vector<std::string> arguments{"run", model, "-o", folder.path() / "out.npz"};
  if (!named.empty()) arguments.insert(arguments.end(), {"-i", inputs});
  return arguments;
}

class RunCommand : public ::testing::TestWithParam<LargeCase> {};

TEST_P(RunCommand, StaysBelowTheLimit) {
  const LargeCase& one = GetParam();
  LargeResult made(one.can_be_hidden);
  one.make(made);
  const ScratchFolder folder;
  auto arguments = arguments_for(folder, made);
  arguments.insert(arguments.end(), {"--max-memory", "256M", "--threads", "2"});
  const Ended ended = run_command(folder, arguments);
  if (ended.status == 0) {
    EXPECT_TRUE(one.may_pass);
  } else {
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.said, AllOf(HasSubstr(one.op_type), HasSubstr("memory limit")));
  }
  if (!SLIPWAY_SANITIZED) {
    EXPECT_LT(ended.peak_bytes >> 20, 256U + 64U) << ended.said;
  }
}

INSTANTIATE_TEST_SUITE_P(Operators, RunCommand, ::testing::ValuesIn(large_cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

// A Loop of 10^18 rounds whose body does next to nothing.
TEST(TimeLimit, EndsALoopThatWouldNot) {
  LargeResult made(false);
  Value* x = made.floats({4});
  Node* node = made.end("Loop", {made.size(1'000'000'000'000'000'000), nullptr, x});
  auto body = std::make_unique<Graph>("body", node);
  body->add_input("round", Type::tensor(DataType::kInt64, Shape{}));
  Value* going = body->add_input("going", Type::tensor(DataType::kBool, Shape{}));
  Value* value = body->add_input("carried", Type::tensor(DataType::kFloat, Shape{4}));
  body->add_output(body->add_node("Identity", {going})->output(0));
  body->add_output(body->add_node("Neg", {value})->output(0));
  node->set_attribute("body", std::move(body));
  const ScratchFolder folder;
  auto arguments = arguments_for(folder, made);
  arguments.insert(arguments.end(), {"--time-limit", "0.3"});
  const Ended ended = run_command(folder, arguments);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.said, AllOf(HasSubstr("time limit"), HasSubstr("Loop")));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out.npz"));
}

// Some hundred bytes, of which a product of two constants would keep loading busy for minutes.
TEST(TimeLimit, LoadingDoesNotComputeForMinutes) {
  LargeResult made(false);
  const auto square = [&] { return made.maker.node("ConstantOfShape", {made.sizes({6000, 6000})}); };
  Value* product = made.maker.node("MatMul", {square(), square()});
  made.end("Gather", {product, made.input(DataType::kInt64, {})});
  const ScratchFolder folder;
  auto arguments = arguments_for(folder, made);
  arguments.insert(arguments.end(), {"--time-limit", "0.001"});
  const Ended ended = run_command(folder, arguments);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.said, HasSubstr("time limit"));
}

TEST(RunOptions, OfMemoryAndTimeAreChecked) {
  const ScratchFolder folder;
  for (const auto& [option, value] : {std::pair{"--max-memory", "0"},
                                      {"--max-memory", "much"},
                                      {"--time-limit", "-1"},
                                      {"--time-limit", "soon"}}) {
    const Ended ended = run_command(folder, {"run", "m.onnx", "-o", "o.npz", option, value});
    EXPECT_EQ(ended.status, 2) << option << ' ' << value;
    EXPECT_THAT(ended.said, HasSubstr(option));
  }
}

}  // namespace
}  // namespace slipway::hostile
