// slipway version
#include "base/version.hpp"

#include "cli/command.hpp"
#include "cli/output.hpp"

namespace slipway::cli {

void add_version(CLI::App& program, Action& action) {
  program.add_subcommand("version", "Print the version")->callback([&action] {
    action = [] { print(std::string("slipway ") + version() + "\n"); };
  });
}

}  // namespace slipway::cli
