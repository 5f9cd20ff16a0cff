// Exported programs that lie: an error that names what is wrong, never a crash, a hang or much memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hostile/convert_program.hpp"
#include "hostile/damage_json.hpp"
#include "hostile/sandbox.hpp"
#include "hostile/stored_zip.hpp"
#include "onnx/golden_models.hpp"
#include "torch/json.hpp"
#include "torch/shared_archive.hpp"

namespace slipway::torch {
namespace {

using hostile::stored_zip;
using hostile::ZipFiles;
using slipway::testing::error_of;
using slipway::testing::file_bytes;
using slipway::testing::write_file;
using ::testing::HasSubstr;

constexpr const char* kFiles[] = {"golden/torch/program.pt2", "torch/fixtures/2.1/rows.pt2",
                                  "torch/fixtures/2.4/counter.pt2", "torch/fixtures/2.6/nested.pt2"};

std::filesystem::path path_of(const char* name) {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests" / name;
}

// The members of an archive.
ZipFiles members(const char* name) {
  SharedArchive archive(std::make_shared<const MappedFile>(path_of(name)));
  ZipFiles files;
  for (const ZipEntry& entry : archive.entries())
    files.emplace_back(entry.name, archive.bytes_of(entry).text());
  return files;
}

std::string& program_in(ZipFiles& files) {
  for (auto& [name, content] : files)
    if (name.ends_with("models/program.json") || name.ends_with("models/model.json") ||
        name == "serialized_exported_program.json")
      return content;
  throw std::logic_error("no program");
}

class HostileProgram : public ::testing::Test {
 protected:
  std::string error(const std::string& bytes) {
    write_file(folder_ / "file", bytes);
    return error_of([&] { hostile::read_program(folder_ / "file"); });
  }
  // The golden program with its JSON changed.
  std::string error_with(const std::function<void(Json&)>& change) {
    ZipFiles files = members(kFiles[0]);
    Json program = Json::parse(program_in(files));
    change(program);
    program_in(files) = program.dump();
    return error(stored_zip(files));
  }
  // An archive of a program alone, without tensors.
  std::string error_alone(const std::string& json) {
    return error(stored_zip({{"serialized_exported_program.json", json}, {"serialized_state_dict.pt", ""}}));
  }
  TemporaryFolder folder_;
};

Json& graph_of(Json& program) {
  return program["graph_module"]["graph"];
}

TEST_F(HostileProgram, TheFilesAreRead) {
  for (const char* name : kFiles) {
    EXPECT_EQ(error(file_bytes(path_of(name))), "") << name;
    EXPECT_EQ(error(stored_zip(members(name))), "") << name;
  }
  EXPECT_EQ(error_with([](Json&) {}), "");
}

TEST_F(HostileProgram, PrefixesAreErrors) {
  for (const char* name : kFiles) {
    const std::string whole = file_bytes(path_of(name));
    // The archive's list stands at its end: without it, all prefixes are alike.
    const size_t list = whole.find("PK\1\2");
    for (size_t size = 0; size < whole.size(); size += size < list ? 997 : 7)
      EXPECT_NE(error(whole.substr(0, size)), "") << name << " of " << size;
  }
}

TEST_F(HostileProgram, Mutations) {
  std::vector<std::string> wholes;
  for (const char* name : kFiles) wholes.push_back(file_bytes(path_of(name)));
  hostile::expect_harmless(hostile::mutation_count(1000), [&](size_t index) {
    hostile::Mutator random(hostile::seed() + index);
    write_file(folder_ / "file", random.mutate(random.one_of(wholes), random.one_of(wholes)));
    return hostile::convert_program(folder_ / "file");
  });
}

// Damage that the archive does not show.
TEST_F(HostileProgram, MutationsOfMembers) {
  std::vector<ZipFiles> archives;
  for (const char* name : kFiles) archives.push_back(members(name));
  hostile::expect_harmless(hostile::mutation_count(1000), [&](size_t index) {
    hostile::Mutator random(hostile::seed() + index);
    ZipFiles files = random.one_of(archives);
    std::string& content = random.one_in(2) ? program_in(files) : files[random.below(files.size())].second;
    content = random.mutate(content, content);
    write_file(folder_ / "file", stored_zip(files));
    return hostile::convert_program(folder_ / "file");
  });
}

TEST_F(HostileProgram, MutationsOfJson) {
  std::vector<ZipFiles> archives;
  for (const char* name : kFiles) archives.push_back(members(name));
  hostile::expect_harmless(hostile::mutation_count(2000), [&](size_t index) {
    hostile::Mutator random(hostile::seed() + index);
    ZipFiles files = random.one_of(archives);
    Json program = Json::parse(program_in(files));
    hostile::damage_json(program, random);
    program_in(files) = program.dump();
    write_file(folder_ / "file", stored_zip(files));
    return hostile::convert_program(folder_ / "file");
  });
}

TEST_F(HostileProgram, GraphsThatContradictThemselves) {
  EXPECT_THAT(
      error_with([](Json& program) {
        Json& nodes = graph_of(program)["nodes"];
        std::swap(nodes[2], nodes[3]);
      }),
      HasSubstr("node \"conv2d_1\" (aten.conv2d.default): argument \"input\": the value \"conv2d\" is used "
                "before anything makes it"));
  EXPECT_THAT(error_with([](Json& program) {
                Json& nodes = graph_of(program)["nodes"];
                nodes.push_back(nodes[2]);
              }),
              HasSubstr("the value \"conv2d\" is made twice"));
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["tensor_values"].erase("conv2d"); }),
              HasSubstr("nothing is said of the tensor \"conv2d\""));
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["tensor_values"]["conv2d"]["dtype"] = 9; }),
              HasSubstr("torch.complex32"));
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["tensor_values"]["conv2d"]["dtype"] = 99; }),
              HasSubstr("there is no element type 99"));
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["tensor_values"]["x"]["layout"] = 1; }),
              HasSubstr("torch.sparse_coo"));
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["outputs"].erase(0); }),
              HasSubstr("the signature has 6 outputs, but the graph 5"));
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["inputs"].erase(0); }), HasSubstr("inputs"));
  EXPECT_THAT(error_with([](Json& program) {
                program["graph_module"]["signature"]["input_specs"][0]["parameter"]["parameter_name"] =
                    "gone";
              }),
              HasSubstr("the file has no tensor \"gone\""));
  EXPECT_THAT(
      error_with([](Json& program) {
        program["graph_module"]["signature"]["input_specs"][0]["parameter"]["parameter_name"] =
            "blocks.0.weight";
      }),
      HasSubstr("the graph says p_head: f32[2,3], but the tensor \"blocks.0.weight\" is f32[2,2,3,3]"));
}

