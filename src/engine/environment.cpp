#include "engine/environment.hpp"

#include "engine/isa.hpp"

namespace slipway::engine {

Environment::Environment(int threads, std::shared_ptr<const ops::Registry> operators)
    : pool_(std::make_unique<ThreadPool>(threads)), operators_(std::move(operators)) {
  apply_isa_from_environment();
}

}  // namespace slipway::engine
