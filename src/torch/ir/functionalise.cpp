#include "torch/ir/functionalise.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "torch/ir/aliases.hpp"
#include "torch/ir/call_arguments.hpp"
#include "torch/ir/call_place.hpp"
#include "torch/ir/dead_calls.hpp"
#include "torch/ir/in_place_operators.hpp"
#include "torch/ir/inline_blocks.hpp"
#include "torch/ir/tied_tensors.hpp"

namespace slipway::torch::ir {
namespace {

bool is_tensor(const Value* value) {
  return value && value->kind == ValueKind::kTensor;
}

// Calls that ask for a tensor's shape, which writes do not change.
bool asks_for_shape(const Call& call) {
  const std::string_view name = aten_name(call);
  return name == "sym_size" || name == "sym_numel" || name == "sym_stride" || name == "sym_storage_offset" ||
         name == "_assert_tensor_metadata";
}

class Functionaliser {
 public:
  Functionaliser(Block& block, const Assignments& assignments)
      : block_(block), assignments_(assignments), emitter_(block), aliases_(emitter_, assignments) {}

  Aliases& aliases() { return aliases_; }
  bool changes() const { return changes_; }

  // What shares memory with what, and what is written to. Bodies are functionalised on the way.
  void survey() {
    for (Value* input : block_.inputs)
      if (is_tensor(input)) aliases_.of(input);
    for (Call& call : block_.calls) with_context([&] { return place_of(call); }, [&] { survey(call); });
  }

  void rewrite() {
    for (Value* input : block_.inputs)
      if (input) defined(input);
    for (auto call = block_.calls.begin(); call != block_.calls.end();)
      with_context([&] { return place_of(*call); },
                   [&] {
                     emitter_.move_to(call, call->origin);
                     const auto reshaped = reshaped_.find(&*call);
                     const std::string place = reshaped == reshaped_.end() ? "" : place_of(*call);
                     call = rewrite(call);
                     if (reshaped != reshaped_.end()) reshaped->second->reshaped_by = place;
                   });
    emitter_.move_to(block_.calls.end(), {});
    for (Argument& output : block_.outputs)
      for_each_value(output, [&](Value*& value) {
        if (is_tensor(value)) value = with_context([] { return "output"; }, [&] { return read(value); });
      });
  }

  Value* read(Value* tensor) { return aliases_.read(aliases_.of(tensor)); }

  bool shares_with_inputs(const Argument& output) const {
    bool shares = false;
    Argument copy = output;
    for_each_value(copy, [&](Value* value) {
      const Alias* alias = is_tensor(value) ? aliases_.find(value) : nullptr;
      if (!alias) return;
      for (const Value* input : block_.inputs)
        if (const Alias* of_input = aliases_.find(input))
          shares |=
              of_input->storage == alias->storage || of_input->storage->unclear.contains(alias->storage);
    });
    return shares;
  }

 private:
  void survey(Call& call) {
    bool body_shares = false;
    for (NamedArgument& given : call.arguments)
      if (const auto* body = given.argument.as<std::shared_ptr<Block>>())
        body_shares |= functionalise_body(**body);
    survey_reshape(call);
    if (aten_name(call) == "as_strided_scatter") changes_ = true;
    const std::vector<Written> written = written_by(call);
    for (const Written& target : written) {
      Alias* alias = aliases_.of(target.tensor);
      alias->storage->written = true;
      resolve(alias->storage);
      if (target.output) add_name(call.outputs[*target.output], alias);
    }
    if (call.target.ends_with("_.default") && written.empty()) survey_no_operation(call);
    for (size_t i = 0; i < call.outputs.size(); ++i) {
      Value* output = call.outputs[i];
      if (!is_tensor(output) || aliases_.find(output)) continue;
      const Sharing sharing = sharing_of(call, i, assignments_);
      if (sharing.kind == Sharing::Kind::kView || sharing.kind == Sharing::Kind::kInMemory) {
        const Alias* alias = aliases_.add_view(output, sharing, call.origin);
        // What stands for memory that its argument does not show cannot stay a call over it.
        if (sharing.kind == Sharing::Kind::kInMemory && alias->parent) resolve(alias->storage);
        continue;
      }
      Alias* root = aliases_.add_root(output);
      if (sharing.kind == Sharing::Kind::kUnclear || body_shares) link_to_operands(call, root);
    }
  }

  // The result of an in-place call is what it writes to.
  void add_name(Value* output, Alias* alias) {
    if (output && (!is_tensor(output) || output->meta.sizes.size() != alias->meta().sizes.size()))
      fail(ErrorCode::kInvalidModel, "its result is {}, but it writes to {}", output->describe(),
           alias->original->describe());
    aliases_.add_name(output, alias);
  }

