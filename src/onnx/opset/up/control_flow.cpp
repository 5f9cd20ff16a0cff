// Scan, whose first version knew batches.
#include "onnx/opset/node_conversion.hpp"
#include "onnx/opset/up/upgrade_rules.hpp"

namespace slipway::upgrade_rule {
namespace {

// Builds the body that scans one sequence of a batch.
class OneSequence {
 public:
  OneSequence(Node& scan, size_t states, size_t scanned) : body_(std::make_unique<Graph>("sequence")) {
    if (scan.input(0)) length_ = unsqueezed(body_->add_input("length", {}));
    std::vector<Value*> inputs;
    for (size_t i = 0; i < states; ++i) inputs.push_back(body_->add_input("state", {}));
    for (size_t i = 0; i < scanned; ++i) inputs.push_back(body_->add_input("scanned", {}));
    if (length_) shorten(std::span(inputs).subspan(states));
    Node* inner = body_->add_node("Scan", std::move(inputs), scan.outputs().size());
    inner->attributes() = std::move(scan.attributes());
    for (Attribute& attribute : inner->attributes())
      if (auto* graph = attribute.as<std::unique_ptr<Graph>>()) (*graph)->set_owner(inner);
    for (size_t i = 0; i < inner->outputs().size(); ++i)
      body_->add_output(length_ && i >= states ? padded(inner->output(i)) : inner->output(i));
  }

  std::unique_ptr<Graph> take() { return std::move(body_); }

 private:
  Value* list(std::initializer_list<int64_t> elements) {
    return body_->add_initializer(
        "list", Tensor::from<int64_t>({static_cast<int64_t>(elements.size())}, std::span(elements)));
  }

  Value* unsqueezed(Value* scalar) { return body_->add_node("Unsqueeze", {scalar, list({0})})->output(0); }

  // Only the first positions are scanned.
  void shorten(std::span<Value*> scanned) {
    Node* shape = body_->add_node("Shape", {scanned[0]});
    shape->set_attribute("end", int64_t{1});
    missing_ = body_->add_node("Sub", {shape->output(0), length_})->output(0);
    for (Value*& one : scanned)
      one = body_->add_node("Slice", {one, list({0}), length_, list({0})})->output(0);
  }

  // Zeros stand behind the last position.
  Value* padded(Value* rows) {
    Node* pads = body_->add_node("Concat", {list({0}), missing_});
    pads->set_attribute("axis", int64_t{0});
    return body_->add_node("Pad", {rows, pads->output(0), nullptr, list({0})})->output(0);
  }

  std::unique_ptr<Graph> body_;
  Value* length_ = nullptr;   // [1]; of sequences that may be shorter than the others
  Value* missing_ = nullptr;  // [1]; how many positions they lack
};

}  // namespace

// Axis 0 of every input was the batch, axis 1 of those that were scanned the sequence: a Scan over the batch,
// with the Scan over the sequence in its body.
void scan_batches(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  const int64_t scanned = node.int_attribute("num_scan_inputs", 0);
  const auto inputs = static_cast<int64_t>(node.inputs().size()) - 1;
  if (scanned < 1 || scanned > inputs) upgrade.refuse("the number of scanned inputs does not fit the inputs");
  const std::vector<int64_t> directions = node.ints_attribute("directions", {});
  node.erase_attribute("directions");
  if (!directions.empty()) node.set_attribute("scan_input_directions", directions);

  OneSequence sequence(node, static_cast<size_t>(inputs - scanned), static_cast<size_t>(scanned));
  std::vector<Value*> values(node.inputs().begin() + (node.input(0) ? 0 : 1), node.inputs().end());
  node.attributes().clear();
  node.set_attribute("num_scan_inputs", static_cast<int64_t>(values.size()));
  node.set_attribute("body", sequence.take());
  upgrade.become("Scan", values);
}

}  // namespace slipway::upgrade_rule
