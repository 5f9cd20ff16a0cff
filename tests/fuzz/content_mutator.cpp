// Checkpoints, programs and pipelines are JSON, or archives with JSON and pickles in them: what they hold is
// changed, and they are put together around it anew.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/zip_archive.hpp"
#include "fuzz/custom_mutator.hpp"
#include "hostile/damage_json.hpp"
#include "hostile/stored_zip.hpp"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace slipway::fuzz {
namespace {

constexpr size_t kMostMembers = 1000;
constexpr int kMostNesting = 3;  // of archives
constexpr size_t kMostGrowth = 64;

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string changed(const std::string& content, hostile::Mutator& random, int depth);

std::string changed_bytes(std::string content) {
  const size_t size = content.size();
  content.resize(size + kMostGrowth);
  content.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(content.data()), size, content.size()));
  return content;
}

std::string changed_json(const std::string& content, hostile::Mutator& random) {
  torch::Json json = torch::parse_json(content, torch::kMostProgramNesting);
  hostile::damage_json(json, random);
  return json.dump(-1, ' ', false, torch::Json::error_handler_t::replace);
}

std::string changed_archive(const std::string& content, hostile::Mutator& random, int depth) {
  ZipArchive archive(as_bytes(content), kMostMembers);
  hostile::ZipFiles files;
  for (const ZipEntry& entry : archive.entries()) {
    archive.account(entry);
    std::string member(static_cast<size_t>(entry.size), '\0');
    archive.read(entry, std::as_writable_bytes(std::span(member.data(), member.size())));
    files.emplace_back(entry.name, std::move(member));
  }
  if (files.empty()) return content;
  const size_t place = random.below(files.size());
  if (random.one_in(16)) {
    files.erase(files.begin() + static_cast<std::ptrdiff_t>(place));
  } else {
    files[place].second = changed(files[place].second, random, depth + 1);
  }
  return hostile::stored_zip(files);
}

// Eight bytes that say how long the JSON behind them is, the JSON, data.
bool is_safetensors(const std::string& content) {
  return content.size() > 10 && content[8] == '{';
}

std::string changed_safetensors(const std::string& content, hostile::Mutator& random) {
  uint64_t length = 0;
  std::memcpy(&length, content.data(), sizeof length);
  const std::string header = changed_json(content.substr(8, length), random);
  return hostile::little_endian(header.size(), 8) + header +
         content.substr(std::min<uint64_t>(8 + length, content.size()));
}

// Throws where the content is not what it begins like.
std::string changed(const std::string& content, hostile::Mutator& random, int depth) {
  if (content.starts_with("PK") && depth < kMostNesting) return changed_archive(content, random, depth);
  if (content.starts_with("{")) return changed_json(content, random);
  if (is_safetensors(content)) return changed_safetensors(content, random);
  return changed_bytes(content);
}

}  // namespace

std::string damaged(const std::string& file, unsigned seed) {
  try {
    hostile::Mutator random(seed);
    return changed(file, random, 0);
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace slipway::fuzz
