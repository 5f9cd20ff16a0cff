// com.example:BytePair, byte-pair encoding of texts, so that a model takes strings. It shows what asinh.c
// does not: a state (the table of merges, made once from an attribute), strings, outputs whose size only the
// run tells, and an output that the node may leave out. C++11.
//
// Every text is its bytes at first, token b for byte b. merges = [a0, b0, a1, b1, ...] says that the
// neighbours a_i and b_i become token 256 + i; the first rule that fits somewhere is applied first, from left
// to right. Outputs: the tokens of all texts, one after the other; where each text's begin, and the end of
// the last; the tokens' bytes.
#include <slipway/custom_op.h>

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Merges {
  std::map<std::pair<int64_t, int64_t>, int64_t> token_of;
  std::vector<std::string> bytes_of;  // by token
};

slipway_status create(const slipway_op_api* api, slipway_op_call* call, void** state) {
  size_t count = 0;
  const int64_t* pairs = api->attribute_ints(call, "merges", &count);
  if (!pairs || count % 2 != 0)
    return api->fail(call, SLIPWAY_INVALID_MODEL, "merges has %zu numbers, but they come in pairs", count);
  Merges* merges = new Merges;
  *state = merges;  // Slipway frees it, also if what follows fails
  for (int byte = 0; byte < 256; ++byte) merges->bytes_of.push_back(std::string(1, static_cast<char>(byte)));
  for (size_t i = 0; i < count; i += 2) {
    const int64_t token = static_cast<int64_t>(merges->bytes_of.size());
    const int64_t left = pairs[i], right = pairs[i + 1];
    if (left < 0 || left >= token || right < 0 || right >= token)
      return api->fail(
          call, SLIPWAY_INVALID_MODEL, "merge %zu joins tokens %lld and %lld, but there are %lld so far",
          i / 2, static_cast<long long>(left), static_cast<long long>(right), static_cast<long long>(token));
    merges->token_of.insert({{left, right}, token});
    merges->bytes_of.push_back(merges->bytes_of[static_cast<size_t>(left)] +
                               merges->bytes_of[static_cast<size_t>(right)]);
  }
  return SLIPWAY_OK;
}

void destroy(void* state) {
  delete static_cast<Merges*>(state);
}

slipway_status infer(const slipway_op_api* api, slipway_op_call* call, const void*) {
  const slipway_op_type* texts = api->input_type(call, 0);
  if (texts->rank > 1 || texts->rank == 0)
    return api->fail(call, SLIPWAY_INVALID_ARGUMENT, "the texts are of rank %d, but they are a list",
                     texts->rank);
  const int64_t tokens = SLIPWAY_OP_UNKNOWN;
  const int64_t splits = texts->rank == 1 && texts->dims[0] >= 0 ? texts->dims[0] + 1 : SLIPWAY_OP_UNKNOWN;
  api->set_shape(call, 0, &tokens, 1);
  api->set_shape(call, 1, &splits, 1);
  return api->set_shape(call, 2, &tokens, 1);
}

// Joins the pair of the lowest token, everywhere; false when no pair has one.
bool merge_once(const Merges& merges, std::vector<int64_t>& tokens) {
  const std::pair<const std::pair<int64_t, int64_t>, int64_t>* best = nullptr;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const auto found = merges.token_of.find({tokens[i], tokens[i + 1]});
    if (found != merges.token_of.end() && (!best || found->second < best->second)) best = &*found;
  }
  if (!best) return false;
  std::vector<int64_t> joined;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool fits =
        i + 1 < tokens.size() && tokens[i] == best->first.first && tokens[i + 1] == best->first.second;
    joined.push_back(fits ? best->second : tokens[i]);
    if (fits) ++i;
  }
  tokens.swap(joined);
  return true;
}

slipway_status run(const slipway_op_api* api, slipway_op_call* call, const void* state) {
  const Merges& merges = *static_cast<const Merges*>(state);
  const slipway_op_tensor* texts = api->input(call, 0);
  int64_t* splits = static_cast<int64_t*>(api->output(call, 1));
  if (!splits) return api->status(call);
  std::vector<int64_t> all;
  for (size_t i = 0; i < texts->count; ++i) {
    size_t length = 0;
    const char* text = api->string(call, texts, i, &length);
    std::vector<int64_t> tokens;
    for (size_t k = 0; k < length; ++k) tokens.push_back(static_cast<unsigned char>(text[k]));
    while (merge_once(merges, tokens)) {
    }
    splits[i] = static_cast<int64_t>(all.size());
    all.insert(all.end(), tokens.begin(), tokens.end());
  }
  splits[texts->count] = static_cast<int64_t>(all.size());

  const int64_t dims[] = {static_cast<int64_t>(all.size())};
  int64_t* ids = static_cast<int64_t*>(api->output_of_shape(call, 0, dims, 1));
  if (!ids) return api->status(call);
  for (size_t i = 0; i < all.size(); ++i) ids[i] = all[i];

  if (!api->wants_output(call, 2) || !api->output_of_shape(call, 2, dims, 1)) return api->status(call);
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string& bytes = merges.bytes_of[static_cast<size_t>(all[i])];
    api->set_string(call, 2, i, bytes.data(), bytes.size());
  }
  return SLIPWAY_OK;
}

slipway_op describe() {
  slipway_op op = {};
  op.domain = "com.example";
  op.name = "BytePair";
  op.version = 1;
  op.inputs = "texts: string";
  op.outputs = "ids: int64; splits: int64; pieces: string?";
  op.attributes = "merges: ints";
  op.create = create;
  op.destroy = destroy;
  op.infer = infer;
  op.run = run;
  return op;
}

const slipway_op operators[] = {describe()};

}  // namespace

SLIPWAY_CUSTOM_OPS(operators)
