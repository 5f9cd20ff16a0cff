// The part of PlanBuilder that makes branches and loops of nodes with bodies.
#include "base/error.hpp"
#include "engine/plan_builder.hpp"
#include "engine/program/actions.hpp"
#include "engine/program/branch.hpp"
#include "ops/body.hpp"

namespace slipway::engine {

bool PlanBuilder::add_control_flow(const Node& node) {
  if (node.is("If"))
    add_if(node);
  else if (node.is("Loop"))
    add_loop(node);
  else if (node.is("Scan"))
    add_scan(node);
  else if (node.is("SequenceMap"))
    add_sequence_map(node);
  else
    return false;
  return true;
}

void PlanBuilder::add_copy(const Node& node, size_t from, size_t to) {
  if (from != to) add(node, copy_value(), {from}, {to});
}

// --- If

void PlanBuilder::add_if(const Node& node) {
  const auto branch = [&](bool condition) -> const Graph& {
    return ops::body_of(node, condition ? "then_branch" : "else_branch", node.outputs().size());
  };
  // The other branch was not even looked at by inference.
  if (const Tensor* known = constant_of(node.input(0))) {
    const Graph& taken = branch(ops::read_condition(*known));
    add_body(taken);
    for (size_t i = 0; i < node.outputs().size(); ++i)
      if (node.output(i)) bind(node, *node.output(i), slot_of(taken.outputs()[i]));
    return;
  }
  Block block{false, next_step(), 0, 0};
  auto choose = std::make_unique<JumpUnless>();
  JumpUnless& choice = *choose;
  add(node, std::move(choose), {slot_of(node.input(0))}, {});
  std::vector<size_t> outputs;
  for (const Value* output : node.outputs()) outputs.push_back(output ? slot_for(*output) : kNoSlot);
  add_branch(node, branch(true), outputs);
  block.middle = next_step();
  auto leave = std::make_unique<Jump>();
  Jump& jump = *leave;
  add(node, std::move(leave), {}, {});
  choice.target = next_step();
  add_branch(node, branch(false), outputs);
  jump.target = block.end = next_step();
  add(node, std::make_unique<Pass>(), {}, {});
  blocks_.push_back(block);
}

// What the branch makes goes to the node's outputs directly where it can.
void PlanBuilder::add_branch(const Node& node, const Graph& branch, const std::vector<size_t>& outputs) {
  add(node, std::make_unique<Pass>(), {}, {});
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] != kNoSlot && &branch.outputs()[i]->graph() == &branch)
      targets_.emplace(branch.outputs()[i], outputs[i]);
  add_body(branch);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] != kNoSlot) add_copy(node, slot_of(branch.outputs()[i]), outputs[i]);
}

// --- what repeats

// A slot for a value that goes from round to round, and what it is in the first.
size_t PlanBuilder::begin_carried(const Node& node, const Value& parameter, const Value* initial) {
  const size_t in = slot_for(parameter);
  add_copy(node, slot_of(initial), in);
  return in;
}

// The slots that change places with `ins` after each round. What the body does not make itself, or makes for
// several, is copied first.
std::vector<Carried> PlanBuilder::end_carried(const Node& node, const std::vector<size_t>& ins,
                                              std::span<Value* const> outs, size_t first_slot_of_body) {
  std::vector<Carried> carried;
  std::unordered_set<size_t> kept(ins.begin(), ins.end());
  for (size_t i = 0; i < ins.size(); ++i) {
    size_t out = slot_of(outs[i]);
    if (out == ins[i]) continue;
    const Slot in = plan_->slots_[ins[i]];
    const Slot made = out == kNoSlot ? Slot() : plan_->slots_[out];
    const bool is_own =
        out != kNoSlot && out >= first_slot_of_body && kept.count(out) == 0 && exchanged_.count(out) == 0;
    if (!is_own || made.place != in.place || made.type != in.type || made.dims != in.dims) {
      Slot copy;
      copy.place = in.place;
      copy.type = in.type;
      copy.dims = in.dims;
      const size_t from = std::exchange(out, add_slot(std::move(copy)));
      add_copy(node, from, out);
    }
    exchanged_.insert({ins[i], out});
    // Others find their memory by the frame alone.
    if (in.is_placed()) exchanges_.emplace_back(ins[i], out);
    carried.push_back({ins[i], out});
  }
  return carried;
}

std::vector<Rows> PlanBuilder::rows_of(const Node& node, std::span<Value* const> results,
                                       size_t first_output) {
  std::vector<Rows> rows;
  for (size_t i = 0; i < results.size() && first_output + i < node.outputs().size(); ++i) {
    if (!node.output(first_output + i)) continue;
    rows.push_back({slot_of(results[i]), first_output + i, 0, false, types_.type(results[i])});
  }
  return rows;
}

namespace {

std::vector<size_t> joined(std::vector<size_t> slots, const std::vector<size_t>& more) {
  slots.insert(slots.end(), more.begin(), more.end());
  return slots;
}

}  // namespace

