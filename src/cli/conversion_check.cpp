#include "cli/conversion_check.hpp"

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/comparison_text.hpp"
#include "cli/output.hpp"
#include "workbench/check_conversion.hpp"

namespace slipway::cli {
namespace {

using workbench::CheckedEngine;
using workbench::CheckedOutput;
using workbench::ConversionCheck;

std::string describe(const CheckedEngine& engine) {
  std::string text = printable(engine.engine) + "\n";
  if (!engine.absent.empty()) return text + "  not checked: " + printable_lines(engine.absent, "    ") + "\n";
  if (!engine.failure.empty())
    return text + "  does not run it: " + printable_lines(engine.failure, "    ") + "\n";
  for (const CheckedOutput& output : engine.outputs) {
    text +=
        fmt::format("  output '{}' {}: {}\n", printable(output.name), output.type, column(output.deviation));
    if (!output.stated.empty()) text += fmt::format("    the program states {}\n", output.stated);
    if (output.deviation && output.deviation->exceeds)
      text += fmt::format("    A is the program, B the model: {}\n", explain(*output.deviation));
  }
  return text;
}

std::string head(const workbench::InputValues& inputs, const ConversionCheck& check) {
  std::string text;
  for (const auto& [name, value] : inputs)
    text += fmt::format("input     {}: {}, the file's example\n", printable(name), value.tensor().describe());
  return text + fmt::format("tolerance {} of a tensor's largest value, plus {}\n", *check.tolerance.relative,
                            check.tolerance.absolute);
}

std::string success(const ConversionCheck& check) {
  if (check.draws) return "agrees in its types: the program draws random numbers, which were not compared\n";
  double largest = 0;
  for (const CheckedEngine& engine : check.engines) largest = std::max(largest, engine.largest());
  return fmt::format("agrees with the program: the largest difference is {:.1e}\n", largest);
}

// Node by node. Models whose inputs differ (--scale-input) cannot be held against each other so.
std::string nodes_that_differ(const backends::ModelSource& program, const backends::ModelSource& converted,
                              const workbench::InputValues& inputs, const backends::CompileOptions& options) {
  const auto& native = backends::find_backend("native");
  workbench::CompareOptions settings;
  settings.values = inputs;
  try {
    return verdict(workbench::compare_models({"the program", program, &native, options},
                                             {"the model", converted, &native, options}, settings));
  } catch (const Error& error) {
    return fmt::format("the nodes cannot be compared: {}\n", printable(error.what()));
  }
}

}  // namespace

void check_and_report(const backends::ModelSource& program, const backends::ModelSource& converted,
                      const workbench::InputValues& inputs, const backends::CompileOptions& options) {
  const ConversionCheck check = workbench::check_conversion(program, converted, inputs, options);
  std::string text = head(inputs, check);
  for (const CheckedEngine& engine : check.engines) text += describe(engine);
  if (check.agrees()) return print(text + success(check));
  print(text + "differs, so that nothing is written; A is the program as it is, B the model:\n" +
        nodes_that_differ(program, converted, inputs, options));
  throw Unsuccessful{};
}

}  // namespace slipway::cli
