// Finds values by what they are: numbers that were made of random inputs and agree in every element are the
// same value, whatever the two graphs call them and however they make them.
#pragma once

#include <map>
#include <vector>

#include "workbench/compare/activations.hpp"
#include "workbench/compare/deviation.hpp"

namespace slipway::workbench {

class KnownValues {
 public:
  // `activations` must outlive this.
  KnownValues(Activations& activations, const Tolerance& tolerance)
      : activations_(activations), tolerance_(tolerance) {}

  // Values that agree with this one, those made by `op_type` first; otherwise in the graph's order. Tensors
  // alone, and none whose elements are all the same: they may agree by chance.
  std::vector<const Value*> find(const RuntimeValue& value, const std::string& op_type);

 private:
  // A few elements, evenly spread.
  struct Known {
    const Value* value;
    DataType type;
    std::vector<double> samples;
  };
  void look_at_all();

  Activations& activations_;
  Tolerance tolerance_;
  bool complete_ = false;
  std::map<Dims, std::vector<Known>> known_;
};

}  // namespace slipway::workbench