// The steps before and behind a body, and at the end.
void PlanBuilder::close_repeat(const Node& node, const Round& round, size_t begin,
                               std::shared_ptr<const Repeat> repeat) {
  const Block block{true, begin, next_step(), next_step() + 1};
  std::vector<size_t> made = round.body_inputs;
  std::vector<size_t> read = joined(round.node_inputs, round.body_outputs);
  for (const Carried& carried : round.carried) made.push_back(carried.in), read.push_back(carried.out);
  add(node, std::make_unique<RepeatNext>(repeat, begin + 1), std::move(read), std::move(made));
  std::vector<size_t> outputs;
  for (size_t i = 0; i < node.outputs().size(); ++i)
    outputs.push_back(node.output(i) && i >= round.first_collected ? dynamic_slot_for(*node.output(i))
                                                                   : kNoSlot);
  add(node, std::make_unique<RepeatEnd>(repeat), {}, std::move(outputs));
  plan_->steps_[begin].action = std::make_unique<RepeatBegin>(std::move(repeat), block.end);
  blocks_.push_back(block);
}

size_t PlanBuilder::begin_repeat(const Node& node, const Round& round) {
  const size_t begin = next_step();
  add(node, nullptr, round.node_inputs, round.body_inputs);
  return begin;
}

// What was carried last is the node's output.
void PlanBuilder::bind_carried(const Node& node, const std::vector<size_t>& ins) {
  for (size_t i = 0; i < ins.size(); ++i)
    if (node.output(i)) bind(node, *node.output(i), ins[i]);
}

// --- Loop

void PlanBuilder::add_loop(const Node& node) {
  const ops::LoopForm form = ops::loop_form(node);
  const auto& parameters = form.body.inputs();
  LoopSlots slots{slot_of(node.input(0)), slot_of(node.input(1)), {}, {}, {}, {}, {}};
  std::vector<size_t> ins;
  for (size_t i = 0; i < form.carried; ++i)
    ins.push_back(
        begin_carried(node, *parameters[form.kFirstCarried + i], node.input(form.kFirstCarried + i)));
  slots.round = scalar_slot(*parameters[0], DataType::kInt64);
  slots.body_condition = scalar_slot(*parameters[1], DataType::kBool);
  Round round{{slots.trip_count, slots.condition}, {slots.round, slots.body_condition}, {}, {}, form.carried};
  const size_t begin = begin_repeat(node, round);
  const size_t first_slot = plan_->slots_.size();
  add_body(form.body);
  const std::span<Value* const> results(form.body.outputs());
  slots.next_condition = slot_of(results[0]);
  slots.rows = rows_of(node, results.subspan(form.kFirstOutput + form.carried), form.carried);
  slots.carried = round.carried =
      end_carried(node, ins, results.subspan(form.kFirstOutput, form.carried), first_slot);
  round.body_outputs = {slots.next_condition};
  for (const Rows& rows : slots.rows) round.body_outputs.push_back(rows.slot);
  close_repeat(node, round, begin, make_loop(form, std::move(slots), add_state()));
  bind_carried(node, ins);
}

// The number of a round, or the condition.
size_t PlanBuilder::scalar_slot(const Value& parameter, DataType type) {
  Slot slot;
  slot.place = Slot::Place::kArena;
  slot.type = type;
  if (ops::is_list(parameter)) slot.dims = {1};
  return slots_of_[&parameter] = add_slot(std::move(slot));
}

// --- Scan

void PlanBuilder::add_scan(const Node& node) {
  const ops::ScanForm form = ops::scan_form(node);
  const auto& parameters = form.body.inputs();
  ScanSlots slots;
  std::vector<size_t> ins;
  for (size_t i = 0; i < form.states; ++i) ins.push_back(begin_carried(node, *parameters[i], node.input(i)));
  for (size_t i = form.states; i < parameters.size(); ++i) {
    slots.scanned.push_back(slot_of(node.input(i)));
    slots.positions.push_back(slot_for(*parameters[i]));
  }
  Round round{slots.scanned, slots.positions, {}, {}, form.states};
  const size_t begin = begin_repeat(node, round);
  const size_t first_slot = plan_->slots_.size();
  add_body(form.body);
  const std::span<Value* const> results(form.body.outputs());
  slots.rows = rows_of(node, results.subspan(form.states), form.states);
  for (Rows& rows : slots.rows) {
    rows.axis = form.output_axes[rows.output - form.states];
    rows.reversed = form.output_directions[rows.output - form.states] == 1;
    round.body_outputs.push_back(rows.slot);
  }
  slots.carried = round.carried = end_carried(node, ins, results.first(form.states), first_slot);
  close_repeat(node, round, begin, make_scan(form, std::move(slots), add_state()));
  bind_carried(node, ins);
}

// --- SequenceMap

void PlanBuilder::add_sequence_map(const Node& node) {
  const Graph& body = ops::sequence_map_body(node);
  SequenceMapSlots slots;
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    slots.inputs.push_back(slot_of(node.input(i)));
    slots.elements.push_back(dynamic_slot_for(*body.inputs()[i]));
  }
  Round round{slots.inputs, slots.elements, {}, {}, 0};
  const size_t begin = begin_repeat(node, round);
  add_body(body);
  for (size_t i = 0; i < node.outputs().size(); ++i) slots.results.push_back(slot_of(body.outputs()[i]));
  round.body_outputs = slots.results;
  close_repeat(node, round, begin, make_sequence_map(std::move(slots), add_state()));
}

}  // namespace slipway::engine
