// GatherElements, GatherND, ScatterElements and ScatterND: every bit is the reference's.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

constexpr DataType kOfEverySize[] = {DataType::kBool, DataType::kFloat16, DataType::kFloat, DataType::kInt64,
                                     DataType::kComplex128};

// Within [-size, size).
template <typename Index>
Tensor indices_below(int64_t size, const Dims& dims, std::mt19937& random) {
  Tensor tensor(data_type_of<Index>, dims);
  for (Index& index : tensor.data<Index>())
    index = static_cast<Index>(static_cast<int64_t>(random() % static_cast<uint64_t>(2 * size)) - size);
  return tensor;
}

struct IndexedCase {
  Dims data, indices;
  int64_t axis;
};

const std::vector<IndexedCase> kIndexedCases = {{{8, 30, 11}, {8, 7, 11}, 1},
                                                {{8, 30, 11}, {5, 7, 4}, 1},
                                                {{8, 30, 11}, {8, 30, 50}, 2},
                                                {{8, 30, 11}, {3, 2, 50}, -1},
                                                {{8, 30, 11}, {40, 30, 11}, 0},
                                                {{9, 400}, {100, 400}, 0},
                                                {{9, 400}, {100, 1}, 0},
                                                {{9, 1, 4}, {2, 1, 3}, 0},
                                                {{9, 1, 4}, {9, 6, 4}, 1},
                                                {{50}, {20000}, 0},
                                                {{7, 9}, {1, 1}, 1},
                                                {{4, 5, 6, 7}, {4, 5, 3, 7}, 2},
                                                {{4, 5, 6, 7}, {4, 1, 3, 7}, 2},
                                                {{3, 4, 5}, {3, 4, 1}, 2},
                                                {{20, 300, 4}, {20, 1, 4}, 1}};

template <typename Index>
void expect_gathered() {
  for (DataType type : kOfEverySize)
    for (const IndexedCase& test : kIndexedCases) {
      GraphMaker maker;
      const auto axis =
          static_cast<size_t>(test.axis < 0 ? test.axis + int64_t(test.data.size()) : test.axis);
      const Tensor data = random_bits(type, test.data, maker.random);
      const Tensor indices = indices_below<Index>(test.data[axis], test.indices, maker.random);
      Value* y = maker.node("GatherElements", {add_input(maker, data), add_input(maker, indices)},
                            {{"axis", test.axis}});
      expect_identical(maker, *y->producer(), {data, indices});
    }
}

TEST(Indexed, GathersElements) {
  expect_gathered<int64_t>();
  expect_gathered<int32_t>();
}

// Indices that meet are frequent here.
TEST(Indexed, ScattersElementsInTheirOrder) {
  for (const IndexedCase& test : kIndexedCases)
    for (DataType type : {DataType::kBool, DataType::kFloat, DataType::kDouble, DataType::kInt32,
                          DataType::kInt64, DataType::kComplex128})
      for (const char* reduction : {"none", "add", "mul", "max", "min"}) {
        const bool moves = std::string(reduction) == "none";
        if (!moves && (type == DataType::kBool || type == DataType::kComplex128)) continue;
        GraphMaker maker;
        const auto axis =
            static_cast<size_t>(test.axis < 0 ? test.axis + int64_t(test.data.size()) : test.axis);
        Tensor data = random_bits(type, test.data, maker.random);
        Tensor updates = random_bits(type, test.indices, maker.random);
        if (type == DataType::kFloat) {
          data = random_tensor(test.data, maker.random, 2),
          updates = random_tensor(test.indices, maker.random, 2);
          if (maker.random() % 2) updates.data<float>()[0] = NAN, data.data<float>()[0] = NAN;
        }
        if (type == DataType::kDouble)
          for (Tensor* tensor : {&data, &updates})
            for (double& x : tensor->data<double>()) x = static_cast<double>(maker.random() % 64) / 32 - 1;
        const Tensor indices = indices_below<int64_t>(test.data[axis], test.indices, maker.random);
        const std::vector<Value*> inputs{add_input(maker, data), add_input(maker, indices),
                                         add_input(maker, updates)};
        Value* y = maker.node("ScatterElements", inputs,
                              {{"axis", test.axis}, {"reduction", std::string(reduction)}});
        expect_identical(maker, *y->producer(), {data, indices, updates});
      }
}

