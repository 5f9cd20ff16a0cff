#include "custom/load_operators.hpp"

#include "base/error.hpp"
#include "custom/custom_operator.hpp"
#include "onnx/opset/contrib/rules.hpp"

namespace slipway::custom {
namespace {

constexpr auto kFaulty = ErrorCode::kInvalidArgument;

bool is_of_the_standard(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx" || domain.starts_with("ai.onnx.");
}

void check_name(const slipway_op& op, const ops::Registry& known) {
  if (!op.name || !*op.name) fail(kFaulty, "it has no name");
  if (!op.domain || is_of_the_standard(op.domain))
    fail(kFaulty,
         "its domain is '{}', which is the standard's: what '{}' means there is not a library's to say. Give "
         "it a "
         "domain of your own, and the nodes of the model too",
         op.domain ? op.domain : "", op.name);
  const ops::Operator* other = known.find(op.domain, op.name);
  const bool is_ours = other ? other->library.empty() : find_contrib_rule(op.domain, op.name) != nullptr;
  if (is_ours) fail(kFaulty, "Slipway has an operator of this name itself");
  if (other) fail(kFaulty, "library '{}' brings an operator of this name, too", other->library);
}

void add_library(const std::filesystem::path& path, ops::Registry& registry) {
  const auto library = Library::open(path);
  for (size_t i = 0; i < library->operators().size(); ++i) {
    const slipway_op& op = library->operators()[i];
    const auto place = [&] {
      if (!op.name || !op.domain) return fmt::format("library '{}': operator {}", library->name(), i);
      return fmt::format("library '{}': operator '{}:{}'", library->name(), op.domain, op.name);
    };
    with_context(place, [&] {
      check_name(op, registry);
      registry.add(make_operator(library, op));
    });
  }
}

}  // namespace

std::shared_ptr<const ops::Registry> load_operators(std::span<const std::filesystem::path> libraries) {
  auto registry = std::make_shared<ops::Registry>(ops::Registry::beyond(ops::standard_operators()));
  for (const auto& path : libraries) add_library(path, *registry);
  return registry;
}

std::string version_obstacle(const ops::Operator& definition, const OpsetImports& imports) {
  const int64_t imported = imports.version(definition.domain);
  if (definition.library.empty() || imported == 0 || imported >= definition.since_version) return "";
  return fmt::format(
      "the model is written for version {} of domain '{}', but '{}' brings the operator {} as it is "
      "from version {} on",
      imported, definition.domain, definition.library, definition.name, definition.since_version);
}

}  // namespace slipway::custom
