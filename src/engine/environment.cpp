#include "engine/environment.hpp"

#include "engine/isa.hpp"

namespace slipway::engine {

Environment::Environment(int threads) : pool_(std::make_unique<ThreadPool>(threads)) {
  apply_isa_from_environment();
}

}  // namespace slipway::engine
