// Drawings that compute with their own tensors: the curriculum's rows as examples, drawn, and what
// is refused.
#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/transfer.h"
#include "core/base/file.h"
#include "core/data/two_moons.h"
#include "core/io/project.h"
#include "core/op/creation.h"
#include "tests/support/drawing.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

using Numbers = std::vector<double>;

TEST(Examples, AreWrittenAsTheyWouldBeSaved) {
  EXPECT_GE(all_examples().size(), 11u);
  for (const Example& one : all_examples()) {
    EXPECT_EQ(to_json(example(one.name)), one.json) << one.name;
    const std::string file =
        std::string(GRADUS_SOURCE_DIR) + "/resources/examples/" + std::string(one.name) + ".gradus";
    EXPECT_EQ(read_file(file), one.json) << file;
    EXPECT_FALSE(example(one.name).title.empty());
  }
  EXPECT_NE(message_of([] { example("a7"); }).find("there are a1_vector_gradient, a3_leaves"),
            std::string::npos);
}

TEST(Curriculum, T7_Drawn) {
  Drawing d(example("t7_arithmetic"));
  d.phases(1);
  EXPECT_EQ(d.value("sum"), (Numbers{6, 8, 10, 12}));
  EXPECT_EQ(d.tensor("sum").dtype(), DType::int64);
  EXPECT_EQ(d.value("matmul"), (Numbers{19, 22, 43, 50}));
  EXPECT_EQ(d.value("difference"), (Numbers{1, 2, 3, 3}));
  EXPECT_EQ(d.tensor("quotient").dtype(), DType::float32);
  EXPECT_EQ(d.value("quotient_T"), (Numbers{2, 2, 2, static_cast<double>(8.0f / 5)}));
  EXPECT_EQ(d.value("product"), (Numbers{10, 20, 30}));
  EXPECT_EQ(d.tensor("total").item(), 36);
}

TEST(Curriculum, T10_Drawn) {
  Drawing d(example("t10_broadcasting"));
  d.phases(1);
  EXPECT_EQ(d.value("table"), (Numbers{2, 3, 3, 4, 4, 5}));
  EXPECT_EQ(d.value("outer_sum"), (Numbers{1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33}));
  EXPECT_EQ(d.tensor("four_dimensions").sizes(), (Dims{8, 7, 6, 5}));
  EXPECT_EQ(d.tensor("tinted").sizes(), (Dims{256, 256, 3}));
  const std::string says = message_of([] { lower(example("t10_does_not_fit"), 1, true); });
  EXPECT_NE(says.find("cannot broadcast 4×3 with 4"), std::string::npos) << says;
  EXPECT_NE(says.find("dimension 1"), std::string::npos) << says;
}

TEST(Curriculum, A1_Drawn) {
  Drawing d(example("a1_vector_gradient"));
  d.phases(2);
  EXPECT_EQ(d.grad("a"), (Numbers{36, 81}));
  EXPECT_EQ(d.grad("b"), (Numbers{-12, -8}));
  d.phases(1);
  EXPECT_EQ(d.grad("a"), Numbers{}) << "zero_grad";
  d.phases(1);
  EXPECT_EQ(d.grad("a"), (Numbers{36, 81})) << "Q.sum().backward()";
  EXPECT_EQ(d.grad("b"), (Numbers{-12, -8}));
}

TEST(Curriculum, A3_Drawn) {
  Drawing d(example("a3_leaves"));
  d.phases(3);
  EXPECT_EQ(d.grad("w"), Numbers{5});
  EXPECT_EQ(d.grad("x"), Numbers{2});
  EXPECT_EQ(d.grad("a"), Numbers{2});
  EXPECT_EQ(d.grad("b"), Numbers{});
  EXPECT_EQ(d.grad("y"), Numbers{});
  for (const char* leaf : {"x", "w"}) {
    EXPECT_TRUE(d.tensor(leaf).is_leaf());
    EXPECT_EQ(d.tensor(leaf).grad_fn(), nullptr);
  }
  EXPECT_EQ(d.tensor("a").grad_fn()->name(), "AddBackward0");
  EXPECT_EQ(d.tensor("b").grad_fn()->name(), "AddBackward0");
  EXPECT_EQ(d.tensor("y").grad_fn()->name(), "MulBackward0");
}

