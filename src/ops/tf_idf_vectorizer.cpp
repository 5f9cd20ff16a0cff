// TfIdfVectorizer: how often each of the n-grams of a pool occurs in a list of words or numbers, perhaps with
// words left out in between.
#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/attribute_list.hpp"
#include "ops/cast.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

// Where counts go. Coordinates are checked: none is negative.
struct Columns {
  std::vector<int64_t> of_ngram;
  int64_t count;
};

Columns columns_of(const Node& node) {
  Columns columns{node.ints_attribute("ngram_indexes", {}), 0};
  for (int64_t column : columns.of_ngram) {
    if (column < 0 || column == std::numeric_limits<int64_t>::max())
      fail(ErrorCode::kInvalidModel, "'ngram_indexes' has {}, but it must not be negative", column);
    columns.count = std::max(columns.count, column + 1);
  }
  if (columns.count == 0) fail(ErrorCode::kInvalidModel, "'ngram_indexes' is empty");
  return columns;
}

// The n-grams of all lengths that the node asks for, with their columns.
template <typename Token>
class Pool {
 public:
  Pool(const Node& node, std::span<const Token> tokens, const Columns& columns) {
    const std::vector<int64_t> starts = node.ints_attribute("ngram_counts", {});
    shortest_ = node.int_attribute("min_gram_length", 1);
    const int64_t longest = node.int_attribute("max_gram_length", 1);
    if (shortest_ < 1 || longest < shortest_)
      fail(ErrorCode::kInvalidModel, "n-grams of {} to {} were asked for", shortest_, longest);
    size_t ngram = 0;
    for (size_t i = 0; i < starts.size(); ++i) {
      const int64_t begin = starts[i];
      const int64_t end = i + 1 < starts.size() ? starts[i + 1] : static_cast<int64_t>(tokens.size());
      const int64_t length = static_cast<int64_t>(i) + 1;
      if (begin < 0 || end < begin || end > static_cast<int64_t>(tokens.size()) ||
          (end - begin) % length != 0)
        fail(ErrorCode::kInvalidModel, "'ngram_counts' [{}, {}) does not cut {}-grams out of {} elements",
             begin, end, length, tokens.size());
      for (int64_t at = begin; at < end; at += length, ++ngram) {
        if (ngram >= columns.of_ngram.size())
          fail(ErrorCode::kInvalidModel, "the pool has more n-grams than 'ngram_indexes'");
        if (length < shortest_ || length > longest) continue;
        column_of_[{tokens.begin() + at, tokens.begin() + at + length}] = columns.of_ngram[ngram];
        longest_ = std::max(longest_, length);
      }
    }
  }

  // Adds what occurs in `row` to `counts`. At most `skips` tokens are left out between two of an n-gram.
  void count(std::span<const Token> row, int64_t skips, std::span<int64_t> counts) const {
    const auto size = static_cast<int64_t>(row.size());
    // Of greater steps not even the shortest n-gram fits in; a single word has none.
    const int64_t most = longest_ < 2 ? 1 : (size - 1) / std::max<int64_t>(shortest_ - 1, 1);
    CountedVector<Token> ngram;
    for (int64_t step = 1; step <= most && step - 1 <= skips; ++step)
      for (int64_t first = 0; first < size; ++first) {
        ngram.clear();
        WorkScope::spend(static_cast<double>(std::min(longest_, (size - 1 - first) / step + 1)));
        for (int64_t at = first; at < size && static_cast<int64_t>(ngram.size()) < longest_; at += step) {
          ngram.push_back(row[static_cast<size_t>(at)]);
          const auto length = static_cast<int64_t>(ngram.size());
          // Nothing can be left out of a single word: it is counted once.
          if (length < shortest_ || (length == 1 && step > 1)) continue;
          if (const auto found = column_of_.find(ngram); found != column_of_.end())
            ++counts[static_cast<size_t>(found->second)];
        }
      }
  }

