// ai.onnx.ml's operators on maps: ZipMap makes one of each row, DictVectorizer and CastMap make tensors of
// them.
#include <fmt/format.h>

#include <map>

#include "base/error.hpp"
#include "ops/attribute_list.hpp"
#include "ops/cast.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

constexpr std::string_view kClassical = "ai.onnx.ml";

template <typename T>
Tensor list_tensor(const std::vector<T>& list) {
  return Tensor::from<T>({static_cast<int64_t>(list.size())}, std::span<const T>(list));
}

// The list in one of two attributes, of numbers or of texts.
Tensor list_of(const Node& node, const char* numbers, const char* texts) {
  const bool has_numbers = node.find_attribute(numbers) != nullptr;
  if (has_numbers == (node.find_attribute(texts) != nullptr))
    fail(ErrorCode::kInvalidModel, "one of the attributes '{}' and '{}' must be there, and not both", numbers,
         texts);
  return has_numbers ? list_tensor(list_attribute<int64_t>(node, numbers))
                     : list_tensor(list_attribute<std::string>(node, texts));
}

void require_map(const InferenceContext& context) {
  const Type& type = context.input_type(0);
  if (!type.is_none() && type.kind() != Type::Kind::kMap)
    fail(ErrorCode::kInvalidModel, "the input is {}, but a map is expected", type.to_string());
}

// ---- ZipMap ----

Tensor class_labels(const Node& node) {
  return list_of(node, "classlabels_int64s", "classlabels_strings");
}

void infer_zip_map(InferenceContext& context) {
  const DataType key = class_labels(context.node()).type();
  context.set_output_type(0, Type::sequence(Type::map(key, Type::tensor(DataType::kFloat))));
}

void compute_zip_map(KernelContext& context) {
  const Tensor keys = class_labels(context.node());
  const Tensor& rows = context.input(0);
  const int64_t columns = keys.count();
  if (rows.rank() < 1 || rows.rank() > 2 || rows.dims().back() != columns)
    fail(ErrorCode::kInvalidArgument,
         "the input is {}, but there are {} labels: as many columns are expected", rows.describe(), columns);
  Sequence maps;
  for (int64_t row = 0; row < (rows.rank() == 1 ? 1 : rows.dim(0)); ++row) {
    Tensor values = context.allocate(DataType::kFloat, {columns});
    ElementMover(rows, values).move(row * columns, 0, columns);
    maps.emplace_back(Map{keys, std::move(values)});
  }
  context.set_output(0, std::move(maps));
}

// ---- DictVectorizer ----

Tensor vocabulary(const Node& node) {
  return list_of(node, "int64_vocabulary", "string_vocabulary");
}

void infer_dict_vectorizer(InferenceContext& context) {
  require_map(context);
  const Type& type = context.input_type(0);
  const DataType element = type.has_inner() ? type.inner().element_type() : DataType::kUndefined;
  context.set_output_type(0, Type::tensor(element, Shape{1, vocabulary(context.node()).count()}));
}

template <typename Key>
void place_values(const Map& map, const Tensor& words, Tensor& result) {
  CountedMap<Key, int64_t> places;
  int64_t place = 0;
  for (const Key& word : words.data<Key>()) places.emplace(word, place++);
  const ElementMover mover(map.values, result);
  int64_t source = 0;
  for (const Key& key : map.keys.data<Key>()) {
    const auto found = places.find(key);
    if (found != places.end()) mover.move(source, found->second);
    ++source;
  }
}

void compute_dict_vectorizer(KernelContext& context) {
  const Map& map = context.value(0).map();
  const Tensor words = vocabulary(context.node());
  if (map.keys.type() != words.type())
    fail(ErrorCode::kInvalidArgument, "the keys are {}, but the vocabulary is {}", map.keys.describe(),
         words.describe());
  Tensor& result = context.make_output(0, map.values.type(), {1, words.count()});
  clear_elements(result);
  dispatch<Elements<int64_t, Text>>(
      words.type(), [&]<typename Key>(ElementType<Key>) { place_values<Key>(map, words, result); });
}

// ---- CastMap ----

struct CastMapSettings {
  DataType type;
  bool sparse;
  int64_t size;  // of a sparse map's tensor
};

