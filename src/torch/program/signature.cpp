#include "torch/program/signature.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/program/arguments.hpp"
#include "torch/program/tree_spec.hpp"

namespace slipway::torch {
namespace {

using namespace ir;

// {"user_input": {"arg": {"as_tensor": {"name": "x"}}}}, {"parameter": {"arg": {"name": "w"}, …}}
std::string name_of_input(const Json& spec) {
  const Choice choice = choice_of(spec, "an input");
  if (choice.kind == "constant_input") return text_at(choice.value, "name");
  const Json& argument = member(choice.value, "arg");
  if (choice.kind != "user_input") return text_at(argument, "name");
  const Choice user = choice_of(argument, "an argument");
  if (user.kind == "as_tensor") return name_of_tensor(user.value);
  const Json* name = user.value.is_object() ? find_member(user.value, "as_name") : nullptr;
  if (!name && user.value.is_object()) name = find_member(user.value, "name");
  return name ? as_text(*name, "name") : "";
}

struct TensorKind {
  std::string_view name;
  const char* target;
  ProgramInput::Kind kind;
};
constexpr TensorKind kTensorKinds[] = {
    {"parameter", "parameter_name", ProgramInput::Kind::kParameter},
    {"buffer", "buffer_name", ProgramInput::Kind::kBuffer},
    {"tensor_constant", "tensor_constant_name", ProgramInput::Kind::kConstant}};

class SignatureReader {
 public:
  SignatureReader(const ProgramArchive& archive, Program& program) : archive_(archive), program_(program) {}

  void read_inputs(const Json::array_t& specs) {
    std::vector<Value*> values;
    values.swap(program_.block.inputs);
    if (specs.size() != values.size())
      fail(ErrorCode::kInvalidModel, "the signature has {} inputs, but the graph {}", specs.size(),
           values.size());
    for (size_t i = 0; i < specs.size(); ++i)
      with_context([&] { return fmt::format("input {}", i); }, [&] { read_input(specs[i], values[i]); });
  }

  void read_outputs(const Json::array_t& specs) {
    const size_t count = program_.block.outputs.size();
    if (specs.size() != count)
      fail(ErrorCode::kInvalidModel, "the signature has {} outputs, but the graph {}", specs.size(), count);
    for (size_t i = 0; i < specs.size(); ++i)
      with_context([&] { return fmt::format("output {}", i); }, [&] { read_output(specs[i]); });
  }

 private:
  void read_input(const Json& spec, Value* value) {
    if (!value) return;
    const std::string name = name_of_input(spec);
    if (!name.empty() && name != value->name)
      fail(ErrorCode::kInvalidModel, "the signature calls it {}, but the graph {}", slipway::quoted(name),
           slipway::quoted(value->name));
    const Choice choice = choice_of(spec, "an input");
    const bool is_object = choice.kind == "token" || choice.kind == "custom_obj";
    if ((is_object || choice.kind == "constant_input") && value->kind != ValueKind::kOther)
      fail(ErrorCode::kInvalidModel, "the signature has a constant or an object in place of {}",
           value->describe());
    if (is_object) return;
    ProgramInput input;
    input.value = value;
    input.name = value->name;
    for (const TensorKind& kind : kTensorKinds)
      if (kind.name == choice.kind) read_tensor_input(choice.value, kind, input);
    if (choice.kind == "constant_input")
      input.specialised = read_argument(member(choice.value, "value"), constant_scope());
    if (choice.kind == "user_input" && value->kind == ValueKind::kOther)
      input.specialised = read_argument(member(choice.value, "arg"), constant_scope());
    program_.block.inputs.push_back(value);
    program_.inputs.push_back(std::move(input));
  }

  void read_tensor_input(const Json& spec, const TensorKind& kind, ProgramInput& input) {
    input.kind = kind.kind;
    input.name = text_at(spec, kind.target);
    if (const Json* persistent = find_member(spec, "persistent"))
      input.persistent = as_bool(*persistent, "persistent");
    const Tensor* tensor = find_tensor(input.name);
    if (!tensor) fail(ErrorCode::kInvalidModel, "the file has no tensor {}", slipway::quoted(input.name));
    input.tensor = *tensor;
    check(*input.value, *tensor, input.name);
  }

  // Buffers that are not persistent are among the constants.
  const Tensor* find_tensor(const std::string& name) const {
    for (const auto* tensors : {&archive_.weights, &archive_.constants})
      if (const auto found = tensors->find(name); found != tensors->end()) return &found->second;
    return nullptr;
  }

