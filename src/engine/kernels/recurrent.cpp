// LSTM, GRU and RNN for f32. What the inputs contribute to the gates is computed for many steps at once, what
// the hidden state contributes step by step, and the cell right behind it. Where there are sequences enough,
// each thread takes some of them through all steps; otherwise, where a step is worth it, the threads share
// each step, every one with its part of the units, whose weights then stay in its cache.
#include <algorithm>
#include <array>
#include <optional>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/recurrent_cell.hpp"
#include "engine/kernels/recurrent_weights.hpp"
#include "engine/kernels/row_product.hpp"
#include "ops/attribute_list.hpp"
#include "ops/recurrent_sizes.hpp"

namespace slipway::engine {
namespace {

enum Input : uint8_t { kX, kW, kR, kB, kLengths, kInitialH, kInitialC };
enum Output : uint8_t { kY, kLastH, kLastC };

// Rows that are multiplied in one call; their addresses are on the stack.
constexpr int64_t kRows = 48;
// Sums of the inputs are computed for so many steps at once that they take about so many floats.
constexpr int64_t kBlockFloats = int64_t{128} * 1024;
// Floats of a state, most of them empty, that are still no matter.
constexpr int64_t kMostWasted = int64_t{1} << 22;
// From so many products in a step on, sharing it gains more than waiting for each other costs.
constexpr int64_t kSharedStep = int64_t{64} * 1024;

// One product and the cell behind it. GRU without linear_before_reset has two in a step.
struct Pass {
  RecurrentCell cell;
  RecurrentWeights weights;
  int64_t sums_begin;  // within the sums of a row
};

using Functions = std::array<Squashing, 3>;

struct Layer {
  ops::RecurrentSizes sizes;
  std::vector<Functions> functions;  // of each direction
  std::vector<Pass> passes;
  bool first_is_reverse;

  bool is_reverse(int64_t direction) const { return direction == 1 || first_is_reverse; }
};

// The places of one run, all in its scratch memory.
struct Places {
  float *from_input, *from_hidden, *hidden, *state, *kept;
};

class Recurrent : public Kernel {
 public:
  explicit Recurrent(Layer layer) : layer_(std::move(layer)), sizes_(layer_.sizes) {
    for (const Pass& pass : layer_.passes) {
      sums_ += pass.weights.row_floats();
      padded_ = std::max(padded_, pass.weights.panels * pass.weights.panel_units);
    }
    const int64_t step_floats = sizes_.directions * sizes_.batch * sums_;
    block_steps_ = std::clamp<int64_t>(kBlockFloats / step_floats, 1, sizes_.steps);
  }

  // Few units leave most lanes of a state empty, of which many sequences make much memory.
  bool is_wasteful() const { return padded_ > 4 * sizes_.units && rows() * padded_ > kMostWasted; }

  size_t scratch_bytes(int) const override {
    return static_cast<size_t>(rows() * (block_steps_ + 1) * sums_ + 4 * rows() * padded_) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const Sequences sequences{*this, run, places(run)};
    sequences.begin();
    for (int64_t first = 0; first < sizes_.steps; first += block_steps_) {
      run.cancellation.check();
      const int64_t last = std::min(first + block_steps_, sizes_.steps);
      sequences.project(first, last);
      sequences.advance(first, last);
    }
    sequences.finish();
  }

 private:
  int64_t rows() const { return sizes_.directions * sizes_.batch; }

  Places places(const KernelRun& run) const {
    Places places;
    places.from_input = reinterpret_cast<float*>(run.scratch);
    places.from_hidden = places.from_input + rows() * block_steps_ * sums_;
    places.hidden = places.from_hidden + rows() * sums_;
    places.state = places.hidden + 2 * rows() * padded_;
    places.kept = places.state + rows() * padded_;
    return places;
  }

  // The sequences of one run. Rows of a direction and a batch are numbered direction · batch + image.
  struct Sequences {
    const Recurrent& layer;
    const KernelRun& run;
    Places places;

