// Attention and RotaryEmbedding against the reference kernels, which compute in f64 and keep all scores.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

constexpr double kAttentionTolerance = 2e-6;

struct AttentionCase {
  int64_t batch = 2, heads = 4, kv_heads = 4, queries = 9, keys = 13, past = 0, size = 20, value_size = 20;
  bool packed = false, causal = false, has_valid = false, wants_present = false;
  float scale = 0, cap = 0;
  Dims mask;  // empty: none
  DataType mask_type = DataType::kFloat;
  bool fast = true;
};

Tensor random_mask(const AttentionCase& c, std::mt19937& random) {
  Tensor mask(c.mask_type, c.mask);
  for (int64_t i = 0; i < mask.count(); ++i)
    if (c.mask_type == DataType::kBool)
      mask.data<bool>()[static_cast<size_t>(i)] = random() % 4 != 0;
    else
      mask.data<float>()[static_cast<size_t>(i)] =
          random() % 4 == 0 ? -HUGE_VALF : static_cast<float>(random() % 5);
  return mask;
}

void expect_like_reference(const AttentionCase& c) {
  GraphMaker maker;
  std::vector<Value*> inputs;
  std::vector<RuntimeValue> fed;
  const auto feed = [&](const Tensor& tensor) {
    fed.emplace_back(tensor);
    inputs.push_back(add_input(maker, tensor));
  };
  const auto heads = [&](int64_t count, int64_t tokens, int64_t size) {
    feed(random_tensor(c.packed ? Dims{c.batch, tokens, count * size} : Dims{c.batch, count, tokens, size},
                       maker.random, 2));
  };
  heads(c.heads, c.queries, c.size);
  heads(c.kv_heads, c.keys, c.size);
  heads(c.kv_heads, c.keys, c.value_size);
  inputs.resize(3);
  c.mask.empty() ? inputs.push_back(nullptr) : feed(random_mask(c, maker.random));
  if (c.past > 0) {
    feed(random_tensor({c.batch, c.kv_heads, c.past, c.size}, maker.random, 2));
    feed(random_tensor({c.batch, c.kv_heads, c.past, c.value_size}, maker.random, 2));
  }
  if (c.has_valid) {
    inputs.resize(6);
    Tensor valid(DataType::kInt64, {c.batch});
    for (int64_t i = 0; i < c.batch; ++i) valid.data<int64_t>()[static_cast<size_t>(i)] = c.keys - 3 * i;
    feed(valid);
  }
  Node* node = maker.graph().add_node("Attention", inputs, c.wants_present ? 3 : 1);
  if (c.packed) {
    node->set_attribute("q_num_heads", c.heads);
    node->set_attribute("kv_num_heads", c.kv_heads);
  }
  node->set_attribute("is_causal", int64_t{c.causal});
  if (c.scale > 0) node->set_attribute("scale", c.scale);
  if (c.cap > 0) node->set_attribute("softcap", c.cap);
  expect_node_like_reference(maker, *node, fed, kAttentionTolerance, c.fast);
}

TEST(Attention, HeadsGroupsAndSizes) {
  for (bool packed : {false, true})
    for (int64_t kv_heads : {1, 2, 4})
      for (int64_t queries : {1, 3, 9, 70})
        for (int64_t keys : {1, 13, 64, 150})
          for (bool causal : {false, true}) {
            AttentionCase c;
            c.packed = packed, c.kv_heads = kv_heads, c.queries = queries, c.keys = keys, c.causal = causal;
            if (causal && queries > keys) continue;
            expect_like_reference(c);
          }
}

TEST(Attention, SizesOfHeads) {
  for (bool packed : {false, true})
    for (int64_t size : {1, 7, 64, 80})
      for (int64_t value_size : {3, 64, 128, 65}) {
        AttentionCase c;
        c.packed = packed, c.size = size, c.value_size = value_size, c.keys = 77;
        expect_like_reference(c);
        c.queries = 1;
        expect_like_reference(c);
      }
}

TEST(Attention, PastAndPresent) {
  for (bool wants_present : {false, true})
    for (bool causal : {false, true})
      for (int64_t past : {1, 64, 100})
        for (int64_t queries : {1, 5}) {
          AttentionCase c;
          c.wants_present = wants_present, c.causal = causal, c.past = past;
          c.queries = c.keys = queries, c.kv_heads = 2, c.value_size = 64;
          expect_like_reference(c);
        }
}

