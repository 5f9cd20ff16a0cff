// The vector functions of activations against the C++ library in double precision, on every instruction set
// of the machine: within the stated units in the last place, for numbers of every size.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <cstring>

#include "engine/random_model.hpp"

namespace slipway::engine {
namespace {

struct Function {
  const char* name;
  double (*exact)(double);
  double ulp;
  double tiny = 1.2e-38;  // results below this size are measured as if they had it
};

double gelu(double x) {
  return x * 0.5 * std::erfc(-x * std::sqrt(0.5));
}
double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
double softplus(double x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
double elu(double x) {
  return x < 0 ? std::expm1(x) : x;
}

const Function kFunctions[] = {
    {"Exp", std::exp, 1.1},   {"Log", std::log, 1},       {"Tanh", std::tanh, 2},
    {"Erf", std::erf, 3},     {"Sigmoid", sigmoid, 3},    {"Softplus", softplus, 2},
    {"Elu", elu, 2},          {"Gelu", gelu, 24, 1e-6},   {"Sqrt", std::sqrt, 0.51},
    {"Ceil", std::ceil, 0.0}, {"Floor", std::floor, 0.0}, {"Round", std::nearbyint, 0},
    {"Abs", std::fabs, 0},
};

// Finite floats of every exponent and both signs, and what is no number.
Tensor inputs() {
  std::vector<float> values{0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1e-40f, -1e-40f};
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 99991) {
    const auto narrow = static_cast<uint32_t>(bits);
    float value;
    std::memcpy(&value, &narrow, sizeof value);
    if (std::isfinite(value)) values.push_back(value);
  }
  for (float x = -20; x <= 20; x += 0.0037f) values.push_back(x);
  return Tensor::from<float>({static_cast<int64_t>(values.size())}, std::span<const float>(values));
}

double ulps(float got, double exact, double tiny) {
  const auto rounded = static_cast<float>(exact);
  if (got == 0 && rounded == 0) return std::signbit(got) == std::signbit(rounded) ? 0 : INFINITY;
  if (got == rounded || (std::isnan(got) && std::isnan(rounded))) return 0;
  if (!std::isfinite(got) || !std::isfinite(rounded)) return INFINITY;
  const double size = std::max(std::fabs(exact), tiny);
  return std::fabs(double{got} - exact) / std::ldexp(1.0, std::ilogb(size) - 23);
}

class UnaryTest : public testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_P(UnaryTest, IsExactToFewUnitsInTheLastPlace) {
  const Tensor tensor = inputs();
  for (const Function& function : kFunctions) {
    if (!ops::standard_operators().find("", function.name)) continue;
    GraphMaker maker;
    Value* x = maker.input(tensor.dims());
    maker.graph().add_output(maker.node(function.name, {x}));
    Environment environment(2);
    Context context(Model::make(std::move(maker.model), environment, {}));
    const std::vector<RuntimeValue> given{tensor};
    const auto outputs = context.run(given);
    const auto in = tensor.data<float>(), out = outputs[0].tensor().data<float>();
    double worst = 0;
    float at = 0;
    for (size_t i = 0; i < in.size(); ++i) {
      const double off = ulps(out[i], function.exact(double{in[i]}), function.tiny);
      if (off > worst) worst = off, at = in[i];
    }
    EXPECT_LE(worst, function.ulp) << function.name << " of " << at;
  }
}

std::vector<int64_t> targets() {
  std::vector<int64_t> all;
  for (int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) all.push_back(rest & -rest);
  return all;
}

INSTANTIATE_TEST_SUITE_P(EveryIsa, UnaryTest, testing::ValuesIn(targets()),
                         [](const auto& target) { return std::string(hwy::TargetName(target.param)); });

}  // namespace
}  // namespace slipway::engine
