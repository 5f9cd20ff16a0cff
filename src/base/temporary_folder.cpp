#include "base/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace slipway {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "slipway-XXXXXX").string();
  if (error || !::mkdtemp(name.data()))
    fail(ErrorCode::kIo,
         "no folder for temporary files can be made as '{}': {}; set TMPDIR to one that can be written", name,
         (error ? error : std::error_code(errno, std::generic_category())).message());
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace slipway