  // Views of the storage are made by the calls that read them.
  void resolve(Storage* storage) { storage->resolved = changes_ = true; }

  void link_to_operands(Call& call, Alias* root) {
    for (NamedArgument& given : call.arguments)
      for_each_value(given.argument, [&](Value* value) {
        if (is_tensor(value)) aliases_.link(root->storage, aliases_.of(value)->storage);
      });
  }

  // unsqueeze_ and the like: a view takes the place of the tensor, whose old value is not used any more.
  void survey_reshape(Call& call) {
    std::string target = view_target_of(call);
    if (target.empty() || call.arguments.empty()) return;
    Value* tensor = tensor_argument(call, call.arguments.front().name);
    if (!tensor) fail(ErrorCode::kInvalidModel, "its first argument is no tensor");
    if (std::ranges::find(block_.inputs, tensor) != block_.inputs.end() && aten_name(call) != "detach_")
      fail(ErrorCode::kUnsupported, "it changes the shape of {}, which is an input", tensor->describe());
    if (aten_name(call) != "detach_") reshaped_.emplace(&call, aliases_.of(tensor));
    changes_ = true;
    call.target = std::move(target);
  }

  // In-place calls that do nothing, such as dropout_ outside of training: the result is the tensor.
  void survey_no_operation(Call& call) {
    const std::string_view name = aten_name(call);
    if (call.outputs.empty() || !is_tensor(call.outputs[0]) ||
        !(name.ends_with("dropout_") || name.starts_with("resize_") || name == "requires_grad_"))
      return;
    Value* tensor = call.arguments.empty() ? nullptr : tensor_argument(call, call.arguments.front().name);
    if (!tensor) fail(ErrorCode::kInvalidModel, "its first argument is no tensor");
    if (tensor->meta.sizes != call.outputs[0]->meta.sizes)
      fail(ErrorCode::kUnsupported, "it changes the size of {}", tensor->describe());
    changes_ = true;
    call.target = "aten.alias.default";
    call.arguments = {{"self", of(tensor)}};
  }

  bool functionalise_body(Block& body) {
    Functionaliser inner(body, assignments_);
    inner.survey();
    for (Value* input : body.inputs)
      if (is_tensor(input))
        inner.aliases().of(input)->storage->read_only =
            "it writes to an input of a block of control flow; write to a clone of it";
    bool shares = false;
    for (const Argument& output : body.outputs) shares |= inner.shares_with_inputs(output);
    if (inner.changes()) inner.rewrite();
    return shares;
  }

  std::list<Call>::iterator rewrite(std::list<Call>::iterator call) {
    const std::vector<Written> written = written_by(*call);
    if (!written.empty()) {
      write(*call, written);
      return erase(call);
    }
    if (is_resolved_view(*call)) return erase(call);
    if (aten_name(*call) == "as_strided_scatter") {
      scatter_in_memory(*call);
      return erase(call);
    }
    read_arguments(*call);
    for (Value* output : call->outputs)
      if (output) defined(output);
    return std::next(call);
  }

  // What still names the call as its maker has none any more.
  std::list<Call>::iterator erase(std::list<Call>::iterator call) {
    for (Value* output : call->outputs)
      if (output && output->maker == &*call) output->maker = nullptr;
    return block_.calls.erase(call);
  }

  void defined(Value* value) {
    emitter_.defined(value);
    if (is_tensor(value)) aliases_.made(value);
  }

  // As put_back() into places of memory: the result is that of `self`, which is a storage of its own.
  void scatter_in_memory(const Call& call) {
    if (call.outputs.size() != 1 || !is_tensor(call.outputs[0]))
      fail(ErrorCode::kInvalidModel, "its result is no tensor");
    Value *self = tensor_argument(call, "self"), *source = tensor_argument(call, "src");
    const auto sizes = ints_argument(call, "size"), strides = ints_argument(call, "stride");
    const auto offset = int_argument(call, "storage_offset", 0);
    const auto layout = self ? numeric_layout(self->meta) : std::nullopt;
    if (!source || !layout || !sizes || !strides || sizes->size() != strides->size() || !offset)
      fail(ErrorCode::kUnsupported, "sizes and strides must be numbers");
    const std::vector<View> views =
        views_of_places(self->meta, *layout, {*sizes, *strides, *offset}, source->meta);
    if (views.empty()) fail(ErrorCode::kUnsupported, "it scatters to places outside of {}", self->describe());
    Value* content = read(source);
    std::vector<Value*> before = {read(self)};
    for (size_t i = 0; i + 1 < views.size(); ++i) before.push_back(look(views[i], before.back(), emitter_));
    for (size_t i = views.size(); i-- > 0;)
      content = put_back(views[i], before[i]->meta, [&] { return before[i]; }, content, emitter_);
    aliases_.replace(call.outputs[0], content);
  }