// A constant input cannot be built of others: each twice in the next would be 2^30 of them.
TEST_F(HostileProgram, ConstantsReferToNothing) {
  EXPECT_THAT(
      error_with([](Json& program) {
        const Json of_x = {{"as_tensor", {{"name", "x"}}}};
        graph_of(program)["inputs"].push_back({{"as_string_to_argument", {{"a", of_x}, {"b", of_x}}}});
      }),
      HasSubstr("\"x\" is no constant"));
}

TEST_F(HostileProgram, TensorsAreNoConstantsAndNoObjects) {
  const auto with_first_spec = [&](const Json& spec) {
    return error_with([&](Json& program) { program["graph_module"]["signature"]["input_specs"][0] = spec; });
  };
  EXPECT_THAT(with_first_spec({{"token", {{"arg", {{"name", "p_head"}}}}}}),
              HasSubstr("a constant or an object in place of p_head"));
  EXPECT_THAT(with_first_spec({{"constant_input", {{"name", "p_head"}, {"value", {{"as_none", true}}}}}}),
              HasSubstr("a constant or an object in place of p_head"));
}

TEST_F(HostileProgram, SizesAreThoseOfTensors) {
  const auto with_sizes = [&](int64_t first, int64_t second) {
    return error_with([&](Json& program) {
      Json& sizes = graph_of(program)["tensor_values"]["conv2d"]["sizes"];
      sizes[0] = {{"as_int", first}};
      sizes[1] = {{"as_int", second}};
    });
  };
  EXPECT_THAT(with_sizes(INT64_MAX, 1), HasSubstr("too large"));
  EXPECT_THAT(with_sizes(int64_t{1} << 40, int64_t{1} << 40), HasSubstr("too large"));
}

TEST_F(HostileProgram, WrongKindsAreNamed) {
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["nodes"][2]["target"] = 7; }),
              HasSubstr("'target' is 7, but a text was expected"));
  EXPECT_THAT(error_with([](Json& program) { graph_of(program)["nodes"] = "none"; }),
              HasSubstr("'nodes' is the text \"none\", but a list was expected"));
  EXPECT_THAT(error_with([](Json& program) { program.erase("graph_module"); }),
              HasSubstr("'graph_module' is missing"));
  EXPECT_THAT(error_with([](Json& program) {
                graph_of(program)["nodes"][2]["inputs"][0]["arg"] = {{"as_hologram", 1}};
              }),
              HasSubstr("\"as_hologram\" is no kind of argument"));
  EXPECT_THAT(error_with([](Json& program) {
                graph_of(program)["nodes"][2]["inputs"][0]["arg"] = {
                    {"as_custom_obj",
                     {{"name", "tokenizer"}, {"class_fqn", "__torch__.torch.classes.my.Tokenizer"}}}};
              }),
              HasSubstr("custom object \"tokenizer\" of class \"__torch__.torch.classes.my.Tokenizer\""));
  EXPECT_THAT(error_with([](Json& program) {
                graph_of(program)["nodes"][0]["inputs"][1]["arg"] = {{"as_int", uint64_t{1} << 63}};
              }),
              HasSubstr("an integer of 64 bits was expected"));
}