  static void check(const Value& value, const Tensor& tensor, const std::string& name) {
    bool fits = value.meta.type == tensor.type() && value.meta.sizes.size() == tensor.rank();
    for (size_t axis = 0; fits && axis < tensor.rank(); ++axis) {
      const Dim& size = value.meta.sizes[axis];
      fits = !size.is_known() || size.value() == tensor.dim(axis);
    }
    if (value.kind != ValueKind::kTensor || !fits)
      fail(ErrorCode::kInvalidModel, "the graph says {}, but the tensor {} is {}", value.describe(),
           slipway::quoted(name), tensor.describe());
  }

  void read_output(const Json& spec) {
    const Choice choice = choice_of(spec, "an output");
    ProgramOutput output;
    if (choice.kind == "buffer_mutation") {
      output = {ProgramOutput::Kind::kBufferMutation, text_at(choice.value, "buffer_name")};
    } else if (choice.kind == "parameter_mutation") {
      output = {ProgramOutput::Kind::kBufferMutation, text_at(choice.value, "parameter_name")};
    } else if (choice.kind == "user_input_mutation") {
      output = {ProgramOutput::Kind::kInputMutation, text_at(choice.value, "user_input_name")};
    } else if (choice.kind != "user_output") {
      fail(ErrorCode::kUnsupported,
           "an output of kind {} is not read: gradients, losses and tokens are for training; export the "
           "model for "
           "inference",
           slipway::quoted(choice.kind));
    }
    program_.outputs.push_back(std::move(output));
  }

  const ProgramArchive& archive_;
  Program& program_;
};

// No two alike.
void make_unique(std::vector<std::string>& names) {
  std::unordered_set<std::string> taken;
  for (std::string& name : names) {
    const std::string stated = name;
    for (size_t number = 1; !taken.insert(name).second; ++number) name = fmt::format("{}_{}", stated, number);
  }
}

void name_inputs(const Json* structure, const Json* named_tuples, Program& program) {
  std::vector<ProgramInput*> users;
  std::vector<std::string> names, arguments;
  for (ProgramInput& input : program.inputs)
    if (input.kind == ProgramInput::Kind::kUser) {
      users.push_back(&input);
      names.push_back(input.name);
    }
  const Json* spec = structure ? find_member(*structure, "in_spec") : nullptr;
  if (!spec) return;
  if (const Json* stated = find_member(*structure, "forward_arg_names"))
    for (const Json& name : as_array(*stated, "forward_arg_names"))
      arguments.push_back(as_text(name, "forward_arg_names"));
  names = argument_paths(as_text(*spec, "in_spec"), arguments, names, named_tuples);
  make_unique(names);
  for (size_t i = 0; i < users.size(); ++i) users[i]->name = names[i];
}

// Outputs that are the new content of an input name it as the graph does.
void name_mutations(Program& program) {
  for (ProgramOutput& output : program.outputs) {
    if (output.kind == ProgramOutput::Kind::kUser) continue;
    const bool of_user = output.kind == ProgramOutput::Kind::kInputMutation;
    const auto input = std::ranges::find_if(program.inputs, [&](const ProgramInput& candidate) {
      const bool is_user = candidate.kind == ProgramInput::Kind::kUser;
      return is_user == of_user && (of_user ? candidate.value->name : candidate.name) == output.name;
    });
    if (input == program.inputs.end())
      fail(ErrorCode::kInvalidModel, "an output is the new content of {}, which is no input",
           slipway::quoted(output.name));
    output.name = input->name;
  }
}

void name_outputs(const Json* structure, const Json* named_tuples, Program& program) {
  std::vector<ProgramOutput*> users;
  for (ProgramOutput& output : program.outputs)
    if (output.kind == ProgramOutput::Kind::kUser) users.push_back(&output);
  std::vector<std::string> names;
  if (const Json* spec = structure ? find_member(*structure, "out_spec") : nullptr)
    names = leaf_paths(as_text(*spec, "out_spec"), named_tuples);
  if (names.size() != users.size()) {
    names.clear();
    for (size_t i = 0; i < users.size(); ++i) names.push_back(users.size() == 1 ? "" : std::to_string(i));
  }
  make_unique(names);
  for (size_t i = 0; i < users.size(); ++i) users[i]->name = names[i];
}

}  // namespace

std::vector<std::string> read_input_names(const Json& signature) {
  std::vector<std::string> names;
  for (const Json& spec : array_at(signature, "input_specs")) names.push_back(name_of_input(spec));
  return names;
}

void read_signature(const Json& signature, const Json* structure, const Json* named_tuples,
                    const ProgramArchive& archive, Program& program) {
  SignatureReader reader(archive, program);
  reader.read_inputs(array_at(signature, "input_specs"));
  reader.read_outputs(array_at(signature, "output_specs"));
  name_inputs(structure, named_tuples, program);
  name_mutations(program);
  name_outputs(structure, named_tuples, program);
}

}  // namespace slipway::torch