TEST(Indexed, GathersSlices) {
  for (DataType type : kOfEverySize)
    for (const auto& [dims, indexed, batch_dims] :
         std::vector<std::tuple<Dims, Dims, int64_t>>{{{6, 6, 40}, {30, 2}, 0},
                                                      {{6, 6, 40}, {7, 3, 1}, 0},
                                                      {{6, 6, 40}, {6, 50, 1}, 1},
                                                      {{6, 6, 6}, {500, 3}, 0},
                                                      {{5, 6, 6, 3}, {5, 6, 4, 1}, 2},
                                                      {{6, 20000}, {9, 1}, 0},
                                                      {{6}, {1}, 0}}) {
      GraphMaker maker;
      const Tensor data = random_bits(type, dims, maker.random);
      const Tensor indices = indices_below<int64_t>(6, indexed, maker.random);
      Value* y = maker.node("GatherND", {add_input(maker, data), add_input(maker, indices)},
                            {{"batch_dims", batch_dims}});
      expect_identical(maker, *y->producer(), {data, indices});
    }
}

TEST(Indexed, ScattersSlicesInTheirOrder) {
  for (const auto& [dims, indexed] : std::vector<std::pair<Dims, Dims>>{{{6, 6, 40}, {30, 2}},
                                                                        {{6, 600}, {50, 1}},
                                                                        {{6, 6, 6}, {5, 20, 3}},
                                                                        {{6}, {1}},
                                                                        {{6, 20000}, {9, 1}}})
    for (DataType type : {DataType::kInt8, DataType::kFloat, DataType::kInt32, DataType::kInt64})
      for (const char* reduction : {"none", "add", "mul", "max", "min"}) {
        if (type == DataType::kInt8 && std::string(reduction) != "none") continue;
        GraphMaker maker;
        Dims slices(indexed.begin(), indexed.end() - 1);
        slices.insert(slices.end(), dims.begin() + indexed.back(), dims.end());
        const bool floats = type == DataType::kFloat;
        const Tensor data =
            floats ? random_tensor(dims, maker.random, 2) : random_bits(type, dims, maker.random);
        const Tensor updates =
            floats ? random_tensor(slices, maker.random, 2) : random_bits(type, slices, maker.random);
        const Tensor indices = indices_below<int64_t>(6, indexed, maker.random);
        const std::vector<Value*> inputs{add_input(maker, data), add_input(maker, indices),
                                         add_input(maker, updates)};
        Value* y = maker.node("ScatterND", inputs, {{"reduction", std::string(reduction)}});
        expect_identical(maker, *y->producer(), {data, indices, updates});
      }
}

TEST(Indexed, RefusesWhatIsOutside) {
  for (const char* op_type : {"GatherElements", "GatherND", "ScatterElements", "ScatterND"})
    for (int64_t wrong : {4, -5}) {
      GraphMaker maker;
      const Tensor data = random_tensor({4, 4}, maker.random);
      const Tensor indices = Tensor::from<int64_t>({1, 2}, std::vector<int64_t>{0, wrong});
      const bool scatters = op_type[0] == 'S', of_slices = std::string(op_type).ends_with("ND");
      std::vector<RuntimeValue> given{data, indices};
      std::vector<Value*> inputs{add_input(maker, data), add_input(maker, indices)};
      if (scatters) {
        given.emplace_back(random_tensor(of_slices ? Dims{1} : Dims{1, 2}, maker.random));
        inputs.push_back(add_input(maker, given.back().tensor()));
      }
      maker.graph().add_output(maker.node(op_type, inputs));
      try {
        run_on_engine(maker, given, 2);
        ADD_FAILURE() << op_type << " takes " << wrong;
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(std::to_string(wrong) + " is outside axis"),
                  std::string::npos)
            << error.what();
      }
    }
}

}  // namespace
}  // namespace slipway::engine
