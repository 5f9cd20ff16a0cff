// What the program writes on its standard streams.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace slipway::cli {

// Thrown when nobody reads standard output any more: the program ends, and says nothing.
struct BrokenPipe {};

// Writes all of the text to standard output. Throws BrokenPipe, or Error when it cannot be written.
void print(std::string_view text);

// One value, indented; bytes from a file that are not UTF-8 become U+FFFD.
void print_json(const nlohmann::ordered_json& value);

// "slipway: error: …" on standard error, the places below it, one a line.
void print_error(const std::exception& error);
void print_usage_error(std::string_view message);
// "slipway: note: …" on standard error, for what the user should know of a result that is right.
void print_note(std::string_view message);

// Text that comes from files, on one line and without control characters, which a terminal would obey.
std::string printable(std::string_view text);
// The same, but lines stay lines; those after the first are indented.
std::string printable_lines(std::string_view text, std::string_view indent = "");

// "2.1 MB", "512 B": units of 1000.
std::string human_bytes(double bytes);
// "1,234,567".
std::string with_commas(int64_t number);

}  // namespace slipway::cli
