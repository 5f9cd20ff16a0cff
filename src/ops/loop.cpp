// Loop: runs a body while a condition holds and a trip count allows it. Some outputs of the body are inputs
// of the next round (the carried values), the others are collected, one row a round.
#include <algorithm>

#include "base/error.hpp"
#include "ops/body.hpp"
#include "ops/loop_form.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {

LoopForm loop_form(const Node& node) {
  constexpr size_t kFirstCarried = LoopForm::kFirstCarried;
  const size_t carried = std::max(node.inputs().size(), kFirstCarried) - kFirstCarried;
  const Graph& body = body_of(node, "body", LoopForm::kFirstOutput + node.outputs().size());
  if (body.inputs().size() != kFirstCarried + carried || node.outputs().size() < carried)
    fail(ErrorCode::kInvalidModel,
         "{} carried values came in, but the body has {} inputs and the node {} outputs: the body must have "
         "2 more inputs, the node at least as many outputs",
         carried, body.inputs().size(), node.outputs().size());
  return {body, carried};
}

bool is_list(const Value& parameter) {
  return parameter.type().is_tensor() && parameter.type().shape() && parameter.type().shape()->size() == 1;
}

int64_t read_trip_count(const Tensor& tensor) {
  const std::vector<int64_t> count = read_integers(tensor, "the trip count");
  if (count.size() != 1)
    fail(ErrorCode::kInvalidArgument, "the trip count is {}, but one number was expected", tensor.describe());
  return count[0];
}

namespace {

// The body hands on a condition that no round can change.
bool keeps_condition(const Graph& body) {
  const Value* next = body.outputs()[0];
  return next == body.inputs()[1] || &next->graph() != &body || next->constant();
}

}  // namespace

void require_end(const LoopForm& form, bool has_trip_count, bool has_condition, bool condition) {
  if (!has_trip_count && condition && (!has_condition || keeps_condition(form.body)))
    fail(ErrorCode::kInvalidModel,
         "the loop would never end: it has no trip count, and its condition stays true");
}

namespace {

constexpr size_t kFirstCarried = LoopForm::kFirstCarried;
constexpr size_t kFirstOutput = LoopForm::kFirstOutput;

void infer(InferenceContext& context) {
  const Graph& graph = loop_form(context.node()).body;
  RepeatedBody body{graph, {}, {}, {}, kFirstOutput};
  for (size_t i = 0; i < kFirstCarried; ++i)
    body.before.push_back(Type::tensor(i == 0 ? DataType::kInt64 : DataType::kBool,
                                       is_list(*graph.inputs()[i]) ? Shape{1} : Shape{}));
  for (size_t i = kFirstCarried; i < context.input_count(); ++i)
    body.carried.push_back(context.input_type(i));
  const std::vector<Type> results = infer_repeated(context, body);

  const size_t carried = body.carried.size();
  // An input that is an optional, and an output that is not: which one comes out depends on the rounds.
  for (size_t i = 0; i < carried; ++i)
    if (results[kFirstOutput + i].kind() == body.carried[i].kind())
      context.set_output_type(i, body.carried[i]);
  const auto trips = context.has_input(1) ? std::nullopt : context.input_elements(0);
  for (size_t i = carried; i < context.output_count(); ++i) {
    const Type& row = results[kFirstOutput + i];
    std::optional<Shape> shape = row.is_tensor() ? row.shape() : std::nullopt;
    if (shape) shape->insert(shape->begin(), trips && trips->size() == 1 ? trips->front() : Dim());
    context.set_output_type(i, Type::tensor(row.element_type(), std::move(shape)));
  }
}

template <typename T>
Tensor one_element(const Value& parameter, T element) {
  return Tensor::from<T>(is_list(parameter) ? Dims{1} : Dims{}, std::span<const T>(&element, 1));
}

class LoopRun {
 public:
  explicit LoopRun(KernelContext& context)
      : context_(context), form_(loop_form(context.node())), carried_(form_.carried) {
    for (size_t i = 0; i < carried_.size(); ++i)
      if (context.has_input(kFirstCarried + i)) carried_[i] = context.value(kFirstCarried + i);
    rows_.resize(context.output_count() - carried_.size());
  }

  void run() {
    std::optional<int64_t> trips;  // nothing: no limit
    if (context_.has_input(0)) trips = read_trip_count(context_.input(0));
    // Without the input, what the body says of the condition does not count.
    const bool watched = context_.has_input(1);
    bool condition = !watched || read_condition(context_.input(1));
    require_end(form_, trips.has_value(), watched, condition);
    for (int64_t round = 0; condition && (!trips || round < *trips); ++round) {
      const bool next = run_round(round, condition);
      condition = !watched || next;
    }
    finish();
  }

 private:
  bool run_round(int64_t round, bool condition) {
    std::vector<RuntimeValue> inputs{one_element(*form_.body.inputs()[0], round),
                                     one_element(*form_.body.inputs()[1], condition)};
    for (RuntimeValue& value : carried_) inputs.push_back(std::move(value));
    auto results = context_.run_subgraph(form_.body, inputs);
    for (size_t i = 0; i < carried_.size(); ++i) carried_[i] = std::move(results[kFirstOutput + i]);
    for (size_t i = 0; i < rows_.size(); ++i)
      if (context_.wants_output(carried_.size() + i))
        rows_[i].push_back(std::move(results[kFirstOutput + carried_.size() + i].tensor()));
    return read_condition(results[0].tensor());
  }

  void finish() {
    for (size_t i = 0; i < rows_.size(); ++i) {
      const size_t output = carried_.size() + i;
      if (!context_.wants_output(output)) continue;
      collect_rows(context_, output, rows_[i], 0, form_.body.outputs()[kFirstOutput + output]->type());
      rows_[i].clear();
    }
    for (size_t i = 0; i < carried_.size(); ++i) context_.set_output(i, std::move(carried_[i]));
  }

  KernelContext& context_;
  const LoopForm form_;
  std::vector<RuntimeValue> carried_;
  std::vector<CountedVector<Tensor>> rows_;
};

void compute(KernelContext& context) {
  LoopRun(context).run();
}

}  // namespace

void register_loop(Registry& registry) {
  registry.add({.name = "Loop",
                .since_version = 25,
                .inputs = {{"M", "tensor(int64)", Arity::kOptional},
                           {"cond", "tensor(bool)", Arity::kOptional},
                           {"v_initial", "", Arity::kVariadic}},
                .outputs = {{"v_final_and_scan_outputs", "", Arity::kVariadic}},
                .attributes = {{"body", Attribute::Kind::kGraph, true}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
