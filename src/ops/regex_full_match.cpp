// RegexFullMatch: does the whole of each string match a regular expression? RE2 takes time linear in the
// string, whatever the expression.
#include <re2/re2.h>

#include "base/error.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void infer(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(DataType::kBool, context.input_shape(0)));
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 expression(context.node().string_attribute("pattern", ""), options);
  if (!expression.ok())
    fail(ErrorCode::kInvalidModel, "the pattern '{}' is no RE2 expression: {}", expression.pattern(),
         expression.error());
  const auto matches = context.make_output(0, DataType::kBool, input.dims()).data<bool>();
  const auto strings = input.data<Text>();
  for (size_t i = 0; i < strings.size(); ++i) {
    const re2::StringPiece text(strings[i].data(), strings[i].size());
    matches[i] = RE2::FullMatch(text, expression);
  }
}

}  // namespace

void register_regex_full_match(Registry& registry) {
  registry.add({.name = "RegexFullMatch",
                .since_version = 20,
                .inputs = {{"X", "T1"}},
                .outputs = {{"Y", "T2"}},
                .attributes = {{"pattern", Attribute::Kind::kString}},
                .type_constraints = {{"T1", {DataType::kString}}, {"T2", {DataType::kBool}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
