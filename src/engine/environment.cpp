#include "engine/environment.hpp"

#include "engine/isa.hpp"

namespace slipway::engine {

Environment::Environment(int threads, std::shared_ptr<const ops::Registry> operators,
                         std::shared_ptr<MemoryAccount> memory)
    : pool_(std::make_unique<ThreadPool>(threads)),
      operators_(std::move(operators)),
      memory_(std::move(memory)) {
  apply_isa_from_environment();
}

}  // namespace slipway::engine
