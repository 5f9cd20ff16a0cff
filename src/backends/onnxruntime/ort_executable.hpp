// A model in a session of ONNX Runtime.
#pragma once

#include "backends/backend.hpp"
#include "backends/onnxruntime/terminate_watch.hpp"

namespace slipway::backends::ort {

class OrtExecutable : public Executable {
 public:
  // The file goes to the library as it is; a model that is only in memory is written to memory first.
  OrtExecutable(std::shared_ptr<const Library> library, const ModelSource& source,
                const CompileOptions& options);

  std::vector<RuntimeValue> run(std::span<const RuntimeValue> inputs,
                                const Cancellation& cancellation) override;

 private:
  // Inputs in the shape that the library takes them: those that are there, with their names.
  struct Given {
    std::vector<const char*> names;
    std::vector<RuntimeValue> values;  // contiguous; they own what the handles view
    std::vector<Handle<Value>> handles;
    std::vector<const Value*> pointers;
  };
  Given give(std::span<const RuntimeValue> inputs) const;
  std::vector<RuntimeValue> take(std::vector<Value*>& outputs, const Given& given) const;

  std::shared_ptr<const Library> library_;
  std::shared_ptr<Session> session_;
  std::vector<const char*> output_names_;
  TerminateWatch watch_;
};

}  // namespace slipway::backends::ort
