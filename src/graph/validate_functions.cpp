#include "graph/validate_functions.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/error.hpp"
#include "graph/validate.hpp"

namespace slipway {
namespace {

std::string key_of(std::string_view domain, std::string_view name, std::string_view overload) {
  if (domain == "ai.onnx") domain = "";
  std::string key(domain);
  key.append(1, '\0').append(name).append(1, '\0').append(overload);
  return key;
}

struct Calls {
  std::vector<size_t> callees;  // a function for each node that calls one
  int64_t nodes = 0;
};

struct Measured {
  enum class State : uint8_t { kNew, kOpen, kDone } state = State::kNew;
  int depth = 1;
  int64_t expanded = 0;
};

class CallCheck {
 public:
  explicit CallCheck(const Model& model) : functions_(model.functions) {
    for (size_t i = 0; i < functions_.size(); ++i) {
      const Function& one = functions_[i];
      if (!index_.emplace(key_of(one.domain, one.name, one.overload), i).second)
        fail(ErrorCode::kInvalidModel, "{} is defined twice", describe(one));
    }
    for (const Function& one : functions_) calls_.push_back(calls_of(*one.body));
    measured_.resize(functions_.size());
  }

  void run() {
    for (size_t i = 0; i < functions_.size(); ++i)
      if (measured_[i].state == Measured::State::kNew) visit(i);
  }

 private:
  struct Frame {
    size_t function;
    size_t next = 0;  // of its callees
  };

  Calls calls_of(const Graph& body) const {
    Calls calls;
    std::vector<const Graph*> pending = {&body};
    while (!pending.empty()) {
      const Graph* graph = pending.back();
      pending.pop_back();
      for (const Node* node = graph->first_node(); node; node = node->next()) {
        ++calls.nodes;
        const auto callee = index_.find(key_of(node->domain(), node->op_type(), node->overload()));
        if (callee != index_.end()) calls.callees.push_back(callee->second);
        for_each_subgraph(*node, [&](const Graph& inner) { pending.push_back(&inner); });
      }
    }
    return calls;
  }

  void visit(size_t start) {
    open(start);
    while (!path_.empty()) {
      Frame& frame = path_.back();
      const Calls& calls = calls_[frame.function];
      if (frame.next == calls.callees.size()) {
        measured_[frame.function].state = Measured::State::kDone;
        path_.pop_back();
        continue;
      }
      const size_t callee = calls.callees[frame.next];
      switch (measured_[callee].state) {
        case Measured::State::kNew:
          open(callee);
          break;
        case Measured::State::kOpen:
          fail_for_cycle(callee);
        case Measured::State::kDone:
          ++frame.next;
          include(frame.function, callee);
          break;
      }
    }
  }

  void open(size_t function) {
    measured_[function].state = Measured::State::kOpen;
    measured_[function].expanded = calls_[function].nodes;
    path_.push_back({function});
  }

  void include(size_t caller, size_t callee) {
    Measured& measured = measured_[caller];
    measured.depth = std::max(measured.depth, measured_[callee].depth + 1);
    measured.expanded += measured_[callee].expanded;
    if (measured.depth > kMaxFunctionNesting)
      fail(ErrorCode::kInvalidModel, "{} calls functions that call functions, more than {} deep",
           describe(functions_[caller]), kMaxFunctionNesting);
    if (measured.expanded > kMaxExpandedNodes)
      fail(ErrorCode::kInvalidModel, "{} stands for more than {} nodes", describe(functions_[caller]),
           kMaxExpandedNodes);
  }

  [[noreturn]] void fail_for_cycle(size_t callee) const {
    auto first =
        std::find_if(path_.begin(), path_.end(), [&](const Frame& f) { return f.function == callee; });
    std::string through;
    for (auto frame = first + 1; frame < path_.end(); ++frame)
      through += (through.empty() ? " through " : ", ") + describe(functions_[frame->function]);
    fail(ErrorCode::kInvalidModel, "{} calls itself{}", describe(functions_[callee]), through);
  }

  const std::vector<Function>& functions_;
  std::unordered_map<std::string, size_t> index_;
  std::vector<Calls> calls_;
  std::vector<Measured> measured_;
  std::vector<Frame> path_;
};

}  // namespace

std::string describe(const Function& function) {
  std::string name = function.domain.empty() ? function.name : function.domain + "." + function.name;
  if (!function.overload.empty()) name += ":" + function.overload;
  return "function '" + name + "'";
}

void validate_calls(const Model& model) {
  if (!model.functions.empty()) CallCheck(model).run();
}

}  // namespace slipway