    const ops::RecurrentSizes& sizes() const { return layer.sizes_; }
    int64_t length(int64_t image) const {
      return has(kLengths) ? run.input(kLengths).data<int32_t>()[static_cast<size_t>(image)] : sizes().steps;
    }
    bool has(size_t input) const { return input < run.inputs.size() && run.inputs[input]; }
    bool wants(size_t output) const { return output < run.outputs.size() && run.outputs[output]; }
    int64_t time(int64_t step, int64_t direction, int64_t image) const {
      return layer.layer_.is_reverse(direction) ? length(image) - 1 - step : step;
    }
    float* hidden(int64_t step, int64_t row) const {
      return places.hidden + (step % 2 * layer.rows() + row) * layer.padded_;
    }
    float* from_input(int64_t step, int64_t row) const {
      return places.from_input + (step % layer.block_steps_ * layer.rows() + row) * layer.sums_;
    }

    void begin() const {
      check_lengths();
      for (int64_t direction = 0; direction < sizes().directions; ++direction)
        for (int64_t image = 0; image < sizes().batch; ++image) {
          const int64_t row = direction * sizes().batch + image;
          load_state(kInitialH, direction, image, hidden(0, row));
          load_state(kInitialC, direction, image, places.state + row * layer.padded_);
          if (!wants(kY)) continue;
          for (int64_t step = length(image); step < sizes().steps; ++step)
            std::fill_n(output(step, direction, image), sizes().units, 0.0f);
        }
    }

    void check_lengths() const {
      for (int64_t image = 0; image < sizes().batch; ++image)
        if (length(image) < 0 || length(image) > sizes().steps)
          fail(ErrorCode::kInvalidArgument, "a sequence has length {}, but there are {} steps", length(image),
               sizes().steps);
    }

    void load_state(size_t input, int64_t direction, int64_t image, float* to) const {
      std::fill_n(to, layer.padded_, 0.0f);
      if (!has(input)) return;
      const float* from = run.input_floats(input) + sizes().state_row(direction, image) * sizes().units;
      std::copy_n(from, sizes().units, to);
    }

    float* output(int64_t time, int64_t direction, int64_t image) const {
      return run.output_floats(kY) + sizes().output_row(time, direction, image) * sizes().units;
    }

    // What the inputs of steps [first, last) contribute.
    void project(int64_t first, int64_t last) const {
      const int64_t rows = (last - first) * sizes().batch, pieces = ceil_div(rows, kRows);
      run.pool.parallel_for(static_cast<size_t>(sizes().directions * pieces), [&](size_t piece, int) {
        run.cancellation.check();
        const int64_t direction = static_cast<int64_t>(piece) / pieces,
                      begin = static_cast<int64_t>(piece) % pieces * kRows;
        const float* from[kRows];
        float* to[kRows];
        int64_t count = 0;
        for (int64_t i = begin; i < std::min(begin + kRows, rows); ++i) {
          const int64_t step = first + i / sizes().batch, image = i % sizes().batch;
          if (step >= length(image)) continue;
          from[count] =
              run.input_floats(kX) + sizes().input_row(time(step, direction, image), image) * sizes().inputs;
          to[count++] = from_input(step, direction * sizes().batch + image);
        }
        for (const Pass& pass : layer.layer_.passes) {
          multiply_rows(pass.weights.of_inputs(direction), from, to, count);
          for (int64_t i = 0; i < count; ++i) to[i] += pass.weights.row_floats();
        }
      });
    }

    void advance(int64_t first, int64_t last) const {
      const int64_t threads = run.pool.size(), directions = sizes().directions, batch = sizes().batch;
      const int64_t products = layer.sums_ * sizes().units * batch * directions;
      const int64_t per_piece = std::min(kRows, ceil_div(batch, ceil_div(threads, directions)));
      const int64_t pieces = directions * ceil_div(batch, per_piece);
      if (pieces < threads && products >= kSharedStep) return share_steps(first, last);
      run.pool.parallel_for(static_cast<size_t>(pieces), [&](size_t piece, int) {
        const int64_t in_direction = pieces / directions;
        const int64_t direction = static_cast<int64_t>(piece) / in_direction,
                      begin = static_cast<int64_t>(piece) % in_direction * per_piece;
        for (int64_t step = first; step < last; ++step) {
          run.cancellation.check();
          for (const Pass& pass : layer.layer_.passes)
            move(pass, step, direction, begin, std::min(begin + per_piece, batch), 0, pass.weights.panels);
        }
      });
    }

