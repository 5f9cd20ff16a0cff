// MaxPool and AveragePool over one to three axes, against the reference kernel.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

using Ints = std::vector<int64_t>;

struct PoolingCase {
  Dims dims;
  Ints kernel, strides, dilations, pads;
};

const std::vector<PoolingCase> kPoolings = {
    {{2, 3, 20, 20}, {5, 5}, {1, 1}, {1, 1}, {2, 2, 2, 2}},
    {{1, 2, 35, 35}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}},
    {{1, 2, 31, 45}, {3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}},
    {{1, 2, 32, 64}, {2, 2}, {2, 2}, {1, 1}, {0, 0, 0, 0}},
    {{1, 2, 300, 70}, {2, 3}, {2, 1}, {1, 1}, {0, 2, 1, 0}},
    {{2, 1, 3, 5}, {3, 2}, {1, 2}, {1, 1}, {2, 0, 1, 1}},
    {{1, 1, 1, 1}, {1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}},
    {{1, 2, 19, 50}, {2, 3}, {1, 1}, {3, 2}, {1, 2, 3, 1}},
    {{1, 2, 19, 50}, {3, 4}, {2, 2}, {1, 3}, {1, 2, 1, 3}},
    {{1, 2, 40, 67}, {4, 2}, {3, 3}, {2, 1}, {2, 1, 0, 0}},
    {{1, 1, 9, 200}, {9, 7}, {4, 5}, {1, 2}, {4, 6, 4, 6}},
    {{3, 4, 100}, {3}, {2}, {1}, {1, 1}},
    {{1, 2, 7}, {4}, {1}, {2}, {3, 3}},
    {{2, 3, 6, 9, 21}, {2, 3, 2}, {1, 2, 2}, {1, 1, 1}, {1, 1, 0, 0, 1, 1}},
    {{1, 2, 5, 7, 33}, {3, 3, 3}, {2, 1, 1}, {2, 1, 1}, {2, 1, 1, 2, 1, 1}},
};

Value* pool(GraphMaker& maker, const char* kind, const PoolingCase& test, Value* x, int64_t ceil) {
  return maker.node(kind, {x},
                    {{"kernel_shape", test.kernel},
                     {"strides", test.strides},
                     {"dilations", test.dilations},
                     {"pads", test.pads},
                     {"ceil_mode", ceil}});
}

TEST(PlanePooling, FindsTheSameMaxima) {
  for (const PoolingCase& test : kPoolings)
    for (int64_t ceil : {0, 1}) {
      GraphMaker maker;
      const Tensor tensor = random_tensor(test.dims, maker.random);
      Value* y = pool(maker, "MaxPool", test, add_input(maker, tensor), ceil);
      expect_identical(maker, *y->producer(), {tensor});
    }
}

TEST(PlanePooling, AveragesWhatIsInside) {
  for (const PoolingCase& test : kPoolings)
    for (int64_t ceil : {0, 1})
      for (int64_t count_padding : {0, 1}) {
        GraphMaker maker;
        const Tensor tensor = random_tensor(test.dims, maker.random);
        Value* y = pool(maker, "AveragePool", test, add_input(maker, tensor), ceil);
        y->producer()->set_attribute("count_include_pad", count_padding);
        expect_like_reference(maker, y, {tensor}, 1e-6);
      }
}

TEST(PlanePooling, KeepsNanInfinityAndWhatIsTiny) {
  for (const PoolingCase& test : kPoolings)
    for (size_t place = 0; place < 40; place += 3) {
      GraphMaker maker;
      Tensor tensor = random_tensor(test.dims, maker.random);
      const auto values = tensor.data<float>();
      values[place % values.size()] = NAN;
      values[place * 31 % values.size()] = -HUGE_VALF;
      values[place * 37 % values.size()] = 1e-41f;
      Value* y = pool(maker, "MaxPool", test, add_input(maker, tensor), 0);
      expect_like_reference(maker, y, {tensor}, 0);
    }
}

}  // namespace
}  // namespace slipway::engine
