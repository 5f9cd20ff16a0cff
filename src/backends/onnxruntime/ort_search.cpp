#include "backends/onnxruntime/ort_search.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace slipway::backends::ort {
namespace {

namespace fs = std::filesystem;

// The entries of a folder whose names begin with `prefix`, sorted; none if it cannot be read.
std::vector<fs::path> entries_beginning(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().filename().string().starts_with(prefix)) found.push_back(entry->path());
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> libraries_in(const fs::path& folder) {
  return entries_beginning(folder, "libonnxruntime.so");
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The wheels below a Python prefix such as /usr/local or a virtual environment.
void add_wheels(const fs::path& prefix, std::vector<Candidate>& candidates) {
  for (const fs::path& python : entries_beginning(prefix / "lib", "python3"))
    for (const char* packages : {"site-packages", "dist-packages"})
      for (const fs::path& library : libraries_in(python / packages / "onnxruntime" / "capi"))
        candidates.push_back({library, false});
}

void add_wheels_of_path(std::vector<Candidate>& candidates) {
  std::istringstream folders(variable("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code error;
    const fs::path python = fs::path(folder) / "python3";
    if (folder.empty() || !fs::exists(python, error)) continue;
    add_wheels(fs::path(folder).parent_path(), candidates);
    const fs::path real = fs::canonical(python, error);
    if (!error) add_wheels(real.parent_path().parent_path(), candidates);
  }
}

std::vector<Candidate> named(const fs::path& path) {
  std::vector<Candidate> candidates;
  std::error_code error;
  if (fs::is_directory(path, error))
    for (const fs::path& library : libraries_in(path)) candidates.push_back({library, true});
  if (candidates.empty()) candidates.push_back({fs::absolute(path), true});
  return candidates;
}

void drop_repeated(std::vector<Candidate>& candidates) {
  std::vector<Candidate> kept;
  for (Candidate& candidate : candidates)
    if (std::none_of(kept.begin(), kept.end(),
                     [&](const Candidate& other) { return other.path == candidate.path; }))
      kept.push_back(std::move(candidate));
  candidates = std::move(kept);
}

}  // namespace

std::vector<Candidate> library_candidates(const fs::path& requested) {
  if (!requested.empty()) return named(requested);
  if (const std::string path = variable(kLibraryVariable); !path.empty()) return named(path);
  std::vector<Candidate> candidates = {{"libonnxruntime.so", false}, {"libonnxruntime.so.1", false}};
  if (const std::string active = variable("VIRTUAL_ENV"); !active.empty()) add_wheels(active, candidates);
  add_wheels_of_path(candidates);
  if (const std::string home = variable("HOME"); !home.empty())
    add_wheels(fs::path(home) / ".local", candidates);
  add_wheels("/usr/local", candidates);
  add_wheels("/usr", candidates);
  drop_repeated(candidates);
  return candidates;
}

}  // namespace slipway::backends::ort
