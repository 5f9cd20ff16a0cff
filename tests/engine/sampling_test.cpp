// GridSample and RoiAlign against the reference kernel.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

// Some positions far outside, on the borders, or no number.
Tensor random_grid(const Dims& dims, std::mt19937& random) {
  Tensor grid = random_tensor(dims, random, 1.4f);
  const auto values = grid.data<float>();
  for (float special : {NAN, HUGE_VALF, -1.0f, 1.0f, 50.0f, -7.3f, 0.0f})
    values[random() % values.size()] = special;
  return grid;
}

void expect_sampled(const Dims& in, const Dims& grid, double tolerance) {
  for (const char* mode : {"nearest", "linear", "cubic"})
    for (const char* padding : {"zeros", "border", "reflection"})
      for (int64_t corners : {0, 1}) {
        GraphMaker maker;
        const Tensor image = random_tensor(in, maker.random), positions = random_grid(grid, maker.random);
        const std::vector<Value*> inputs{add_input(maker, image), add_input(maker, positions)};
        Value* y = maker.node("GridSample", inputs,
                              {{"mode", std::string(mode)},
                               {"padding_mode", std::string(padding)},
                               {"align_corners", corners}});
        expect_like_reference(maker, y, {image, positions}, tolerance);
      }
}

TEST(Sampling, OfImages) {
  for (int64_t channels : {1, 2, 3, 5, 13, 16, 40}) expect_sampled({2, channels, 9, 7}, {2, 5, 33, 2}, 1e-6);
  expect_sampled({1, 70, 40, 50}, {1, 3, 5, 2}, 1e-6);
  expect_sampled({1, 3, 200, 300}, {1, 2, 2, 2}, 1e-6);
  expect_sampled({1, 2, 1, 1}, {1, 8, 8, 2}, 1e-6);
}

TEST(Sampling, OfVolumesAndSignals) {
  expect_sampled({2, 3, 4, 5, 6}, {2, 3, 7, 5, 3}, 2e-6);
  expect_sampled({1, 20, 6, 5, 4}, {1, 9, 4, 4, 3}, 2e-6);
  expect_sampled({2, 4, 30}, {2, 65, 1}, 1e-6);
}

TEST(Sampling, KeepsInfinityAndNanOfTheImage) {
  for (const char* mode : {"nearest", "linear"}) {
    GraphMaker maker;
    Tensor image = random_tensor({1, 4, 6, 6}, maker.random);
    image.data<float>()[7] = NAN, image.data<float>()[50] = HUGE_VALF;
    const Tensor positions = random_grid({1, 20, 20, 2}, maker.random);
    const std::vector<Value*> inputs{add_input(maker, image), add_input(maker, positions)};
    expect_like_reference(maker, maker.node("GridSample", inputs, {{"mode", std::string(mode)}}),
                          {image, positions}, 1e-6);
  }
}

// Regions [count, 4], some of them beyond the image, upside down or without extent.
Tensor random_regions(int64_t count, std::mt19937& random) {
  Tensor regions = random_tensor({count, 4}, random, 12);
  const auto values = regions.data<float>();
  for (size_t i = 0; i < values.size(); i += 4)
    if (i / 4 % 3 != 0) values[i + 2] = values[i] + 9, values[i + 3] = values[i + 1] + 14;
  values[2] = values[0];
  return regions;
}

TEST(Sampling, OfRegions) {
  for (const char* mode : {"avg", "max"})
    for (const char* coordinates : {"half_pixel", "output_half_pixel"})
      for (int64_t ratio : {0, 1, 2, 3})
        for (int64_t channels : {1, 3, 16, 37})
          for (int64_t count : {1, 20}) {
            GraphMaker maker;
            const Tensor image = random_tensor({2, channels, 23, 19}, maker.random);
            const Tensor regions = random_regions(count, maker.random);
            Tensor images(DataType::kInt64, {count});
            for (int64_t& index : images.data<int64_t>()) index = static_cast<int64_t>(maker.random() % 2);
            const std::vector<Value*> inputs{add_input(maker, image), add_input(maker, regions),
                                             add_input(maker, images)};
            Value* y = maker.node("RoiAlign", inputs,
                                  {{"mode", std::string(mode)},
                                   {"coordinate_transformation_mode", std::string(coordinates)},
                                   {"sampling_ratio", ratio},
                                   {"output_height", int64_t{count == 1 ? 1 : 5}},
                                   {"output_width", int64_t{3}},
                                   {"spatial_scale", 0.75f}});
            expect_like_reference(maker, y, {image, regions, images}, 2e-6);
          }
}

TEST(Sampling, RefusesRegionsOfNoImage) {
  for (int64_t index : {-1, 1}) {
    GraphMaker maker;
    const Tensor image = random_tensor({1, 2, 5, 5}, maker.random);
    const Tensor regions = random_regions(1, maker.random);
    const Tensor images = Tensor::from<int64_t>({1}, std::vector<int64_t>{index});
    const std::vector<Value*> inputs{add_input(maker, image), add_input(maker, regions),
                                     add_input(maker, images)};
    maker.graph().add_output(maker.node("RoiAlign", inputs));
    EXPECT_THROW(run_on_engine(maker, {image, regions, images}, 2), Error);
  }
}

}  // namespace
}  // namespace slipway::engine
