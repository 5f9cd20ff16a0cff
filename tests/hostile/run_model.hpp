// What a program does with a model that somebody sent: read it, look at it, make it ready, run it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backends/backend.hpp"
#include "base/error.hpp"
#include "graph/print.hpp"
#include "graph/validate.hpp"
#include "hostile/finding.hpp"
#include "hostile/mutator.hpp"
#include "onnx/golden_models.hpp"
#include "onnx/read_model.hpp"
#include "onnx/write_model.hpp"
#include "workbench/random_inputs.hpp"

namespace slipway::hostile {

using Ints = std::vector<int64_t>;

// Sizes that the model leaves open become 1 to 4. Throws an Error where that is too much for a test.
inline RuntimeValue input_for(const Type& type, Mutator& random) {
  if (type.kind() == Type::Kind::kSequence) return Sequence{input_for(type.inner(), random)};
  if (!type.is_tensor()) return {};
  Dims dims;
  for (const Dim& dim : type.shape().value_or(Shape{2, 3}))
    dims.push_back(dim.is_known() ? dim.value() : static_cast<int64_t>(1 + random.below(4)));
  if (element_count(dims) > 1 << 16) fail(ErrorCode::kUnsupported, "inputs of this size are not made here");
  return workbench::random_tensor(type.element_type(), dims, random.number());
}

// Asks a run to stop after two seconds. A loop may count to 10^18 and be right: what matters is that it can
// be stopped.
class Deadline {
 public:
  Deadline() : timer_([this] { wait(); }) {}
  ~Deadline() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_one();
    timer_.join();
  }
  const Cancellation& cancellation() const { return cancellation_; }

 private:
  void wait() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(2), [this] { return done_; })) cancellation_.request();
  }

  Cancellation cancellation_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread timer_;
};

inline bool run_model(const Model& model, Mutator& random, std::vector<RuntimeValue> inputs = {}) {
  if (std::getenv("SLIPWAY_HOSTILE_CASE")) std::fputs(to_text(model).c_str(), stderr);
  validate(model);
  backends::CompileOptions options;
  options.threads = random.one_in(8) ? 2 : 1;
  options.optimize = !random.one_in(4);
  const auto executable = backends::find_backend("native").compile(
      {"", std::shared_ptr<const Model>(&model, [](const Model*) {})}, options);
  if (inputs.empty())
    for (const backends::Port& port : executable->inputs())
      inputs.push_back(port.optional ? RuntimeValue() : input_for(port.type, random));
  const Deadline deadline;
  const auto outputs = executable->run(inputs, deadline.cancellation());
  if (outputs.size() != executable->outputs().size())
    throw Finding("a number of outputs that is not the model's");
  return true;
}

// What can be read can be written and read again as the same.
inline bool read_and_run(const std::string& bytes, Mutator& random) {
  const Model model =
      read_model_bytes(testing::as_bytes(bytes), {.external_data_folder = testing::golden("")});
  const std::string written = write_model_bytes(model);
  const Model again = read_model_bytes(testing::as_bytes(written));
  if (to_text(again) != to_text(model))
    throw Finding("it is read otherwise after it was written:\n" + to_text(model) + to_text(again));
  if (write_model_bytes(again) != written) throw Finding("it is written otherwise after it was read");
  return run_model(model, random);
}

}  // namespace slipway::hostile