TEST(Curriculum, A4_Drawn) {
  Drawing d(example("a4_graph_walk"));
  d.phases(2);
  EXPECT_EQ(d.grad("x"), Numbers{64});
  EXPECT_EQ(d.grad("y"), Numbers{32});
  const std::vector<PlanGradNode>& nodes = d.session.plan().grad_nodes;
  const PlanGradNode& add = nodes[static_cast<size_t>(nodes[0].next_functions[0].to)];
  EXPECT_EQ(nodes[0].name, "PowBackward0");
  EXPECT_EQ(add.name, "AddBackward0");
  EXPECT_EQ(nodes[static_cast<size_t>(add.next_functions[0].to)].name, "MulBackward0");
}

TEST(Curriculum, A5_Drawn) {
  Drawing d(example("a5_chain_rule"));
  d.phases(2);
  EXPECT_NEAR(d.grad("x")[0], -1.226664662361145, 1e-6);
}

TEST(Curriculum, A6_Drawn) {
  Drawing d(example("a6_accumulation"));
  d.phases(2);
  EXPECT_NEAR(d.grad("x")[0], -2.614574432373047, 1e-5);
  d.phases(1);
  EXPECT_NEAR(d.grad("x")[0], -14.486873626708984, 1e-5) << "added";
  d.phases(2);
  EXPECT_NEAR(d.grad("x")[0], -11.872299194335938, 1e-5) << "the second alone";
  d.phases(2);
  EXPECT_EQ(d.grad("x"), Numbers{16}) << "two ways";
  EXPECT_TRUE(d.session.state().cursor.done);
}

TEST(Curriculum, A8_Drawn) {
  Drawing d(example("a8_vector_jacobian"));
  d.phases(2);
  Numbers once;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 5; ++j) once.push_back(i == j ? 4 : 2);
  }
  EXPECT_EQ(d.grad("inp"), once);
  d.phases(1);
  Numbers twice = once;
  for (double& x : twice) x *= 2;
  EXPECT_EQ(d.grad("inp"), twice);
  d.phases(2);
  EXPECT_EQ(d.grad("inp"), once);
}

// Every step of every drawing is undone, and done again to the same bits.
TEST(Drawing, GoesBackAndForth) {
  for (const Example& one : all_examples()) {
    if (example(one.name).training.has_data() || one.name == "t10_does_not_fit") continue;
    Drawing d(example(one.name));
    std::vector<SessionState> seen{d.session.snapshot()};
    while (!d.session.state().cursor.done) {
      d.session.step();
      seen.push_back(d.session.snapshot());
    }
    for (size_t i = seen.size() - 1; i-- > 0;) {
      ASSERT_TRUE(d.session.back());
      EXPECT_TRUE(same_bits(d.session.state(), seen[i])) << one.name << " back at " << i;
    }
    EXPECT_FALSE(d.session.back());
    for (size_t i = 1; i < seen.size(); ++i) {
      d.session.step();
      EXPECT_TRUE(same_bits(d.session.state(), seen[i])) << one.name << " again at " << i;
    }
  }
}

TEST(Drawing, UndoesWhatIsRetained) {
  Drawing d(example("a3_leaves"));
  d.phases(2);
  EXPECT_TRUE(d.tensor("a").retains_grad());
  d.session.back();
  EXPECT_FALSE(d.tensor("a").retains_grad());
  EXPECT_EQ(d.tensor("a").grad_fn()->retained.size(), 0u);
  d.phases(2);
  EXPECT_EQ(d.grad("a"), Numbers{2});
  d.session.back(Grain::phase);
  EXPECT_EQ(d.grad("a"), Numbers{});
}

TEST(Drawing, KeepsItsValuesAtFullSpeed) {
  Drawing d(example("a6_accumulation"));
  d.session.set_step_mode(false);
  d.session.run(Grain::all);
  EXPECT_EQ(d.grad("x"), Numbers{16});
  EXPECT_EQ(d.value("h"), Numbers{12});
}

LoopItem backward_of(NodeId of, bool retain_graph = false) {
  return {.phase = Phase::backward, .retain_graph = retain_graph, .of = of};
}

NetGraph square_of(const char* data) {
  NetGraph graph;
  graph.training.dataset = "none";
  graph.training.loop = {{{Phase::forward}, backward_of(2)}, {}};
  graph.add({.id = 1,
             .type = "Tensor",
             .name = "x",
             .attrs = {{"data", std::string(data)}, {"requires_grad", true}}});
  graph.add({.id = 2, .type = "pow", .name = "y", .attrs = {{"exponent", int64_t{2}}}});
  graph.connect(1, 2);
  return graph;
}

