// ai.onnx.ml's LabelEncoder and CategoryMapper: elements looked up in a table of keys and values; and
// OneHotEncoder, which looks them up among categories.
#include <map>

#include "base/error.hpp"
#include "ops/attribute_list.hpp"
#include "ops/cast.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "tensor/tensor_text.hpp"

namespace slipway::ops {
namespace {

template <typename T>
Tensor list_tensor(const std::vector<T>& list) {
  return Tensor::from<T>({static_cast<int64_t>(list.size())}, std::span<const T>(list));
}

// The list that the attributes PREFIX_floats, …_int64s, …_strings or …_tensor hold.
Tensor stated_list(const Node& node, const std::string& prefix) {
  if (const Tensor* tensor = tensor_attribute(node, prefix + "_tensor")) return *tensor;
  if (node.find_attribute(prefix + "_floats"))
    return list_tensor(list_attribute<float>(node, prefix + "_floats"));
  if (node.find_attribute(prefix + "_int64s"))
    return list_tensor(list_attribute<int64_t>(node, prefix + "_int64s"));
  if (node.find_attribute(prefix + "_strings"))
    return list_tensor(list_attribute<std::string>(node, prefix + "_strings"));
  fail(ErrorCode::kInvalidModel, "one of the attributes '{}_…' must be there", prefix);
}

// What stands for values without a key.
Tensor default_value(const Node& node, DataType type) {
  if (const Tensor* stated = tensor_attribute(node, "default_tensor")) {
    if (stated->type() != type || stated->count() != 1)
      fail(ErrorCode::kInvalidModel, "'default_tensor' is {}, but one {} was expected", stated->describe(),
           name_of(type));
    return *stated;
  }
  if (type == DataType::kString) return Tensor::scalar(node.string_attribute("default_string", "_Unused"));
  const Tensor number = is_integer(type) ? Tensor::scalar(node.int_attribute("default_int64", -1))
                                         : Tensor::scalar(node.float_attribute("default_float", -0.0F));
  return cast_elements(number, type);
}

struct Table {
  Tensor keys;
  Tensor values;
};

// Before version 2 the labels were a list of strings, and the other side their positions.
Table labels_of_version_1(const Node& node, DataType from) {
  const Tensor labels = list_tensor(list_attribute<std::string>(node, "classes_strings"));
  std::vector<int64_t> positions(static_cast<size_t>(labels.count()));
  for (size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<int64_t>(i);
  const Tensor numbers = list_tensor(positions);
  return from == DataType::kString ? Table{labels, numbers} : Table{numbers, labels};
}

Table label_table(const Node& node, DataType from) {
  if (node.find_attribute("classes_strings")) return labels_of_version_1(node, from);
  return {stated_list(node, "keys"), stated_list(node, "values")};
}

Table category_table(const Node& node, DataType from) {
  const Tensor strings = list_tensor(list_attribute<std::string>(node, "cats_strings"));
  const Tensor numbers = list_tensor(list_attribute<int64_t>(node, "cats_int64s"));
  return from == DataType::kString ? Table{strings, numbers} : Table{numbers, strings};
}

// The shortest text of an element tells it from all others of its type; NaN is like NaN, and -0 like 0.
Text key_of(const Tensor& tensor, int64_t index) {
  if (tensor.type() == DataType::kString) return tensor.data<Text>()[static_cast<size_t>(index)];
  const std::string number = element_text(tensor, index);
  return Text(number == "-0" ? "0" : number);
}

// Key → position; of a key that is there twice, the first.
CountedMap<Text, int64_t> positions_of(const Tensor& keys) {
  CountedMap<Text, int64_t> positions;
  for (int64_t i = 0; i < keys.count(); ++i) positions.emplace(key_of(keys, i), i);
  return positions;
}

using MakeTable = Table (*)(const Node&, DataType);

template <MakeTable kMakeTable>
void infer_lookup(InferenceContext& context) {
  const DataType from = context.input_element_type(0);
  if (from == DataType::kUndefined) return;
  context.set_output_type(
      0, Type::tensor(kMakeTable(context.node(), from).values.type(), context.input_shape(0)));
}

template <MakeTable kMakeTable>
void compute_lookup(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Table table = kMakeTable(context.node(), input.type());
  if (table.keys.type() != input.type() || table.keys.count() != table.values.count())
    fail(ErrorCode::kInvalidArgument,
         "the input is {}, the keys {} and the values {}: types and counts differ", input.describe(),
         table.keys.describe(), table.values.describe());
  const Tensor otherwise = default_value(context.node(), table.values.type());
  const auto positions = positions_of(table.keys);
  Tensor& output = context.make_output(0, table.values.type(), input.dims());
  const ElementMover found(table.values, output), missing(otherwise, output);
  for (int64_t i = 0; i < input.count(); ++i) {
    const auto position = positions.find(key_of(input, i));
    position != positions.end() ? found.move(position->second, i) : missing.move(0, i);
  }
}

Tensor categories(const Node& node, DataType type) {
  if (type == DataType::kString) return list_tensor(list_attribute<std::string>(node, "cats_strings"));
  return cast_elements(list_tensor(list_attribute<int64_t>(node, "cats_int64s")), type);
}

void infer_one_hot(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  std::optional<Shape> shape = context.input_shape(0);
  if (shape)
    shape->push_back(type == DataType::kUndefined ? Dim() : Dim(categories(context.node(), type).count()));
  context.set_output_type(0, Type::tensor(DataType::kFloat, std::move(shape)));
}

void compute_one_hot(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Tensor known = categories(context.node(), input.type());
  const auto positions = positions_of(known);
  const bool zeros = context.node().int_attribute("zeros", 1) != 0;
  Dims dims = input.dims();
  dims.push_back(known.count());
  const auto output = context.make_output(0, DataType::kFloat, std::move(dims)).data<float>();
  std::fill(output.begin(), output.end(), 0.0F);
  for (int64_t i = 0; i < input.count(); ++i) {
    const auto position = positions.find(key_of(input, i));
    if (position != positions.end())
      output[static_cast<size_t>(i * known.count() + position->second)] = 1;
    else if (!zeros)
      fail(ErrorCode::kInvalidArgument, "{} is none of the categories, and 'zeros' is 0",
           element_text(input, i));
  }
}

}  // namespace

void register_label_encoder(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr TypeSet kLabels{DataType::kString, DataType::kInt64, DataType::kFloat,
                            DataType::kInt32,  DataType::kInt16, DataType::kDouble};
  constexpr TypeSet kCategories{DataType::kString, DataType::kInt64};
  registry.add({.name = "LabelEncoder",
                .domain = "ai.onnx.ml",
                .since_version = 4,
                .inputs = {{"X", "T1"}},
                .outputs = {{"Y", "T2"}},
                .attributes = {{"classes_strings", Kind::kStrings},
                               {"default_float", Kind::kFloat},
                               {"default_int64", Kind::kInt},
                               {"default_string", Kind::kString},
                               {"default_tensor", Kind::kTensor},
                               {"keys_floats", Kind::kFloats},
                               {"keys_int64s", Kind::kInts},
                               {"keys_strings", Kind::kStrings},
                               {"keys_tensor", Kind::kTensor},
                               {"values_floats", Kind::kFloats},
                               {"values_int64s", Kind::kInts},
                               {"values_strings", Kind::kStrings},
                               {"values_tensor", Kind::kTensor}},
                .type_constraints = {{"T1", kLabels}, {"T2", kLabels}},
                .infer = infer_lookup<label_table>,
                .compute = compute_lookup<label_table>});
  registry.add({.name = "CategoryMapper",
                .domain = "ai.onnx.ml",
                .inputs = {{"X", "T1"}},
                .outputs = {{"Y", "T2"}},
                .attributes = {{"cats_int64s", Kind::kInts},
                               {"cats_strings", Kind::kStrings},
                               {"default_int64", Kind::kInt},
                               {"default_string", Kind::kString}},
                .type_constraints = {{"T1", kCategories}, {"T2", kCategories}},
                .infer = infer_lookup<category_table>,
                .compute = compute_lookup<category_table>});
  registry.add(
      {.name = "OneHotEncoder",
       .domain = "ai.onnx.ml",
       .inputs = {{"X", "T"}},
       .outputs = {{"Y", "tensor(float)"}},
       .attributes = {{"cats_int64s", Kind::kInts}, {"cats_strings", Kind::kStrings}, {"zeros", Kind::kInt}},
       .type_constraints = {{"T",
                             {DataType::kString, DataType::kInt64, DataType::kInt32, DataType::kFloat,
                              DataType::kDouble}}},
       .infer = infer_one_hot,
       .compute = compute_one_hot});
}

}  // namespace slipway::ops
