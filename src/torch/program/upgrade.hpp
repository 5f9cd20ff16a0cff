// Programs of older versions of PyTorch's schema in the form of the newest.
#pragma once

#include "torch/program/archive.hpp"

namespace slipway::torch {

// Of version 1 (PyTorch 2.1): the signature was maps of names, the structure of the outputs stood elsewhere,
// and modules had names like "L__self___layer1_0", which become those that the user knows. Changes nothing in
// newer ones. Throws kUnsupported for versions that are not read.
void upgrade(ProgramArchive& archive);

}  // namespace slipway::torch
