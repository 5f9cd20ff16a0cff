// What a file may get wrong, and that the message says where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/validate.hpp"
#include "onnx/golden_models.hpp"
#include "onnx/proto_text.hpp"
#include "onnx/read_model.hpp"

namespace slipway {
namespace {

using ::testing::AllOf;
using testing::entry_proto;
using ::testing::HasSubstr;
using testing::model_with_graph;
using testing::model_with_initializer;
using testing::node_proto;
using testing::Proto;
using testing::tensor_proto;

std::string error_in(const std::string& bytes) {
  return testing::error_of([&] { read_model_bytes(testing::as_bytes(bytes)); });
}

const std::string kFloats(8, '\0');

TEST(InvalidModel, DataThatDoesNotFillTheDimensions) {
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(1, {3}, kFloats))),
              AllOf(HasSubstr("tensor 't'"), HasSubstr("8 bytes"), HasSubstr("f32[3] needs 12")));
  EXPECT_THAT(
      error_in(model_with_initializer(Proto().integer(1, 3).integer(2, 1).text(8, "t").real(4, 1.0f))),
      AllOf(HasSubstr("tensor 't'"), HasSubstr("float_data holds 1 values")));
  EXPECT_EQ(error_in(model_with_initializer(tensor_proto(1, {2}, kFloats))), "");
}

TEST(InvalidModel, DimensionsThatNoMemoryHolds) {
  const int64_t huge = int64_t{1} << 40;
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(1, {huge, huge}, kFloats))),
              AllOf(HasSubstr("tensor 't'"), HasSubstr("too large")));
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(1, {huge}, kFloats))),
              HasSubstr("needs 4398046511104"));
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(1, {-1}, kFloats))), HasSubstr("negative"));
  Proto deep = Proto().integer(2, 1).text(8, "t");
  for (int i = 0; i < 1000; ++i) deep.integer(1, 1);
  EXPECT_THAT(error_in(model_with_initializer(deep)), HasSubstr("1000 dimensions"));
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(1, {huge, 0}, ""))),
              AllOf(HasSubstr("tensor 't'"), HasSubstr("has no elements, but its other sizes multiply")));
}

TEST(InvalidModel, TypesOfMoreDimensionsThanTensorsHave) {
  Proto shape;
  for (int i = 0; i < 65; ++i) shape.message(1, Proto().integer(1, 1));
  const Proto type = Proto().message(1, Proto().integer(1, 1).message(2, shape));
  EXPECT_THAT(error_in(model_with_graph(Proto().message(11, Proto().text(1, "x").message(2, type)))),
              AllOf(HasSubstr("value 'x'"), HasSubstr("65 dimensions are more than the 64")));
}

TEST(InvalidModel, ElementTypes) {
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(99, {2}, kFloats))),
              AllOf(HasSubstr("tensor 't'"), HasSubstr("element type 99")));
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(-1, {2}, kFloats))), HasSubstr("element type -1"));
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(0, {2}, kFloats))), HasSubstr("not stated"));
  EXPECT_THAT(error_in(model_with_initializer(tensor_proto(8, {2}, kFloats))), HasSubstr("string_data"));
  // Integers in the field of floats.
  EXPECT_THAT(error_in(model_with_initializer(Proto().integer(2, 7).text(8, "t").real(4, 1.0f))),
              AllOf(HasSubstr("float_data"), HasSubstr("int64_data")));
  const Proto type = Proto().message(1, Proto().integer(1, 77));
  EXPECT_THAT(error_in(model_with_graph(Proto().message(11, Proto().text(1, "x").message(2, type)))),
              AllOf(HasSubstr("value 'x'"), HasSubstr("element type 77")));
}

TEST(InvalidModel, NamesThatAreNotUniqueOrNotThere) {
  const Proto x = Proto().text(1, "x");
  EXPECT_THAT(error_in(model_with_graph(Proto().message(11, x).message(11, x))),
              AllOf(HasSubstr("'x'"), HasSubstr("belongs to an input")));
  EXPECT_THAT(error_in(model_with_graph(
                  Proto().message(1, node_proto("A", "", "y")).message(1, node_proto("B", "", "y")))),
              AllOf(HasSubstr("the node that makes 'y' (B)"), HasSubstr("'y'")));
  EXPECT_THAT(
      error_in(model_with_graph(Proto().text(2, "main").message(1, node_proto("Relu", "nowhere", "y")))),
      AllOf(HasSubstr("graph 'main'"), HasSubstr("(Relu)"), HasSubstr("'nowhere'")));
  EXPECT_THAT(error_in(model_with_graph(Proto().message(12, x))), HasSubstr("output 'x'"));
  EXPECT_THAT(error_in(model_with_graph(Proto().message(11, Proto()))), HasSubstr("no name"));
}

