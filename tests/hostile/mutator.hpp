// Random damage to the bytes of a file, from a seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace slipway::hostile {

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  size_t below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }
  bool one_in(size_t chances) { return below(chances) == 0; }
  uint64_t number() { return random_(); }

  template <typename Choices>
  const auto& one_of(const Choices& choices) {
    return choices[below(std::size(choices))];
  }

  // One to four changes: bytes set, flipped, counted up, cut out, repeated, moved over others; lengths that
  // are huge; a file that ends early. `other` lends bytes for splices.
  std::string mutate(std::string file, const std::string& other) {
    for (size_t changes = 1 + below(4); changes > 0 && !file.empty(); --changes) change(file, other);
    return file;
  }

 private:
  void change(std::string& file, const std::string& other) {
    static const std::string kNumbers[] = {std::string("\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9),
                                           std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10),
                                           std::string("\xff\xff\xff\xff\x07", 5),
                                           std::string("\x80\x80\x80\x80\x10", 5),
                                           std::string(4, '\xff'),
                                           std::string(4, '\0'),
                                           std::string(8, '\xff')};
    const size_t at = below(file.size());
    char& byte = file[at];
    switch (below(10)) {
      case 0:
      case 1:
        byte = static_cast<char>(number());
        break;
      case 2:
      case 3:
        byte = static_cast<char>(byte ^ (1 << below(8)));
        break;
      case 4:
        byte = static_cast<char>(byte + (one_in(2) ? 1 : -1));
        break;
      case 5:
        file.erase(at, 1 + below(16));
        break;
      case 6:
        file.insert(at, file.substr(below(file.size()), below(64)));
        break;
      case 7:
        if (const size_t from = other.empty() ? 0 : below(other.size()); !other.empty())
          file.replace(at, below(64), other.substr(from, below(64)));
        break;
      case 8:
        file.replace(at, 1, one_of(kNumbers));
        break;
      default:
        if (one_in(4))
          file.resize(at);
        else
          file.replace(at, std::min<size_t>(4, file.size() - at),
                       std::string(4, static_cast<char>(number())));
    }
  }

  std::mt19937_64 random_;
};

}  // namespace slipway::hostile