    void share_steps(int64_t first, int64_t last) const {
      const int64_t parts = run.pool.size();
      for (int64_t step = first; step < last; ++step)
        for (const Pass& pass : layer.layer_.passes) {
          const int64_t panels = pass.weights.panels, batch = sizes().batch;
          run.pool.parallel_for(static_cast<size_t>(sizes().directions * parts), [&](size_t piece, int) {
            const int64_t direction = static_cast<int64_t>(piece) / parts,
                          part = static_cast<int64_t>(piece) % parts;
            for (int64_t begin = 0; begin < batch; begin += kRows) {
              run.cancellation.check();
              move(pass, step, direction, begin, std::min(begin + kRows, batch), part * panels / parts,
                   (part + 1) * panels / parts);
            }
          });
        }
    }

    // One step of at most kRows sequences, for some panels of units. A sequence that has ended keeps its
    // state.
    void move(const Pass& pass, int64_t step, int64_t direction, int64_t first, int64_t last,
              int64_t first_panel, int64_t last_panel) const {
      const float* from[kRows];
      float* to[kRows];
      int64_t images[kRows], count = 0;
      for (int64_t image = first; image < last; ++image) {
        const int64_t row = direction * sizes().batch + image;
        if (step >= length(image)) {
          const int64_t units = pass.weights.panel_units;
          std::copy(hidden(step, row) + first_panel * units, hidden(step, row) + last_panel * units,
                    hidden(step + 1, row) + first_panel * units);
          continue;
        }
        from[count] =
            pass.cell == RecurrentCell::kGruCandidate ? places.kept + row * layer.padded_ : hidden(step, row);
        to[count] = places.from_hidden + row * layer.sums_ + pass.sums_begin;
        images[count++] = image;
      }
      RowProduct product = pass.weights.of_hidden(direction);
      product.first_panel = first_panel, product.last_panel = last_panel;
      multiply_rows(product, from, to, count);
      const CellStep cell{pass.cell,
                          layer.layer_.functions[static_cast<size_t>(direction)],
                          pass.weights.panel_units,
                          first_panel,
                          last_panel,
                          sizes().units};
      for (int64_t i = 0; i < count; ++i) step_cell(cell, cell_row(pass, step, direction, images[i]));
    }

    CellRow cell_row(const Pass& pass, int64_t step, int64_t direction, int64_t image) const {
      const int64_t row = direction * sizes().batch + image;
      CellRow cell;
      cell.from_input = from_input(step, row) + pass.sums_begin;
      cell.from_hidden = places.from_hidden + row * layer.sums_ + pass.sums_begin;
      cell.before = hidden(step, row);
      cell.state = places.state + row * layer.padded_;
      const bool is_last = &pass == &layer.layer_.passes.back();
      cell.hidden = is_last ? hidden(step + 1, row) : places.kept + row * layer.padded_;
      cell.output = is_last && wants(kY) ? output(time(step, direction, image), direction, image) : nullptr;
      return cell;
    }

    void finish() const {
      for (int64_t direction = 0; direction < sizes().directions; ++direction)
        for (int64_t image = 0; image < sizes().batch; ++image) {
          const int64_t row = direction * sizes().batch + image,
                        place = sizes().state_row(direction, image) * sizes().units;
          if (wants(kLastH))
            std::copy_n(hidden(sizes().steps, row), sizes().units, run.output_floats(kLastH) + place);
          if (wants(kLastC))
            std::copy_n(places.state + row * layer.padded_, sizes().units, run.output_floats(kLastC) + place);
        }
    }
  };

