// Resize of images in every mode, against the reference kernel.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

Value* resize(GraphMaker& maker, const Tensor& tensor, const std::vector<float>& scales,
              const std::vector<GraphMaker::Setting>& settings) {
  return maker.node("Resize", {add_input(maker, tensor), nullptr, maker.floats(scales)}, settings);
}

const std::vector<std::vector<float>> kScales = {{1, 1, 2, 2},     {1, 1, 3, 3},       {1, 1, 4, 4},
                                                 {1, 1, 5, 5},     {1, 1, 1, 2},       {1, 1, 2, 1},
                                                 {1, 1, 0.5, 0.5}, {1, 1, 1.3f, 0.7f}, {1, 1, 0.3f, 2.5f}};

TEST(Resize, NearestCopies) {
  for (const Dims& dims : {Dims{2, 3, 5, 7}, Dims{1, 2, 20, 20}, Dims{1, 1, 40, 300}})
    for (const auto& scales : kScales)
      for (const char* transformation : {"asymmetric", "half_pixel", "align_corners"})
        for (const char* rounding : {"floor", "round_prefer_ceil"}) {
          GraphMaker maker;
          Tensor tensor = random_tensor(dims, maker.random);
          for (float special : {NAN, -HUGE_VALF, -0.0f, 1e-41f})
            tensor.data<float>()[maker.random() % tensor.data<float>().size()] = special;
          Value* y = resize(maker, tensor, scales,
                            {{"mode", std::string("nearest")},
                             {"coordinate_transformation_mode", std::string(transformation)},
                             {"nearest_mode", std::string(rounding)}});
          expect_identical(maker, *y->producer(), {tensor});
        }
}

TEST(Resize, InterpolatesBetween) {
  for (const auto& scales : kScales)
    for (const char* mode : {"linear", "cubic"})
      for (int64_t antialias : {0, 1}) {
        GraphMaker maker;
        const Tensor tensor = random_tensor({2, 3, 20, 37}, maker.random);
        Value* y = resize(maker, tensor, scales, {{"mode", std::string(mode)}, {"antialias", antialias}});
        expect_like_reference(maker, y, {tensor}, 2e-6);
      }
}

}  // namespace
}  // namespace slipway::engine