 private:
  CountedMap<CountedVector<Token>, int64_t> column_of_;
  int64_t shortest_;
  int64_t longest_ = 0;
};

// What a column's count becomes. The weights are those of the columns, as ONNX Runtime and ONNX's reference
// evaluator have it.
class Weighting {
 public:
  Weighting(const Node& node, int64_t columns) : weights_(list_attribute<float>(node, "weights")) {
    const std::string mode = node.string_attribute("mode", "");
    if (mode != "TF" && mode != "IDF" && mode != "TFIDF")
      fail(ErrorCode::kInvalidModel, "mode is '{}', but TF, IDF or TFIDF was expected", mode);
    caps_ = mode == "IDF";
    if (mode == "TF") weights_.clear();
    if (!weights_.empty() && static_cast<int64_t>(weights_.size()) < columns)
      fail(ErrorCode::kInvalidModel, "there are {} weights for {} columns", weights_.size(), columns);
  }

  float operator()(size_t column, int64_t count) const {
    const auto counted = static_cast<float>(caps_ ? std::min<int64_t>(count, 1) : count);
    return weights_.empty() ? counted : weights_[column] * counted;
  }

 private:
  std::vector<float> weights_;
  bool caps_;
};

template <typename Token>
void vectorize(KernelContext& context, std::span<const Token> tokens, std::span<const Token> pool_tokens) {
  const Node& node = context.node();
  const Columns columns = columns_of(node);
  const Pool<Token> pool(node, pool_tokens, columns);
  const Weighting weighting(node, columns.count);
  const Dims& dims = context.input(0).dims();
  const int64_t rows = dims.size() == 2 ? dims[0] : 1;
  const auto width = rows == 0 ? 0 : tokens.size() / static_cast<size_t>(rows);

  const Dims made = dims.size() == 2 ? Dims{rows, columns.count} : Dims{columns.count};
  const auto output = context.make_output(0, DataType::kFloat, made).data<float>();
  const auto count = static_cast<size_t>(columns.count);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    CountedVector<int64_t> counts(count);
    pool.count(tokens.subspan(row * width, width), node.int_attribute("max_skip_count", 0), counts);
    for (size_t column = 0; column < count; ++column)
      output[row * count + column] = weighting(column, counts[column]);
  }
}

void check_rank(size_t rank) {
  if (rank > 2)
    fail(ErrorCode::kInvalidArgument, "the input has rank {}, but [C] or [N,C] was expected", rank);
}

void infer(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  const Dim columns = columns_of(context.node()).count;
  if (!shape) return context.set_output_type(0, Type::tensor(DataType::kFloat));
  check_rank(shape->size());
  context.set_output_type(
      0,
      Type::tensor(DataType::kFloat, shape->size() == 2 ? Shape{shape->front(), columns} : Shape{columns}));
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  check_rank(input.rank());
  if (input.type() == DataType::kString) {
    const auto stated = list_attribute<std::string>(context.node(), "pool_strings");
    const CountedVector<Text> pool(stated.begin(), stated.end());
    return vectorize<Text>(context, input.data<Text>(), pool);
  }
  const Tensor numbers = cast_elements(input, DataType::kInt64);
  vectorize<int64_t>(context, numbers.data<int64_t>(),
                     list_attribute<int64_t>(context.node(), "pool_int64s"));
}

}  // namespace

void register_tf_idf_vectorizer(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "TfIdfVectorizer",
                .since_version = 9,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "tensor(float)"}},
                .attributes = {{"max_gram_length", Kind::kInt, true},
                               {"max_skip_count", Kind::kInt, true},
                               {"min_gram_length", Kind::kInt, true},
                               {"mode", Kind::kString, true},
                               {"ngram_counts", Kind::kInts, true},
                               {"ngram_indexes", Kind::kInts, true},
                               {"pool_int64s", Kind::kInts},
                               {"pool_strings", Kind::kStrings},
                               {"weights", Kind::kFloats}},
                .type_constraints = {{"T", {DataType::kString, DataType::kInt32, DataType::kInt64}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