TEST(Attention, Masks) {
  for (const DataType type : {DataType::kFloat, DataType::kBool})
    for (const Dims& mask : std::vector<Dims>{{9, 90},
                                              {1, 90},
                                              {90},
                                              {2, 1, 9, 90},
                                              {2, 1, 1, 90},
                                              {1, 4, 9, 1},
                                              {4, 9, 90},
                                              {9, 50},
                                              {9, 64}})
      for (int64_t past : {0, 80}) {
        AttentionCase c;
        c.mask = mask, c.mask_type = type, c.past = past, c.keys = 90 - past;
        expect_like_reference(c);
        c.causal = true, c.cap = 1.5f;
        if (past > 0) expect_like_reference(c);
      }
}

TEST(Attention, ValidKeysScaleAndCap) {
  AttentionCase c;
  c.has_valid = true, c.keys = 70, c.scale = 0.7f;
  expect_like_reference(c);
  c.cap = 2;
  expect_like_reference(c);
  // Of a query that sees no key at all there is no mean.
  c.keys = 3;
  expect_like_reference(c);
}

TEST(Attention, RowsThatNothingMayBeSeenOf) {
  GraphMaker maker;
  std::vector<RuntimeValue> fed;
  std::vector<Value*> inputs;
  for (int64_t tokens : {9, 90, 90}) {
    fed.emplace_back(random_tensor({2, 4, tokens, 20}, maker.random));
    inputs.push_back(add_input(maker, fed.back().tensor()));
  }
  // The first keys are hidden from all, all keys from one.
  Tensor mask(DataType::kBool, {9, 90});
  for (int64_t i = 0; i < mask.count(); ++i)
    mask.data<bool>()[static_cast<size_t>(i)] = i % 90 >= 70 && i / 90 != 4;
  fed.emplace_back(mask);
  inputs.push_back(add_input(maker, mask));
  expect_node_like_reference(maker, *maker.graph().add_node("Attention", inputs), fed, kAttentionTolerance);
}

void expect_rotary(bool packed, bool interleaved, int64_t size, int64_t turned, bool has_positions) {
  constexpr int64_t kBatch = 2, kHeads = 3, kTokens = 5;
  GraphMaker maker;
  const int64_t pairs = (turned > 0 ? turned : size) / 2;
  const Dims cache = has_positions ? Dims{40, pairs} : Dims{kBatch, kTokens, pairs};
  Tensor positions(DataType::kInt64, {kBatch, kTokens});
  for (size_t i = 0; i < 10; ++i) positions.data<int64_t>()[i] = static_cast<int64_t>(i * 17 % 80) - 40;
  std::vector<RuntimeValue> fed{
      random_tensor(packed ? Dims{kBatch, kTokens, kHeads * size} : Dims{kBatch, kHeads, kTokens, size},
                    maker.random),
      random_tensor(cache, maker.random), random_tensor(cache, maker.random)};
  if (has_positions) fed.emplace_back(positions);
  std::vector<Value*> inputs;
  for (const RuntimeValue& value : fed) inputs.push_back(add_input(maker, value.tensor()));
  Node* node = maker.graph().add_node("RotaryEmbedding", inputs);
  node->set_attribute("interleaved", int64_t{interleaved});
  node->set_attribute("rotary_embedding_dim", turned);
  if (packed) node->set_attribute("num_heads", kHeads);
  expect_node_like_reference(maker, *node, fed, 2e-7);
}

TEST(RotaryEmbedding, LayoutsPairsAndPositions) {
  for (bool packed : {false, true})
    for (bool interleaved : {false, true})
      for (bool has_positions : {false, true})
        for (int64_t size : {2, 32, 80, 94})
          for (int64_t turned : {0, 2, 34})
            if (turned <= size) expect_rotary(packed, interleaved, size, turned, has_positions);
}

TEST(RotaryEmbedding, RefusesPositionsBeyondTheCaches) {
  GraphMaker maker;
  Tensor positions(DataType::kInt64, {1, 1});
  positions.data<int64_t>()[0] = 4;
  const std::vector<RuntimeValue> fed{random_tensor({1, 1, 1, 4}, maker.random),
                                      random_tensor({4, 2}, maker.random),
                                      random_tensor({4, 2}, maker.random), positions};
  std::vector<Value*> inputs;
  for (const RuntimeValue& value : fed) inputs.push_back(add_input(maker, value.tensor()));
  maker.graph().add_output(maker.graph().add_node("RotaryEmbedding", inputs)->output(0));
  EXPECT_THROW(run_on_engine(maker, fed, 2), Error);
}

}  // namespace
}  // namespace slipway::engine
