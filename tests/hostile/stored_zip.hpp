// A zip archive of stored files, byte for byte as the test wants it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace slipway::hostile {

using ZipFiles = std::vector<std::pair<std::string, std::string>>;  // names and contents

inline uint32_t crc_of(const std::string& bytes) {
  uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xedb88320 & (0 - (crc & 1)));
  }
  return ~crc;
}

inline std::string little_endian(uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> 8 * i);
  return text;
}

inline std::string stored_zip(const ZipFiles& files) {
  std::string all, list;
  for (const auto& [name, content] : files) {
    const std::string common = little_endian(20, 2) + std::string(4, '\0') + std::string(4, '\0') +
                               little_endian(crc_of(content), 4) + little_endian(content.size(), 4) +
                               little_endian(content.size(), 4) + little_endian(name.size(), 2) +
                               little_endian(0, 2);
    list += "PK\1\2" + little_endian(20, 2) + common + std::string(10, '\0') + little_endian(all.size(), 4) +
            name;
    all += "PK\3\4" + common + name + content;
  }
  const std::string count = little_endian(files.size(), 2);
  return all + list + "PK\5\6" + std::string(4, '\0') + count + count + little_endian(list.size(), 4) +
         little_endian(all.size(), 4) + std::string(2, '\0');
}

}  // namespace slipway::hostile