TEST_F(HostileProgram, OtherVersionsAreRefused) {
  EXPECT_THAT(error_with([](Json& program) { program["schema_version"] = {{"major", 9}, {"minor", 1}}; }),
              HasSubstr("version 9.1 of PyTorch's schema"));
  EXPECT_THAT(error_with([](Json& program) { program.erase("schema_version"); }),
              HasSubstr("'schema_version'"));
  ZipFiles files = members(kFiles[0]);
  for (auto& [name, content] : files)
    if (name.ends_with("archive_version")) content = "1";
  EXPECT_THAT(error(stored_zip(files)), HasSubstr("archive_version is \"1\""));
}

// {"as_graph": {"graph": {"nodes": [{"inputs": [{"arg": …}]}]}}}
std::string nested_graph(size_t depth) {
  const std::string open =
      R"({"inputs":[],"outputs":[],"tensor_values":{},"nodes":[{"target":"a.b","outputs":[],"metadata":{},"inputs":[{"name":"","arg":{"as_graph":{"name":"g","graph":)";
  const std::string close = R"(}}}]}]})";
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += open;
  text += R"({"inputs":[],"outputs":[],"tensor_values":{},"nodes":[]})";
  for (size_t i = 0; i < depth; ++i) text += close;
  return R"({"schema_version":{"major":8,"minor":0},"graph_module":{"module_call_graph":[],"signature":{"input_specs":[],"output_specs":[]},"graph":)" +
         text + "}}";
}

TEST_F(HostileProgram, NestingHasAnEnd) {
  EXPECT_EQ(error_alone(nested_graph(60)), "");
  EXPECT_THAT(error_alone(nested_graph(64)), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(error_alone(nested_graph(10'000)), HasSubstr("nested deeper than"));
  EXPECT_THAT(error_alone(std::string(1'000'000, '[')), HasSubstr("nested deeper than"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_THAT(error_alone(objects), HasSubstr("nested deeper than"));
  EXPECT_THAT(
      error_with([](Json& program) {
        std::string spec = R"({"type":null,"context":null,"children_spec":[]})";
        for (int i = 0; i < 5000; ++i)
          spec.insert(0, R"({"type":"builtins.list","context":"null","children_spec":[)").append("]}");
        program["graph_module"]["module_call_graph"][0]["signature"]["in_spec"] = "[1, " + spec + "]";
      }),
      HasSubstr("nested deeper than"));
}

TEST_F(HostileProgram, JsonThatIsNone) {
  EXPECT_THAT(error_alone(""), HasSubstr("JSON"));
  EXPECT_THAT(error_alone("[]"), HasSubstr("a list of 0 stands where an object"));
  EXPECT_THAT(error_alone("{} {}"), HasSubstr("damaged at byte"));
  EXPECT_THAT(error_alone(R"({"schema_version":1,"schema_version":1})"), HasSubstr("stands twice"));
  EXPECT_THAT(error_alone(R"({"schema_version":1e999})"), HasSubstr("JSON"));
  EXPECT_THAT(error_alone("{\"a\":\"\xff\"}"), HasSubstr("JSON"));
}

// Sizes, strides and offsets of a weight that reach outside of its storage.
TEST_F(HostileProgram, TensorsOutsideOfTheirStorage) {
  const auto error_of_weight = [&](const std::function<void(Json&)>& change) {
    ZipFiles files = members(kFiles[0]);
    for (auto& [name, content] : files)
      if (name.ends_with("weights_config.json")) {
        Json config = Json::parse(content);
        change(config["config"]["head"]);
        content = config.dump();
      }
    return error(stored_zip(files));
  };
  EXPECT_EQ(error_of_weight([](Json&) {}), "");
  EXPECT_THAT(
      error_of_weight([](Json& weight) { weight["tensor_meta"]["storage_offset"] = {{"as_int", 1}}; }),
      HasSubstr("tensor \"head\": 6 elements from 1 on are outside of a storage of 6"));
  EXPECT_THAT(error_of_weight(
                  [](Json& weight) { weight["tensor_meta"]["sizes"][0] = {{"as_int", int64_t{1} << 62}}; }),
              HasSubstr("outside of a storage of 6"));
  EXPECT_THAT(error_of_weight([](Json& weight) { weight["tensor_meta"]["strides"][0] = {{"as_int", -1}}; }),
              HasSubstr("cannot be"));
  EXPECT_THAT(error_of_weight([](Json& weight) { weight["path_name"] = "../../../etc/passwd"; }),
              HasSubstr("the archive has no entry"));
  EXPECT_THAT(error_of_weight([](Json& weight) { weight["tensor_meta"]["dtype"] = 8; }),
              HasSubstr("outside"));
  EXPECT_THAT(error_of_weight([](Json& weight) { weight["use_pickle"] = true; }), HasSubstr("zip archive"));
}

// Two entries of the list that share the bytes of one file.
TEST_F(HostileProgram, OverlappingMembers) {
  ZipFiles files = {{"a", std::string(1000, 'x')}, {"b", ""}};
  std::string zip = stored_zip(files);
  const size_t second = zip.rfind("PK\1\2");
  zip.replace(second + 20, 8, hostile::little_endian(1000, 4) + hostile::little_endian(1000, 4));
  EXPECT_THAT(error(zip), HasSubstr("overlap"));
}

}  // namespace
}  // namespace slipway::torch
