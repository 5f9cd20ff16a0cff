// NGramRepeatBlock: takes those tokens out of the running that would complete an n-gram for the second time.
#include <limits>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

void infer(InferenceContext& context) {
  context.set_output_type(0, context.input_type(1));
}

void compute(KernelContext& context) {
  const int64_t size = context.node().int_attribute("ngram_size", 0);
  if (size < 1)
    fail(ErrorCode::kInvalidModel, "attribute 'ngram_size' is {}, but it must be at least 1", size);
  const Tensor &tokens = context.input(0), &scores = context.input(1);
  if (tokens.rank() != 2 || scores.rank() != 2 || tokens.dim(0) != scores.dim(0))
    fail(ErrorCode::kInvalidModel,
         "input_ids are {} and scores {}, but [batch,tokens] and [batch,words] are expected",
         tokens.describe(), scores.describe());
  const int64_t length = tokens.dim(1), words = scores.dim(1);
  const auto result = context.make_output(0, DataType::kFloat, scores.dims()).data<float>();
  std::copy(scores.data<float>().begin(), scores.data<float>().end(), result.begin());
  if (length < size) return;
  for (int64_t sequence = 0; sequence < tokens.dim(0); ++sequence) {
    const int64_t* begin = tokens.data<int64_t>().data() + sequence * length;
    const int64_t* last = begin + length - (size - 1);  // what the next token would complete
    for (const int64_t* gram = begin; gram + size <= begin + length; ++gram) {
      WorkScope::spend(static_cast<double>(size));
      if (!std::equal(last, begin + length, gram)) continue;
      const int64_t banned = gram[size - 1];
      if (banned < 0 || banned >= words)
        fail(ErrorCode::kInvalidArgument, "input_ids has the token {}, but there are scores for {} words",
             banned, words);
      result[static_cast<size_t>(sequence * words + banned)] = -std::numeric_limits<float>::infinity();
    }
  }
}

}  // namespace

void register_ngram_repeat_block(Registry& registry) {
  registry.add({.name = "NGramRepeatBlock",
                .domain = "com.microsoft",
                .inputs = {{"input_ids", "tensor(int64)"}, {"scores", "tensor(float)"}},
                .outputs = {{"scores_out", "tensor(float)"}},
                .attributes = {{"ngram_size", Attribute::Kind::kInt, true}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