  Layer layer_;
  const ops::RecurrentSizes& sizes_;
  int64_t sums_ = 0;    // floats of all gates of a row
  int64_t padded_ = 0;  // floats of a state
  int64_t block_steps_ = 1;
};

// The functions of each direction, or nothing where one of them is not squash()'s.
std::vector<Functions> functions_of(const Node& node, int64_t directions, std::vector<std::string> defaults) {
  const size_t count = defaults.size();
  auto names = ops::list_attribute<std::string>(node, "activations");
  while (names.size() < count * static_cast<size_t>(directions))
    names.insert(names.end(), defaults.begin(), defaults.end());
  std::vector<Functions> functions;
  for (int64_t direction = 0; direction < directions; ++direction) {
    Functions& one = functions.emplace_back();
    for (size_t i = 0; i < count; ++i) {
      const std::string& name = names[static_cast<size_t>(direction) * count + i];
      if (name == "Sigmoid")
        one[i] = Squashing::kSigmoid;
      else if (name == "Tanh")
        one[i] = Squashing::kTanh;
      else if (name == "Relu")
        one[i] = Squashing::kRelu;
      else
        return {};
    }
  }
  return functions;
}

// Of X [steps, batch, inputs] and R [directions, gates · units, units], where all other shapes fit to them.
std::optional<ops::RecurrentSizes> sizes_of(const KernelRequest& request, int64_t gates) {
  const auto& inputs = request.shapes.inputs;
  const Dims &x = inputs[kX], &r = inputs[kR];
  if (x.size() != 3 || r.size() != 3) return std::nullopt;
  const bool batch_first = ops::recurrent_batch_first(request.node());
  const ops::RecurrentSizes sizes{x[batch_first ? 1 : 0],
                                  x[batch_first ? 0 : 1],
                                  x[2],
                                  r[2],
                                  ops::recurrent_directions(request.node()).count,
                                  batch_first};
  const auto has = [&](size_t index, const Dims& expected) {
    return index >= inputs.size() || !request.node().input(index) || inputs[index] == expected;
  };
  const int64_t rows = gates * sizes.units;
  const bool fits = has(kW, {sizes.directions, rows, sizes.inputs}) &&
                    has(kR, {sizes.directions, rows, sizes.units}) && has(kB, {sizes.directions, 2 * rows}) &&
                    has(kLengths, {sizes.batch}) && has(kInitialH, sizes.state_dims()) &&
                    has(kInitialC, sizes.state_dims()) &&
                    request.node().int_attribute("hidden_size", sizes.units) == sizes.units;
  return fits ? std::optional(sizes) : std::nullopt;
}

bool is_float(DataType type) {
  return type == DataType::kUndefined || type == DataType::kFloat;
}

// Weights are constants; no clip, no coupled or peephole gates, which hardly any network has.
bool is_usual(const KernelRequest& request) {
  const Node& node = request.node();
  for (size_t i = 0; i < request.input_types.size(); ++i)
    if (i != kLengths && !is_float(request.input_types[i])) return false;
  for (size_t i = kW; i <= kB && i < request.shapes.constants.size(); ++i)
    if (node.input(i) && !request.shapes.constants[i]) return false;
  return !node.find_attribute("clip") && node.int_attribute("input_forget", 0) == 0 && !node.input(7);
}

struct Stage {
  RecurrentCell cell;
  std::vector<int64_t> gates;
};

std::unique_ptr<Kernel> make(const KernelRequest& request, int64_t gates, const std::vector<Stage>& stages,
                             std::vector<std::string> activations) {
  if (!is_usual(request)) return nullptr;
  const auto sizes = sizes_of(request, gates);
  if (!sizes) return nullptr;
  const auto functions = functions_of(request.node(), sizes->directions, std::move(activations));
  if (functions.empty()) return nullptr;
  Layer layer{*sizes, functions, {}, ops::recurrent_directions(request.node()).first_is_reverse};
  const auto& constants = request.shapes.constants;
  const Tensor* bias = constants.size() > kB ? constants[kB] : nullptr;
  int64_t begin = 0;
  for (const Stage& stage : stages) {
    layer.passes.push_back(
        {stage.cell, pack_recurrent(request.weights, *constants[kW], *constants[kR], bias, stage.gates),
         begin});
    begin += layer.passes.back().weights.row_floats();
  }
  auto kernel = std::make_unique<Recurrent>(std::move(layer));
  if (kernel->is_wasteful()) return nullptr;
  return kernel;
}

}  // namespace

std::unique_ptr<Kernel> make_rnn(const KernelRequest& request) {
  return make(request, 1, {{RecurrentCell::kRnn, {0}}}, {"Tanh"});
}
std::unique_ptr<Kernel> make_lstm(const KernelRequest& request) {
  return make(request, 4, {{RecurrentCell::kLstm, {0, 1, 2, 3}}}, {"Sigmoid", "Tanh", "Tanh"});
}
std::unique_ptr<Kernel> make_gru(const KernelRequest& request) {
  if (request.node().int_attribute("linear_before_reset", 0) != 0)
    return make(request, 3, {{RecurrentCell::kGru, {0, 1, 2}}}, {"Sigmoid", "Tanh"});
  return make(request, 3, {{RecurrentCell::kGruGates, {0, 1}}, {RecurrentCell::kGruCandidate, {2}}},
              {"Sigmoid", "Tanh"});
}

}  // namespace slipway::engine
