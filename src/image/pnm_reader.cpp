#include "image/pnm_reader.hpp"

#include <string_view>

#include "base/error.hpp"

namespace slipway {
namespace {

[[noreturn]] void fail_damaged(const char* reason) {
  fail(ErrorCode::kInvalidPicture, "damaged PNM: {}", reason);
}

bool is_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

// Words and numbers of a header, or of samples that are text. '#' begins a comment up to the end of its line.
class Words {
 public:
  explicit Words(std::string_view text, size_t at) : text_(text), at_(at) {}

  size_t position() const { return at_; }
  std::string_view word() {
    skip_spaces();
    const size_t begin = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '#') ++at_;
    if (at_ == begin) fail_damaged("the file is truncated");
    return text_.substr(begin, at_ - begin);
  }
  uint32_t number() {
    uint32_t value = 0;
    for (const char letter : word()) {
      if (letter < '0' || letter > '9') fail_damaged("a number was expected");
      value = value * 10 + static_cast<uint32_t>(letter - '0');
      if (value > 0x0fffffff) fail_damaged("a number is too large");
    }
    return value;
  }
  // 0 or 1; no space has to be between them.
  bool bit() {
    skip_spaces();
    if (at_ >= text_.size()) fail_damaged("the file is truncated");
    const char letter = text_[at_++];
    if (letter != '0' && letter != '1') fail_damaged("a 0 or 1 was expected");
    return letter == '1';
  }
  // The one space behind a header.
  void end_header() {
    if (at_ >= text_.size()) fail_damaged("the file is truncated");
    if (!is_space(text_[at_++])) fail_damaged("its header does not end");
  }

 private:
  void skip_spaces() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '#')
        at_ = std::min(text_.find('\n', at_), text_.size() - 1);
      else if (!is_space(text_[at_]))
        return;
    }
  }

  std::string_view text_;
  size_t at_;
};

struct Header {
  PictureLayout layout;
  uint32_t highest = 1;
  bool text;  // samples are words
  bool bits;  // one bit a sample, 1 is black
};

void read_pam(Words& words, Header& header) {
  uint32_t depth = 0, highest = 0;
  for (std::string_view key = words.word(); key != "ENDHDR"; key = words.word()) {
    if (key == "WIDTH")
      header.layout.width = words.number();
    else if (key == "HEIGHT")
      header.layout.height = words.number();
    else if (key == "DEPTH")
      depth = words.number();
    else if (key == "MAXVAL")
      highest = words.number();
    else if (key == "TUPLTYPE")
      words.word();  // the number of channels says enough
    else
      fail_damaged("its header has an unknown key");
  }
  if (depth < 1 || depth > 4) fail(ErrorCode::kUnsupported, "a PAM of {} channels; 1 to 4 are read", depth);
  header.layout.channels = static_cast<int>(depth);
  header.highest = highest;
}

Header read_header(char kind, Words& words) {
  Header header{};
  header.text = kind <= '3';
  header.bits = kind == '1' || kind == '4';
  header.highest = 1;
  if (kind == '7') {
    read_pam(words, header);
  } else {
    header.layout.channels = kind == '3' || kind == '6' ? 3 : 1;
    header.layout.width = words.number();
    header.layout.height = words.number();
    if (!header.bits) header.highest = words.number();
  }
  words.end_header();
  if (header.layout.width == 0 || header.layout.height == 0) fail_damaged("it has no pixels");
  if (header.highest < 1 || header.highest > 0xffff) fail_damaged("its highest value is not from 1 to 65535");
  header.layout.depth = header.highest > 0xff ? 16 : 8;
  return header;
}

// Puts samples into a picture in the order of the file.
class SampleWriter {
 public:
  SampleWriter(Picture& picture, const Header& header) : picture_(picture), highest_(header.highest) {}
  void put(uint32_t sample) {
    if (sample > highest_) fail_damaged("a sample exceeds the highest value");
    const uint32_t full = picture_.depth() == 16 ? 0xffff : 0xff;
    const auto scaled = static_cast<uint32_t>((uint64_t{sample} * full * 2 + highest_) / (2 * highest_));
    if (picture_.depth() == 16)
      reinterpret_cast<uint16_t*>(picture_.bytes().data())[next_++] = static_cast<uint16_t>(scaled);
    else
      picture_.bytes()[next_++] = static_cast<std::byte>(scaled);
  }

 private:
  Picture& picture_;
  uint32_t highest_;
  size_t next_ = 0;
};

void read_text(Words& words, const Header& header, Picture& picture) {
  SampleWriter writer(picture, header);
  const uint64_t samples = header.layout.pixels() * static_cast<uint64_t>(header.layout.channels);
  for (uint64_t i = 0; i < samples; ++i) writer.put(header.bits ? !words.bit() : words.number());
}

// Rows begin at whole bytes.
void read_bits(std::span<const std::byte> data, const Header& header, Picture& picture) {
  SampleWriter writer(picture, header);
  const size_t stride = (size_t{header.layout.width} + 7) / 8;
  for (uint32_t y = 0; y < header.layout.height; ++y)
    for (uint32_t x = 0; x < header.layout.width; ++x) {
      const auto byte = std::to_integer<uint32_t>(data[y * stride + x / 8]);
      writer.put(~byte >> (7 - x % 8) & 1);
    }
}

// Two bytes, the higher one first, where one is not enough.
void read_binary(std::span<const std::byte> data, const Header& header, Picture& picture) {
  SampleWriter writer(picture, header);
  const size_t bytes = header.layout.depth / 8, size = header.layout.bytes();
  for (size_t i = 0; i < size; i += bytes) {
    const auto first = std::to_integer<uint32_t>(data[i]);
    writer.put(bytes == 2 ? first << 8 | std::to_integer<uint32_t>(data[i + 1]) : first);
  }
}

}  // namespace

StoredPicture decode_pnm(std::span<const std::byte> file, const PictureLimits& limits) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (text.size() < 3 || (!is_space(text[2]) && text[2] != '#')) fail_damaged("its header does not begin");
  Words words(text, 2);
  const Header header = read_header(text[1], words);
  check_limits("PNM", header.layout, limits);
  const std::span<const std::byte> data = file.subspan(words.position());
  const uint64_t samples = header.layout.pixels() * static_cast<uint64_t>(header.layout.channels);
  // Of text a bit takes a letter, and any other sample a digit and a space but for the last one.
  const uint64_t needed = header.text   ? (header.bits ? samples : 2 * samples - 1)
                          : header.bits ? (uint64_t{header.layout.width} + 7) / 8 * header.layout.height
                                        : header.layout.bytes();
  if (needed > data.size()) fail_damaged("the file is truncated");
  Picture picture(header.layout);
  if (header.text)
    read_text(words, header, picture);
  else
    header.bits ? read_bits(data, header, picture) : read_binary(data, header, picture);
  return {std::move(picture)};
}

}  // namespace slipway
