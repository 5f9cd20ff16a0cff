// Damaged model files, through reading, writing, validation, passes, plans and a run.
#include "hostile/run_model.hpp"
#include "hostile/sandbox.hpp"
#include "hostile/seed_models.hpp"

namespace slipway::hostile {
namespace {

TEST(DamagedModel, UndamagedOnesRun) {
  Mutator random(1);
  int ran = 0;
  for (const std::string& model : seed_models()) {
    try {
      ran += read_and_run(model, random);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.what();
    }
  }
  EXPECT_GE(ran, 4);
}

TEST(DamagedModel, EveryPrefix) {
  struct Prefix {
    size_t model, length;
  };
  const auto models = seed_models();
  std::vector<Prefix> prefixes;
  for (size_t i = 0; i < models.size(); ++i)
    for (size_t length = 0; length < models[i].size(); ++length) prefixes.push_back({i, length});
  expect_harmless(prefixes.size(), [&](size_t index) {
    Mutator random(index);
    return read_and_run(models[prefixes[index].model].substr(0, prefixes[index].length), random);
  });
}

TEST(DamagedModel, Mutations) {
  const auto models = seed_models();
  expect_harmless(mutation_count(10'000), [&](size_t index) {
    Mutator random(seed() + index);
    return read_and_run(random.mutate(random.one_of(models), random.one_of(models)), random);
  });
}

}  // namespace
}  // namespace slipway::hostile
