// A shared library that brings operators, loaded.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "slipway/custom_op.h"

namespace slipway::custom {

class Library {
 public:
  // `path` is a file, never a name for the system to look up. Throws kNotFound when there is none,
  // kInvalidArgument when it cannot be loaded or its table is faulty, kUnsupported when it was built for a
  // newer interface.
  static std::shared_ptr<const Library> open(const std::filesystem::path& path);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  // As it was given, for messages.
  const std::string& name() const { return name_; }
  // What the texts and functions in it point to lives as long as this object.
  const std::vector<slipway_op>& operators() const { return operators_; }

 private:
  Library(std::string name, void* handle);

  std::string name_;
  void* handle_;
  std::vector<slipway_op> operators_;
};

}  // namespace slipway::custom