TEST(InvalidModel, Attributes) {
  const auto with_attribute = [](const Proto& attribute) {
    return model_with_graph(Proto().message(1, node_proto("Op", "", "y").message(5, attribute)));
  };
  EXPECT_THAT(error_in(with_attribute(Proto().text(1, "a").integer(20, 50))),
              AllOf(HasSubstr("(Op)"), HasSubstr("attribute 'a'"), HasSubstr("type 50")));
  EXPECT_THAT(error_in(with_attribute(Proto().text(1, "a").integer(20, 4))), HasSubstr("no tensor is there"));
  EXPECT_THAT(error_in(with_attribute(Proto().text(1, "a").message(5, Proto()).message(5, Proto()))),
              HasSubstr("stated twice"));
  EXPECT_THAT(error_in(with_attribute(Proto().text(1, "a").integer(20, 4).message(5, Proto()))),
              AllOf(HasSubstr("attribute 'a'"), HasSubstr("its tensor has neither type nor data")));
  EXPECT_THAT(error_in(with_attribute(Proto().text(1, "a").integer(20, 9).message(10, Proto().text(8, "t")))),
              HasSubstr("its tensor has neither type nor data"));
  // IR version 1: the kind follows from the content.
  EXPECT_EQ(error_in(with_attribute(Proto().text(1, "a").integer(3, 5))), "");
}

TEST(InvalidModel, GraphsNestedTooDeep) {
  const auto nested = [](int depth) {
    Proto graph;
    for (int i = 0; i < depth; ++i) {
      const Proto attribute = Proto().text(1, "body").integer(20, 5).message(6, graph);
      graph = Proto().message(1, node_proto("Loop", "", "").message(5, attribute));
    }
    return model_with_graph(graph);
  };
  EXPECT_EQ(error_in(nested(kMaxGraphNesting - 1)), "");
  EXPECT_THAT(error_in(nested(kMaxGraphNesting)), HasSubstr("graphs are nested more than 64 deep"));
  EXPECT_THAT(error_in(nested(3000)), HasSubstr("graphs are nested more than 64 deep"));
}

TEST(InvalidModel, TypesNestedTooDeep) {
  Proto type = Proto().message(1, Proto().integer(1, 1));
  for (int i = 0; i < 3000; ++i) type = Proto().message(4, Proto().message(1, type));
  EXPECT_THAT(error_in(model_with_graph(Proto().message(11, Proto().text(1, "x").message(2, type)))),
              HasSubstr("types are nested more than 64 deep"));
}

TEST(InvalidModel, GroupsNestedTooDeep) {
  EXPECT_THAT(error_in(std::string(100000, '\x0b')), HasSubstr("groups are nested"));
  EXPECT_THAT(error_in("\x0b\x14"), HasSubstr("closed as group"));
}

TEST(InvalidModel, SparseTensors) {
  const auto sparse = [](int64_t index, int64_t dim) {
    const Proto values = Proto().integer(1, 1).integer(2, 1).real(4, 1.0f).text(8, "s");
    const Proto indices = Proto().integer(1, 1).integer(2, 7).integer(7, index);
    const Proto tensor = Proto().message(1, values).message(2, indices).integer(3, dim).integer(3, dim);
    return model_with_graph(Proto().message(15, tensor));
  };
  EXPECT_EQ(error_in(sparse(3, 2)), "");
  EXPECT_THAT(error_in(sparse(4, 2)), AllOf(HasSubstr("'s'"), HasSubstr("index 4 is outside")));
  EXPECT_THAT(error_in(sparse(-1, 2)), HasSubstr("index -1 is outside"));
  EXPECT_THAT(error_in(sparse(0, 1 << 20)), AllOf(HasSubstr("would grow"), HasSubstr("4398046511104")));
}

TEST(InvalidModel, SegmentsAreNotWholeTensors) {
  const Proto segment = tensor_proto(1, {4}, kFloats).message(3, Proto().integer(1, 0).integer(2, 2));
  EXPECT_THAT(error_in(model_with_initializer(segment)), HasSubstr("segment of a larger tensor"));
}

TEST(InvalidModel, LongAndUnprintableNamesAreShortened) {
  const std::string name(100000, '\n');
  const std::string message = error_in(model_with_graph(Proto().message(1, node_proto("Op", name, "y"))));
  EXPECT_LT(message.size(), 500u);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(InvalidModel, BoolsAreNormalised) {
  const std::string bytes = model_with_initializer(tensor_proto(9, {3}, std::string_view("\x00\x01\xfe", 3)));
  const Model model = read_model_bytes(testing::as_bytes(bytes));
  EXPECT_THAT(model.graph->find_value("t")->initializer()->data<bool>(),
              ::testing::ElementsAre(false, true, true));
}

}  // namespace
}  // namespace slipway