  // What such a call shows is looked at when it is read.
  bool is_resolved_view(const Call& call) const {
    bool any = false;
    for (const Value* output : call.outputs) {
      const Alias* alias = is_tensor(output) ? aliases_.find(output) : nullptr;
      any |= alias && alias->parent && alias->storage->resolved;
    }
    return any;
  }

  void read_arguments(Call& call) {
    const bool shape_only = asks_for_shape(call);
    for (NamedArgument& given : call.arguments)
      for_each_value(given.argument, [&](Value*& value) {
        if (is_tensor(value)) value = shape_only ? aliases_.shape_of(aliases_.of(value)) : read(value);
      });
  }

  void write(Call& call, const std::vector<Written>& written) {
    for (const Written& target : written) check_overlaps(call, target);
    std::vector<Alias*> aliases;
    for (const Written& target : written) aliases.push_back(aliases_.of(target.tensor));
    for (NamedArgument& given : call.arguments)
      for_each_value(given.argument, [&](Value*& value) {
        if (!is_tensor(value)) return;
        Alias* alias = aliases_.of(value);
        const auto target = std::ranges::find(written, given.name, &Written::argument);
        value = target != written.end() && target->whole ? aliases_.shape_of(alias) : aliases_.read(alias);
      });
    const std::vector<Value*> contents = contents_written(call, emitter_);
    for (Value* output : call.outputs)
      if (is_tensor(output)) aliases_.made(output);
    for (size_t i = 0; i < contents.size(); ++i)
      aliases_.write(aliases[i], fitted(contents[i], aliases[i]->meta()), call);
  }

  void check_overlaps(Call& call, const Written& target) {
    const Alias* written = aliases_.of(target.tensor);
    for (NamedArgument& given : call.arguments)
      if (!is_read_first(call, given.name))
        for_each_value(given.argument, [&](Value* value) {
          if (is_tensor(value) && value != target.tensor) aliases_.check_overlap(written, aliases_.of(value));
        });
  }

  // What is written takes the type of what it is written to, and is repeated over its size.
  Value* fitted(Value* content, const TensorMeta& meta) {
    if (content->meta.type != meta.type)
      content = emitter_.make("aten._to_copy.default", {{"self", of(content)}, {"dtype", {meta.type}}},
                              meta.type, content->meta.sizes);
    if (content->meta.sizes != meta.sizes)
      content = emitter_.make("aten.expand.default",
                              {{"self", of(content)}, {"size", {emitter_.sizes(meta.sizes)}}}, meta.type,
                              meta.sizes);
    return content;
  }

  Block& block_;
  const Assignments& assignments_;
  Emitter emitter_;
  Aliases aliases_;
  bool changes_ = false;
  std::unordered_map<const Call*, Alias*> reshaped_;  // what a call gives another shape
};

std::optional<ProgramOutput::Kind> state_kind(const ProgramInput& input) {
  if (input.specialised || !is_tensor(input.value)) return std::nullopt;
  return input.kind == ProgramInput::Kind::kUser ? ProgramOutput::Kind::kInputMutation
                                                 : ProgramOutput::Kind::kBufferMutation;
}

// Inputs that are written to are outputs, too, unless the program has them already.
void add_mutations(Program& program, Functionaliser& functionaliser) {
  for (const ProgramInput& input : program.inputs) {
    const auto kind = state_kind(input);
    if (!kind) continue;
    const Storage& storage = *functionaliser.aliases().of(input.value)->storage;
    if (!storage.written && !std::ranges::any_of(storage.unclear, &Storage::written)) continue;
    const bool stated = std::ranges::any_of(program.outputs, [&](const ProgramOutput& output) {
      return output.kind == *kind && output.name == input.name;
    });
    if (stated) continue;
    program.outputs.push_back({*kind, input.name});
    program.block.outputs.push_back(of(input.value));
  }
}

}  // namespace

void functionalise(Program& program) {
  inline_blocks(program.block);
  const Assignments assignments(program.ranges);
  Functionaliser functionaliser(program.block, assignments);
  tie_tensors(program, functionaliser.aliases());
  functionaliser.survey();
  if (functionaliser.changes()) {
    add_mutations(program, functionaliser);
    functionaliser.rewrite();
  }
  remove_dead_calls(program.block);
}

}  // namespace slipway::torch::ir
