// TreeEnsemble, TreeEnsembleRegressor and TreeEnsembleClassifier of f32 examples: the trees are flattened
// once, examples go through them on all threads. What is made of the sums is the reference kernels' own code.
#include <algorithm>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/flat_trees.hpp"
#include "ops/tree_ensemble_node.hpp"

namespace slipway::engine {
namespace {

// Examples of one piece of work: many, so that a tree is in the cache for most of them, but pieces enough
// that no thread waits long for the last.
constexpr int64_t kMostExamples = 64, kFewExamples = 8, kPiecesPerThread = 4;

class TreeKernel : public Kernel {
 public:
  TreeKernel(FlatTrees trees, const Dims& dims, size_t targets)
      : trees_(std::move(trees)),
        features_(dims.back()),
        examples_(dims.size() == 1 ? 1 : dims[0]),
        targets_(static_cast<int64_t>(targets)) {}

  size_t scratch_bytes(int) const override {
    return static_cast<size_t>(examples_ * targets_) * sizeof(double);
  }

  void run(const KernelRun& run) const override {
    const int64_t even = examples_ / (kPiecesPerThread * run.pool.size()) / kFewExamples * kFewExamples;
    const int64_t per_piece = std::clamp(even, kFewExamples, kMostExamples);
    auto* sums = reinterpret_cast<double*>(run.scratch);
    run.pool.parallel_for(static_cast<size_t>(ceil_div(examples_, per_piece)), [&](size_t i, int) {
      const int64_t first = static_cast<int64_t>(i) * per_piece,
                    last = std::min(first + per_piece, examples_);
      for (int64_t few = first; few < last; few += kFewExamples) {
        run.cancellation.check();
        trees_.sum(run.input_floats(0) + few * features_, std::min(kFewExamples, last - few),
                   sums + few * targets_);
      }
      for (int64_t example = first; example < last; ++example)
        finish(run, example, {sums + example * targets_, static_cast<size_t>(targets_)});
    });
  }

 protected:
  // From the sums of one example to its outputs.
  virtual void finish(const KernelRun& run, int64_t example, std::span<double> scores) const = 0;

  // Writes the scores of one example.
  static void write(Tensor& output, int64_t example, std::span<const double> scores) {
    float* to = output.data<float>().data() + example * static_cast<int64_t>(scores.size());
    for (const double score : scores) *to++ = static_cast<float>(score);
  }

 private:
  FlatTrees trees_;
  int64_t features_, examples_, targets_;
};

class TreeRegressor : public TreeKernel {
 public:
  TreeRegressor(FlatTrees trees, const Dims& dims, ops::TreeScores scores)
      : TreeKernel(std::move(trees), dims, scores.targets), scores_(std::move(scores)) {}

 private:
  void finish(const KernelRun& run, int64_t example, std::span<double> scores) const override {
    scores_.complete(scores);
    ops::transform_scores(scores, scores_.transform);
    write(run.output(0), example, scores);
  }

  ops::TreeScores scores_;
};

class TreeClassifier : public TreeKernel {
 public:
  TreeClassifier(FlatTrees trees, const Dims& dims, const Node& node, ops::TreeScores scores)
      : TreeKernel(std::move(trees), dims, scores.targets),
        scores_(std::move(scores)),
        decision_(node, scores_.targets),
        labels_(ops::list_attribute<int64_t>(node, "classlabels_int64s")) {}

 private:
  void finish(const KernelRun& run, int64_t example, std::span<double> scores) const override {
    scores_.complete(scores);
    const size_t chosen = decision_.decide(scores);
    if (run.outputs[0]) run.output(0).data<int64_t>()[static_cast<size_t>(example)] = labels_[chosen];
    if (run.outputs.size() > 1 && run.outputs[1]) write(run.output(1), example, scores);
  }

  ops::TreeScores scores_;
  ops::ClassDecision decision_;
  std::vector<int64_t> labels_;
};

// Least and largest weights are left to the reference kernel, as are numbers that f32 does not hold.
std::optional<FlatTrees> flatten(const KernelRequest& request, const ops::TreeScores& scores) {
  const Dims& dims = request.shapes.inputs[0];
  if (request.input_types[0] != DataType::kFloat || dims.empty() || dims.size() > 2) return std::nullopt;
  if (scores.aggregate != ops::Aggregate::kSum && scores.aggregate != ops::Aggregate::kAverage)
    return std::nullopt;
  return FlatTrees::make(scores.trees, scores.targets, dims.back());
}

std::unique_ptr<Kernel> make(const KernelRequest& request, ops::TreeScores scores) {
  auto trees = flatten(request, scores);
  if (!trees) return nullptr;
  return std::make_unique<TreeRegressor>(std::move(*trees), request.shapes.inputs[0], std::move(scores));
}

}  // namespace

std::unique_ptr<Kernel> make_tree_ensemble(const KernelRequest& request) {
  return make(request, ops::read_tree_ensemble(request.node()));
}

std::unique_ptr<Kernel> make_tree_ensemble_regressor(const KernelRequest& request) {
  return make(request, ops::read_tree_regressor(request.node()));
}

std::unique_ptr<Kernel> make_tree_ensemble_classifier(const KernelRequest& request) {
  // Labels that are strings do not lie in the arena.
  if (request.output_types[0] == DataType::kString) return nullptr;
  ops::TreeScores scores = ops::read_tree_classifier(request.node());
  auto trees = flatten(request, scores);
  if (!trees) return nullptr;
  return std::make_unique<TreeClassifier>(std::move(*trees), request.shapes.inputs[0], request.node(),
                                          std::move(scores));
}

}  // namespace slipway::engine