CastMapSettings cast_map_settings(const Node& node) {
  const std::string type = node.string_attribute("cast_to", "TO_FLOAT"),
                    form = node.string_attribute("map_form", "DENSE");
  static const std::map<std::string, DataType> types{
      {"TO_FLOAT", DataType::kFloat}, {"TO_STRING", DataType::kString}, {"TO_INT64", DataType::kInt64}};
  const auto found = types.find(type);
  if (found == types.end())
    fail(ErrorCode::kInvalidModel,
         "attribute 'cast_to' is '{}', but TO_FLOAT, TO_STRING or TO_INT64 was expected", type);
  if (form != "DENSE" && form != "SPARSE")
    fail(ErrorCode::kInvalidModel, "attribute 'map_form' is '{}', but DENSE or SPARSE was expected", form);
  const int64_t size = node.int_attribute("max_map", 1);
  if (form == "SPARSE" && size < 1)
    fail(ErrorCode::kInvalidModel, "attribute 'max_map' is {}, but it must be at least 1", size);
  return {found->second, form == "SPARSE", size};
}

void require_integer_keys(DataType type) {
  if (type != DataType::kInt64)
    fail(ErrorCode::kInvalidModel, "the map's keys are {}, but {} is expected", name_of(type),
         name_of(DataType::kInt64));
}

void infer_cast_map(InferenceContext& context) {
  require_map(context);
  if (!context.input_type(0).is_none()) require_integer_keys(context.input_type(0).element_type());
  const CastMapSettings settings = cast_map_settings(context.node());
  context.set_output_type(
      0, Type::tensor(settings.type, Shape{1, settings.sparse ? Dim(settings.size) : Dim()}));
}

// As ONNX Runtime writes them, since the standard does not say: numbers with six digits behind the point.
Tensor cast_values(const Tensor& values, DataType type) {
  if (type != DataType::kString || values.type() != DataType::kFloat) return cast_elements(values, type);
  Tensor texts(DataType::kString, values.dims());
  for (size_t i = 0; i < values.data<float>().size(); ++i)
    texts.data<Text>()[i] = fmt::format("{:f}", values.data<float>()[i]);
  return texts;
}

// Of keys that a sparse map lacks.
void fill_with_defaults(Tensor& result) {
  clear_elements(result);
  if (result.type() == DataType::kString)
    for (Text& text : result.data<Text>()) text = "0.f";
}

void compute_cast_map(KernelContext& context) {
  const Map& map = context.value(0).map();
  require_integer_keys(map.keys.type());
  const CastMapSettings settings = cast_map_settings(context.node());
  const Tensor values = cast_values(map.values, settings.type);
  CountedMap<int64_t, int64_t> sources;
  int64_t index = 0;
  for (const int64_t key : map.keys.data<int64_t>()) sources.emplace(key, index++);
  const int64_t size = settings.sparse ? settings.size : values.count();
  Tensor& result = context.make_output(0, settings.type, {1, size});
  fill_with_defaults(result);
  const ElementMover mover(values, result);
  int64_t next = 0;
  for (const auto& [key, source] : sources) {
    if (settings.sparse && (key < 0 || key >= size))
      fail(ErrorCode::kInvalidArgument, "the map has the key {}, but 'max_map' is {}", key, size);
    mover.move(source, settings.sparse ? key : next++);
  }
}

}  // namespace

void register_maps(Registry& registry) {
  using Kind = Attribute::Kind;
  constexpr TypeSet kResults{DataType::kInt64, DataType::kFloat, DataType::kDouble, DataType::kString};
  registry.add({.name = "ZipMap",
                .domain = kClassical,
                .inputs = {{"X", "tensor(float)"}},
                .outputs = {{"Z", ""}},
                .attributes = {{"classlabels_int64s", Kind::kInts}, {"classlabels_strings", Kind::kStrings}},
                .infer = infer_zip_map,
                .compute = compute_zip_map});
  registry.add({.name = "DictVectorizer",
                .domain = kClassical,
                .inputs = {{"X", ""}},
                .outputs = {{"Y", "T2"}},
                .attributes = {{"int64_vocabulary", Kind::kInts}, {"string_vocabulary", Kind::kStrings}},
                .type_constraints = {{"T2", kResults}},
                .infer = infer_dict_vectorizer,
                .compute = compute_dict_vectorizer});
  registry.add(
      {.name = "CastMap",
       .domain = kClassical,
       .inputs = {{"X", ""}},
       .outputs = {{"Y", "T2"}},
       .attributes = {{"cast_to", Kind::kString}, {"map_form", Kind::kString}, {"max_map", Kind::kInt}},
       .type_constraints = {{"T2", {DataType::kInt64, DataType::kFloat, DataType::kString}}},
       .infer = infer_cast_map,
       .compute = compute_cast_map});
}

}  // namespace slipway::ops