// x² goes down its slope: x becomes x - lr · 2x, epoch by epoch.
TEST(Drawing, Descends) {
  NetGraph graph = square_of("2.");
  graph.training.epochs = 20;
  graph.training.optimizer.lr = 0.1;
  graph.training.loop.each_batch = {
      {Phase::forward}, {Phase::zero_grad}, backward_of(2), {Phase::update}};
  Drawing d(graph);
  d.session.run(Grain::all);
  EXPECT_NEAR(d.value("x")[0], 2 * std::pow(0.8, 20), 1e-6);
  for (int i = 0; i < 20; ++i) d.session.back(Grain::epoch);
  EXPECT_EQ(d.session.state().parameters[0].item(), 2);
}

TEST(Drawing, SaysWhichNodeIsToBlame) {
  NetGraph graph = square_of("2.");
  graph.training.loop.each_batch.push_back(backward_of(2));
  Drawing d(graph);
  d.phases(2);
  try {
    d.phases(1);
    FAIL() << "a second backward";
  } catch (const NodeError& error) {
    EXPECT_EQ(error.node, 2);
    EXPECT_NE(std::string(error.what()).find("a second time"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("retain_graph"), std::string::npos);
  }
  EXPECT_EQ(d.grad("x"), Numbers{4}) << "stands as before";
}

std::string refused(NetGraph graph, const std::function<void(NetGraph&)>& change) {
  return message_of([&] {
    change(graph);
    check(graph.training);
    lower(graph, 1, true);
  });
}

TEST(Drawing, RefusesLoopsThatCannotRun) {
  const NetGraph good = square_of("[1., 2.]");
  const auto says = [&](std::vector<LoopItem> items, const std::string& what) {
    const std::string text =
        refused(good, [&](NetGraph& g) { g.training.loop.each_batch = std::move(items); });
    EXPECT_NE(text.find(what), std::string::npos) << text;
  };
  says({}, "needs forward at least");
  says({{Phase::fetch}, {Phase::forward}}, "fetch needs a data set");
  says({{Phase::forward}, {Phase::loss}}, "loss needs a data set");
  says({backward_of(2)}, "backward needs forward before it");
  says({{Phase::forward}, {Phase::backward}}, "backward needs the node that it starts from");
  says({{Phase::forward}, backward_of(2)}, "a gradient is made up only for one number");
  says({{Phase::forward}, backward_of(9)}, "there is no node 9");
  says({{Phase::forward}, {.phase = Phase::backward, .of = 2, .gradient = 9}}, "no node 9");
  says({{Phase::forward}, {Phase::retain_grad}}, "retain_grad needs the node");
  says({{Phase::update}}, "update needs forward before it");
  EXPECT_NE(refused(good, [](NetGraph& g) { g.training.loop.each_epoch = {{Phase::evaluate}}; })
                .find("evaluate needs a data set"),
            std::string::npos);
  const auto untracked = [](NetGraph& g) { g.set_attr(1, "requires_grad", false); };
  EXPECT_NE(refused(square_of("2."), untracked).find("backward of y: this tensor does not require"),
            std::string::npos);
  EXPECT_NE(refused(square_of("2."),
                    [&](NetGraph& g) {
                      untracked(g);
                      g.training.loop.each_batch = {{Phase::forward}, {Phase::update}};
                    })
                .find("no Tensor requires grad"),
            std::string::npos);
  EXPECT_NE(
      refused(good,
              [](NetGraph& g) {
                g.add({.id = 0, .type = "Input", .name = "in", .attrs = {{"shape", Dims{2}}}});
                g.training.loop.each_batch = {{Phase::forward}};
              })
          .find("without a data set has no Input"),
      std::string::npos);
  EXPECT_NE(refused({},
                    [](NetGraph& g) {
                      g.training.dataset = "none";
                      g.training.loop = {{{Phase::forward}}, {}};
                    })
                .find("add a Tensor"),
            std::string::npos);
}

// What the loop names goes with it, and ids that a file names come to nobody else.
TEST(Drawing, RemovesWhatTheLoopDoesWithANode) {
  NetGraph graph = square_of("2.");
  graph.training.loop.each_batch.push_back(
      {.phase = Phase::backward, .retain_graph = false, .of = 2, .gradient = 1});
  graph.remove(1);
  EXPECT_EQ(graph.training.loop.each_batch.size(), 2u);
  graph.remove(2);
  EXPECT_EQ(graph.training.loop.each_batch.size(), 1u);
  graph.training.loop.each_batch.push_back(backward_of(3));
  EXPECT_EQ(graph.add({.id = 0, .type = "Tensor", .name = "z", .attrs = {}}), 4);
}

TEST(Drawing, JoinsAnyNumberOfTensors) {
  NetGraph graph = square_of("[1., 2.]");
  graph.add({.id = 3, .type = "cat", .name = "joined", .attrs = {{"dim", int64_t{0}}}});
  graph.connect(1, 3, 0);
  graph.connect(2, 3, 2);
  graph.connect(1, 3, 5);
  graph.training.loop.each_batch = {{Phase::forward}};
  Drawing d(graph);
  d.phases(1);
  EXPECT_EQ(d.value("joined"), (Numbers{1, 2, 1, 4, 1, 2}));
  EXPECT_NE(message_of([&] { graph.connect(1, 3, 64); }).find("no input 64"), std::string::npos);
}

// What a backward without retain_graph has used up stays used up.
TEST(Drawing, TellsWhatIsUsedUp) {
  NetGraph graph = example("a6_accumulation");
  for (LoopItem& item : graph.training.loop.each_batch) item.retain_graph = false;
  graph.training.loop.each_batch.resize(2);  // forward, backward of f
  graph.training.loop.each_batch.push_back({Phase::zero_grad});
  Drawing d(graph);
  d.phases(1);
  EXPECT_EQ(d.session.graph_progress().consumed.size(), 0u);
  d.phases(1);
  EXPECT_EQ(d.session.graph_progress().consumed.size(), 3u) << "f, square, x";
  d.phases(1);
  EXPECT_EQ(d.session.graph_progress().consumed.size(), 3u);
}

// At full speed results die early; not those that the loop names.
TEST(Drawing, LoopsOverDataMayNameAnyNode) {
  NetGraph graph = toy_network();
  const auto find = [&](const char* name) {
    return std::ranges::find(graph.nodes(), name, &NetNode::name)->id;
  };
  const NodeId ones = graph.add({.id = 0,
                                 .type = "Tensor",
                                 .name = "ones",
                                 .attrs = {{"data", std::string("1.")}, {"shape", Dims{8, 3}}}});
  graph.training.loop.each_batch = {
      {Phase::fetch},
      {Phase::zero_grad},
      {Phase::forward},
      {.phase = Phase::retain_grad, .of = find("relu")},
      {.phase = Phase::backward, .retain_graph = true, .of = find("hidden"), .gradient = ones},
      {Phase::loss},
      {Phase::backward},
      {Phase::update}};
  Session session(graph, make_two_moons(64), {});
  session.run(Grain::epoch);
  EXPECT_EQ(session.state().cursor.epoch, 1);
  graph.training.loop.each_batch[3].of = find("loss");
  EXPECT_NE(
      message_of([&] { lower(graph, 8, true); }).find("retain_grad of loss needs loss before"),
      std::string::npos);
  graph.training.loop.each_batch.erase(graph.training.loop.each_batch.begin() + 3);
  graph.training.loop.each_batch[3].of = find("loss");
  graph.training.loop.each_batch[3].gradient = 0;
  EXPECT_NE(message_of([&] { lower(graph, 8, true); }).find("needs loss before it"),
            std::string::npos);
}

TEST(Drawing, SaysWhatIsWrongWithATensor) {
  const auto says = [](const char* data, std::map<std::string, AttrValue> attrs,
                       const std::string& what) {
    NetGraph graph;
    attrs["data"] = std::string(data);
    graph.add({.id = 1, .type = "Tensor", .name = "x", .attrs = std::move(attrs)});
    const std::string text = infer(graph, 1).at(1).error;
    EXPECT_NE(text.find(what), std::string::npos) << data << ": " << text;
  };
  says("", {}, "where the text ends");
  says("[1, 2", {}, "a comma or ]");
  says("[1 2]", {}, "where \"2]\" stands");
  says("1, 2", {}, "expects the end where \", 2\" stands");
  says("[1, two]", {}, "expects a number or a list where \"two]\" stands");
  says("[[1, 2], [3]]", {}, "a list of 1 stands beside one of 2");
  says("[1, [2]]", {}, "a list stands beside a number");
  says("99999999999999999999", {}, "does not fit into int64");
  says("[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", {}, "deep at most");
  says("[1., 2.]", {{"shape", Dims{3}}}, "data has 2 numbers, shape 3 has room for 3");
  says("[1, 2]", {{"requires_grad", true}}, "this one is int64");
  says("300", {{"dtype", DType::uint8}}, "does not fit into uint8");
  says("1.", {{"shape", Dims{1'000'000'000, 1'000'000'000, 1'000'000'000}}}, "large");
}

TEST(Nested, IsReadAsPythonReadsIt) {
  const auto read = [](const char* text) { return tensor(Nested::parse(text)); };
  EXPECT_EQ(read("[[1, 2], [3, 4]]").meta(), (TensorMeta{{2, 2}, DType::int64}));
  EXPECT_EQ(read(" [ 1 , -2. ] ").to_vector<double>(), (Numbers{1, -2}));
  EXPECT_EQ(read("1e-3").dtype(), DType::float32);
  EXPECT_EQ(read("[True, False]").dtype(), DType::boolean);
  EXPECT_EQ(read("(1, 2,)").sizes(), Dims{2});
  EXPECT_EQ(read("(1)").sizes(), Dims{});
  EXPECT_EQ(read("(1,)").sizes(), Dims{1});
  EXPECT_EQ(read("[]").meta(), (TensorMeta{{0}, DType::float32}));
  EXPECT_EQ(read("[[], []]").sizes(), (Dims{2, 0}));
  EXPECT_EQ(read("+5").item(), 5);
  EXPECT_EQ(read(".5").item(), 0.5);
  EXPECT_EQ(read("[-inf, inf]").to_vector<double>(), (Numbers{-INFINITY, INFINITY}));
  EXPECT_TRUE(std::isnan(read("nan").item()));
  EXPECT_EQ(read("[1e400, -1e400, 1e-400]").to_vector<double>(), (Numbers{INFINITY, -INFINITY, 0}));
  EXPECT_EQ(read("9007199254740993").to_vector<int64_t>()[0], 9007199254740993);
  for (const char* bad : {"0x10", "1_000", "--1", "+-1", "1e", "e5", "None", "[1;2]", "]", ",",
                          "1 2", "infi", "5f"}) {
    EXPECT_NE(message_of([&] { Nested::parse(bad); }).find("[tensor] "), std::string::npos) << bad;
  }
}

TEST(Project, KeepsDrawingsAndTheirLoops) {
  NetGraph graph = square_of("[[1., 2.], [3., 4.]]");
  graph.note = "Größer als 1 → ✓";
  graph.set_attr(1, "dtype", DType::float64);
  graph.training.loop.each_batch = {
      {Phase::forward},
      {.phase = Phase::retain_grad, .of = 2},
      {.phase = Phase::backward, .retain_graph = true, .of = 2, .gradient = 1}};
  EXPECT_EQ(graph_from_json(to_json(graph), "text"), graph);
  const std::string good = to_json(graph);
  const auto refusal = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return message_of([&] { graph_from_json(text, "x.gradus"); });
  };
  EXPECT_NE(refusal("\"of\": 2", "\"of\": -2").find("there is no node -2"), std::string::npos);
  EXPECT_NE(refusal("\"of\": 2", "\"of\": \"y\"").find("must be a number"), std::string::npos);
  EXPECT_NE(refusal("\"retain_grad\"", "\"forward\"").find("of is for backward and retain_grad"),
            std::string::npos);
  EXPECT_NE(refusal("\"do\": \"backward\"", "\"do\": \"retain_grad\"").find("not for retain_grad"),
            std::string::npos);
  EXPECT_NE(refusal("\"retain_graph\": true", "\"retaingraph\": true").find("no \"retaingraph\""),
            std::string::npos);
  EXPECT_NE(refusal("Größer", "\u202eGr").find("control character"), std::string::npos);
  EXPECT_NE(refusal("\"float64\"", "\"float16\"").find("dtype must be a dtype, got float16"),
            std::string::npos);
  EXPECT_NE(refusal("\"data\": \"[[1., 2.], [3., 4.]]\"", "\"data\": 3").find("must be text"),
            std::string::npos);
}

TEST(Curriculum, T4_To) {
  const Tensor x = tensor({1.0, 2.0}).set_requires_grad(true);
  EXPECT_TRUE(to(x, kCpu).is(x));
  const Tensor moved = to(x, kMeta);
  EXPECT_EQ(moved.device(), kMeta);
  EXPECT_EQ(moved.grad_fn()->name(), "ToCopyBackward0");
  EXPECT_NE(message_of([&] {
              to(x, Device{DeviceType::vulkan, 7});
            }).find("vulkan:7"),
            std::string::npos);
}

}  // namespace
}  // namespace gradus
