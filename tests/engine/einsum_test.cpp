// Einsum against the reference kernel, one loop over all axes in f64.
#include "engine/one_node.hpp"

namespace slipway::engine {
namespace {

constexpr double kEinsumTolerance = 2e-6;

struct EinsumCase {
  const char* equation;
  std::vector<Dims> operands;
};

void expect_like_reference(const EinsumCase& c, size_t constant = 99, bool fast = true) {
  SCOPED_TRACE(c.equation);
  GraphMaker maker;
  std::vector<Value*> inputs;
  std::vector<RuntimeValue> fed;
  for (size_t i = 0; i < c.operands.size(); ++i) {
    const Tensor tensor = random_tensor(c.operands[i], maker.random);
    if (i == constant) {
      inputs.push_back(maker.graph().add_initializer("w", tensor));
      continue;
    }
    inputs.push_back(maker.input(c.operands[i], "x" + std::to_string(i)));
    fed.emplace_back(tensor);
  }
  Node* node = maker.graph().add_node("Einsum", inputs);
  node->set_attribute("equation", std::string(c.equation));
  expect_node_like_reference(maker, *node, fed, kEinsumTolerance, fast);
}

const std::vector<EinsumCase> kPairs = {
    {"bhid,bhjd->bhij", {{2, 3, 17, 20}, {2, 3, 19, 20}}},
    {"bhij,bhjd->bhid", {{2, 3, 17, 20}, {2, 3, 20, 35}}},
    {"bid,de->bie", {{3, 50, 70}, {70, 90}}},
    {"bid,ed->bie", {{3, 50, 70}, {90, 70}}},
    {"bhwc,wkc->bhwk", {{2, 5, 6, 33}, {6, 7, 33}}},
    {"bhwc,hkc->bhwk", {{2, 5, 6, 33}, {5, 7, 33}}},
    {"bi,bj->bij", {{5, 50}, {5, 49}}},
    {"ij,jk->ki", {{30, 40}, {40, 50}}},
    {"ij,jk->ik", {{1, 300}, {300, 50}}},
    {"ij,jk->ik", {{300, 700}, {700, 5}}},
    {"ij,j->i", {{30, 40}, {40}}},
    {"j,ij->i", {{40}, {30, 40}}},
    {"bij,bj->bi", {{4, 30, 40}, {4, 40}}},
    {"ij,ij->ij", {{30, 40}, {30, 40}}},
    {"ij,ij->", {{30, 40}, {30, 40}}},
    {"bij,bij->b", {{3, 30, 40}, {3, 30, 40}}},
    {"ib,jb->ijb", {{6, 33}, {7, 33}}},  // the innermost axis is one of both
    {"ibk,jbk->ijb", {{6, 33, 9}, {7, 33, 9}}},
    {"abcd,cdef->abef", {{3, 4, 5, 6}, {5, 6, 7, 8}}},
    {"abcd,cdef->eafb", {{3, 4, 5, 6}, {5, 6, 7, 8}}},
    {"abcd,dcef->aebf", {{3, 4, 5, 6}, {6, 5, 7, 8}}},
    {"nchw,ncqs->nhwqs", {{2, 3, 4, 5}, {2, 3, 6, 7}}},
    {"iik,kj->ij", {{20, 20, 30}, {30, 9}}},
    {"ij,jj->ij", {{20, 30}, {30, 30}}},
    {"ijx,jky->ik", {{20, 30, 3}, {30, 40, 5}}},  // x and y alone
    {"...ij,...jk->...ik", {{2, 3, 10, 20}, {3, 20, 12}}},
    {"...ij,...jk", {{2, 1, 10, 20}, {3, 20, 12}}},
    {"bij,jk->bik", {{1, 10, 20}, {20, 30}}},
    {"ij,jk->ik", {{10, 1}, {20, 30}}},  // a size of 1 is stretched
    {"i,->i", {{10}, {}}},
    {",->", {{}, {}}},
};

TEST(Einsum, Pairs) {
  for (const EinsumCase& c : kPairs) expect_like_reference(c);
}

TEST(Einsum, ConstantOperands) {
  for (const EinsumCase& c : kPairs)
    for (size_t constant : {0, 1}) expect_like_reference(c, constant);
}

TEST(Einsum, OneOperand) {
  for (const EinsumCase& c : std::vector<EinsumCase>{{"bii->b", {{6, 17, 17}}},
                                                     {"ii->i", {{17, 17}}},
                                                     {"ij->ji", {{17, 18}}},
                                                     {"ijk->kij", {{7, 8, 9}}},
                                                     {"ij->", {{17, 18}}},
                                                     {"ijk->j", {{17, 18, 19}}},
                                                     {"iji->j", {{17, 18, 17}}},
                                                     {"...i->...", {{3, 1, 18}}},
                                                     {"i->i", {{1}}},
                                                     {"->", {{}}}})
    expect_like_reference(c);
}

TEST(Einsum, ManyOperands) {
  for (const EinsumCase& c : std::vector<EinsumCase>{{"ij,jk,kl->il", {{20, 30}, {30, 5}, {5, 40}}},
                                                     {"ij,jk,kl->il", {{2, 30}, {30, 50}, {50, 40}}},
                                                     {"bi,bj,bk->bijk", {{3, 5}, {3, 6}, {3, 7}}},
                                                     {"bhi,bhj,h,i->bj", {{3, 4, 5}, {3, 4, 6}, {4}, {5}}},
                                                     {"i,j,k,l->", {{5}, {6}, {7}, {8}}}})
    expect_like_reference(c);
}

// What takes several blocks of the sum, panels and parts of rows.
TEST(Einsum, LargeSizes) {
  expect_like_reference({"ij,jk->ik", {{133, 600}, {600, 210}}});
  expect_like_reference({"ij,jk->ik", {{1500, 16}, {16, 9}}});
  expect_like_reference({"bij,bjk->bik", {{33, 40, 20}, {33, 20, 60}}});
}

TEST(Einsum, LeavesContradictionsToTheReferenceKernel) {
  GraphMaker maker;
  Node* node = maker.graph().add_node("Einsum", {maker.input({3, 4}, "a"), maker.input({5, 6}, "b")});
  node->set_attribute("equation", std::string("ij,jk->ik"));
  maker.graph().add_output(node->output(0));
  EXPECT_THROW(run_on_engine(maker, {Tensor(DataType::kFloat, {3, 4}), Tensor(DataType::kFloat, {5, 6})}, 1),
               Error);
}

}  // namespace
}  // namespace slipway::engine
