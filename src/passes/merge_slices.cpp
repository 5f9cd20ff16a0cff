#include <algorithm>
#include <optional>
#include <unordered_set>

#include "passes/passes.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

// What a Slice takes of one axis.
struct Piece {
  Node* slice;
  size_t axis;
  int64_t begin, end;
};

std::optional<int64_t> only_number(const Value* value) {
  const auto numbers = constant_ints(value);
  return numbers && numbers->size() == 1 ? std::optional(numbers->front()) : std::nullopt;
}

std::optional<Piece> piece_of(Node* slice, const Shape& shape) {
  const auto start = only_number(slice->input(1)), end = only_number(slice->input(2)),
             axis = only_number(slice->input(3));
  const auto step = slice->input(4) ? only_number(slice->input(4)) : std::optional<int64_t>(1);
  const auto place = axis ? axis_of(*axis, shape.size()) : std::nullopt;
  if (!start || !end || !place || step != 1 || !shape[*place].is_known()) return std::nullopt;
  const int64_t size = shape[*place].value();
  const auto within = [size](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size); };
  return Piece{slice, *place, within(*start), within(*end)};
}

// The pieces that Slices of `graph` take of a value along the axis of `first`, from front to back.
std::vector<Piece> pieces_along(const Piece& first, const Value* value, const Shape& shape,
                                const Graph& graph) {
  std::vector<Piece> pieces;
  for (const Use& use : value->uses()) {
    if (!use.node->is("Slice") || use.index != 0 || &use.node->graph() != &graph) continue;
    const auto piece = piece_of(use.node, shape);
    if (piece && piece->axis == first.axis) pieces.push_back(*piece);
  }
  std::ranges::sort(pieces, {}, &Piece::begin);
  return pieces;
}

// Do they lie side by side from one end of the axis to the other?
bool are_a_whole(const std::vector<Piece>& pieces, int64_t size) {
  int64_t at = 0;
  for (const Piece& piece : pieces) {
    if (piece.begin != at || piece.end <= piece.begin) return false;
    at = piece.end;
  }
  return pieces.size() > 1 && at == size;
}

void put_split(Graph& graph, Node* first, const std::vector<Piece>& pieces) {
  std::vector<int64_t> sizes;
  for (const Piece& piece : pieces) sizes.push_back(piece.end - piece.begin);
  Value* whole = first->input(0);
  Node* split = graph.insert_node(first, "Split", {whole, add_ints(graph, whole->name() + ".split", sizes)},
                                  0, "", first->name());
  split->metadata = first->metadata;
  split->set_attribute("axis", static_cast<int64_t>(pieces.front().axis));
  for (size_t i = 0; i < pieces.size(); ++i) graph.move_output(pieces[i].slice, 0, split, i);
  for (const Piece& piece : pieces) graph.erase(piece.slice);
}

}  // namespace

bool merge_slices(Graph& graph, PassContext& context) {
  const auto types = ops::infer_types_for(graph, context.operators, {});
  // The first Slice of a value in the graph's order is where Split may stand; later ones are looked at with
  // it.
  std::vector<Node*> slices;
  std::unordered_set<const Value*> seen;
  for (Node* node = graph.first_node(); node; node = node->next())
    if (node->is("Slice") && seen.insert(node->input(0)).second) slices.push_back(node);
  bool changed = false;
  for (Node* slice : slices) {
    const Shape* shape = shape_of(types, slice->input(0));
    const auto first = shape ? piece_of(slice, *shape) : std::nullopt;
    if (!first) continue;
    const std::vector<Piece> pieces = pieces_along(*first, slice->input(0), *shape, graph);
    if (!are_a_whole(pieces, (*shape)[first->axis].value())) continue;
    put_split(graph, slice, pieces);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
