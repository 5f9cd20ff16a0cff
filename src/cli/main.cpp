// The program `slipway`.
#include <csignal>
#include <new>

#include "base/error.hpp"
#include "base/version.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"

namespace slipway::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

void parse_and_act(int argc, char** argv) {
  CLI::App program("Takes a trained PyTorch model to production.", "slipway");
  program.require_subcommand(1);
  program.set_version_flag("--version", std::string("slipway ") + version());
  Action action;
  add_run(program, action);
  add_bench(program, action);
  add_inspect(program, action);
  add_check(program, action);
  add_compare(program, action);
  add_convert(program, action);
  add_test(program, action);
  add_backends(program, action);
  add_version(program, action);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    std::ostringstream text;
    program.exit(asked, text, text);
    return print(text.str());
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  action();
}

int run_program(int argc, char** argv) {
  // A reader that goes away shows as an error of write, not as a signal.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    parse_and_act(argc, argv);
    return 0;
  } catch (const UsageError& error) {
    print_usage_error(error.what());
    return kWrongUsage;
  } catch (const BrokenPipe&) {
    return kFailed;
  } catch (const Unsuccessful&) {
    return kFailed;
  } catch (const std::bad_alloc&) {
    print_error(Error(ErrorCode::kOutOfMemory, "the machine's memory does not suffice"));
    return kFailed;
  } catch (const std::exception& error) {
    print_error(error);
    return kFailed;
  }
}

}  // namespace
}  // namespace slipway::cli

int main(int argc, char** argv) {
  return slipway::cli::run_program(argc, argv);
}
