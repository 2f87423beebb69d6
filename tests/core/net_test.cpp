// Networks as values and files: what may be drawn, what is inferred, what is refused and how.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/io/examples.h"
#include "core/io/project.h"
#include "core/net/lower.h"
#include "tests/support/message_of.h"

namespace gradus {
namespace {

NodeId find(const NetGraph& graph, const std::string& name) {
  for (const NetNode& node : graph.nodes()) {
    if (node.name == name) return node.id;
  }
  return 0;
}

TEST(NetGraph, RefusesCyclesAndDoubleWires) {
  NetGraph graph;
  const NodeId a = graph.add({.id = 0, .type = "ReLU", .name = "a", .attrs = {}});
  const NodeId b = graph.add({.id = 0, .type = "ReLU", .name = "b", .attrs = {}});
  graph.connect(a, b);
  const NetGraph before = graph;
  EXPECT_NE(message_of([&] { graph.connect(b, a); }).find("cycle"), std::string::npos);
  EXPECT_NE(message_of([&] { graph.connect(a, a); }).find("cycle"), std::string::npos);
  EXPECT_NE(message_of([&] { graph.connect(a, b); }).find("has a wire already"), std::string::npos);
  EXPECT_NE(message_of([&] { graph.connect(a, b, 1); }).find("no input 1"), std::string::npos);
  EXPECT_NE(message_of([&] { graph.connect(a, 99); }).find("no node 99"), std::string::npos);
  EXPECT_NE(message_of([&] {
              graph.add({.id = 0, .type = "ReLU", .name = "a", .attrs = {}});
            }).find("two nodes are called"),
            std::string::npos);
  EXPECT_NE(message_of([&] { graph.set_attr(a, "size", int64_t{1}); }).find("no attribute"),
            std::string::npos);
  EXPECT_EQ(graph, before) << "a refusal changes nothing";
  graph.remove(a);
  EXPECT_TRUE(graph.wires().empty());
  EXPECT_NE(graph.add({.id = 0, .type = "ReLU", .name = "c", .attrs = {}}), a)
      << "ids are not used again";
}

TEST(Infer, FindsShapesOfEveryNode) {
  const NetGraph graph = quickstart_network();
  const auto shapes = infer(graph, 64);
  const auto shape = [&](const std::string& name) {
    return to_prose(shapes.at(find(graph, name)).output->sizes);
  };
  EXPECT_EQ(shape("images"), "64×1×28×28");
  EXPECT_EQ(shape("flatten"), "64×784");
  EXPECT_EQ(shape("linear_relu_stack.4"), "64×10");
  EXPECT_EQ(shape("loss"), "scalar");
  const auto& parameters = shapes.at(find(graph, "linear_relu_stack.0")).parameters;
  EXPECT_EQ(parameters[0].second, (Dims{512, 784}));
}

TEST(Infer, BlamesTheGuiltyNodeAlone) {
  NetGraph graph = quickstart_network();
  const NodeId linear = find(graph, "linear_relu_stack.0");
  graph.set_attr(linear, "in_features", int64_t{784});
  graph.disconnect(linear, 0);
  graph.connect(find(graph, "images"), linear);
  const auto shapes = infer(graph, 64);
  EXPECT_EQ(shapes.at(linear).error,
            "[linear] expects 784 features in the last dimension, got 28 (input 64×1×28×28). Put a "
            "Flatten before it.");
  EXPECT_TRUE(shapes.at(find(graph, "loss")).error.empty());
  EXPECT_FALSE(shapes.at(find(graph, "loss")).output);
  EXPECT_NE(message_of([&] { lower(graph, 64, true); }).find("linear_relu_stack.0"),
            std::string::npos);
}

TEST(Infer, SaysWhatIsMissing) {
  NetGraph graph = toy_network();
  const NodeId loss = find(graph, "loss");
  graph.disconnect(loss, 1);
  EXPECT_NE(infer(graph, 4).at(loss).error.find("\"target\" is not connected"), std::string::npos);
  graph.remove(loss);
  EXPECT_NE(message_of([&] { lower(graph, 4, true); }).find("CrossEntropyLoss"), std::string::npos);
  NetGraph unset;
  unset.add({.id = 0, .type = "Input", .name = "x", .attrs = {}});
  EXPECT_NE(infer(unset, 4).at(1).error.find("shape is not set"), std::string::npos);
}

TEST(Plan, TextIsStable) {
  const NetGraph graph = quickstart_network();
  EXPECT_EQ(to_string(*lower(graph, 64, true), graph),
            R"(%1 = view(images, sizes=[64, 784])  [64, 784]  flatten
%4 = t(linear_relu_stack.0.weight)  [784, 512]  linear_relu_stack.0
%5 = addmm(linear_relu_stack.0.bias, %1, %4)  [64, 512]  linear_relu_stack.0
%6 = relu(%5)  [64, 512]  linear_relu_stack.1
%9 = t(linear_relu_stack.2.weight)  [512, 512]  linear_relu_stack.2
%10 = addmm(linear_relu_stack.2.bias, %6, %9)  [64, 512]  linear_relu_stack.2
%11 = relu(%10)  [64, 512]  linear_relu_stack.3
%14 = t(linear_relu_stack.4.weight)  [512, 10]  linear_relu_stack.4
%15 = addmm(linear_relu_stack.4.bias, %11, %14)  [64, 10]  linear_relu_stack.4
%17 = log_softmax(%15, dim=1)  [64, 10]  loss
%18 = nll_loss(%17, labels, reduction=1)  []  loss
)");
}

// The autograd graph that is expected is the one that comes.
TEST(Plan, KnowsItsAutogradGraph) {
  const auto plan = lower(quickstart_network(), 64, true);
  std::vector<std::string> names;
  size_t edges = 0;
  for (const PlanGradNode& node : plan->grad_nodes) {
    names.push_back(node.name);
    edges += node.next_functions.size();
  }
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names[0], "NllLossBackward0");
  EXPECT_EQ(std::count(names.begin(), names.end(), "AddmmBackward0"), 3);
  EXPECT_EQ(std::count(names.begin(), names.end(), "TBackward0"), 3);
  EXPECT_EQ(std::count(names.begin(), names.end(), "ReluBackward0"), 2);
  EXPECT_EQ(std::count(names.begin(), names.end(), "AccumulateGrad"), 6);
  EXPECT_EQ(names.size(), 16u);
  EXPECT_EQ(edges, 15u);
}

TEST(Plan, EveryNodeLeadsToTheLoss) {
  for (const std::string from : {"relu", "loss"}) {
    NetGraph graph = toy_network();
    const NodeId stray = graph.add({.id = 0, .type = "ReLU", .name = "stray", .attrs = {}});
    graph.connect(find(graph, from), stray);
    EXPECT_NE(message_of([&] { lower(graph, 8, true); }).find("[stray] leads nowhere"),
              std::string::npos);
  }
}

TEST(Plan, TheLossHasAGradient) {
  NetGraph graph = toy_network();
  const NodeId linear = find(graph, "output");
  const NodeId loss = find(graph, "loss");
  const NodeId same = graph.add({.id = 0, .type = "eq", .name = "same", .attrs = {}});
  graph.disconnect(loss, 0);
  graph.connect(linear, same, 0);
  graph.connect(linear, same, 1);
  graph.connect(same, loss, 0);
  EXPECT_NE(message_of([&] { lower(graph, 8, true); }), "no error");
}

TEST(NetGraph, OrdersThousandsOfNodesAtOnce) {
  NetGraph graph;
  constexpr int kNodes = 3000;
  for (int i = kNodes; i > 0; --i) {
    graph.add({.id = i, .type = "ReLU", .name = std::to_string(i), .attrs = {}});
  }
  for (int i = 1; i < kNodes; ++i) graph.connect(i, i + 1);
  const std::vector<NodeId> order = graph.order();
  ASSERT_EQ(order.size(), static_cast<size_t>(kNodes));
  for (int i = 0; i < kNodes; ++i) ASSERT_EQ(order[static_cast<size_t>(i)], i + 1);
}

TEST(NetGraph, TakesNoOpThatOverwrites) {
  for (const OpDef* op : all_ops()) {
    NetGraph graph;
    const std::string message =
        message_of([&] { graph.add({.id = 0, .type = op->name(), .name = "a", .attrs = {}}); });
    EXPECT_EQ(message == "no error", op->writes == 0) << op->name() << ": " << message;
  }
}

TEST(NetGraph, NamesCanBeShown) {
  NetGraph graph;
  EXPECT_NE(message_of([&] {
              graph.add({.id = 0, .type = "ReLU", .name = "a\x1b[31m", .attrs = {}});
            }).find("control character 0x1b"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              graph.add({.id = 0, .type = "ReLU", .name = std::string(5000, 'a'), .attrs = {}});
            }).find("longer"),
            std::string::npos);
}

TEST(Plan, TakesOpsAsNodes) {
  // A residual sum: relu(x) + x.
  NetGraph graph = toy_network();
  const NodeId relu = find(graph, "relu");
  const NodeId output = find(graph, "output");
  const NodeId sum = graph.add({.id = 0, .type = "add", .name = "sum", .attrs = {}});
  graph.disconnect(output, 0);
  graph.connect(relu, sum, 0);
  graph.connect(find(graph, "hidden"), sum, 1);
  graph.connect(sum, output);
  EXPECT_NE(to_string(*lower(graph, 4, true), graph).find("add(%5, %4, alpha=1)"),
            std::string::npos)
      << to_string(*lower(graph, 4, true), graph);
}

TEST(Project, RoundTripsAndShipsTheExamples) {
  for (const auto& [graph, file] : {std::pair{quickstart_network(), "quickstart.gradus"},
                                    std::pair{toy_network(), "two_moons.gradus"}}) {
    EXPECT_EQ(graph_from_json(to_json(graph), "text"), graph);
    const std::string path = std::string(GRADUS_SOURCE_DIR) + "/resources/examples/" + file;
    EXPECT_EQ(load_project(path), graph) << path;
    EXPECT_EQ(read_file(path), to_json(graph)) << path;
  }
}

TEST(Project, KeepsEverySeed) {
  NetGraph graph = toy_network();
  for (uint64_t seed : {uint64_t{0}, uint64_t{1} << 60, UINT64_MAX}) {
    graph.training.seed = seed;
    EXPECT_EQ(graph_from_json(to_json(graph), "x").training.seed, seed);
  }
}

TEST(Project, SaysWhatIsWrongWithAFile) {
  const std::string good = to_json(toy_network());
  const auto refusal = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    return message_of([&] { graph_from_json(text, "x.gradus"); });
  };
  EXPECT_NE(message_of([] { graph_from_json("", "x.gradus"); }).find("not valid JSON"),
            std::string::npos);
  EXPECT_NE(message_of([] { graph_from_json("[]", "x.gradus"); }).find("object"),
            std::string::npos);
  EXPECT_NE(message_of([] { graph_from_json("{}", "x.gradus"); }).find("format"),
            std::string::npos);
  EXPECT_NE(refusal("\"version\": 1", "\"version\": 2").find("update Gradus"), std::string::npos);
  EXPECT_NE(refusal("\"ReLU\"", "\"Relu\"").find("no layer or op called \"Relu\""),
            std::string::npos);
  EXPECT_NE(refusal("\"id\": 2", "\"id\": 1").find("two nodes have the id"), std::string::npos);
  EXPECT_NE(refusal("\"from\": 1", "\"from\": 77").find("no node 77"), std::string::npos);
  EXPECT_NE(refusal("\"from\": 1,\n      \"to\": 2", "\"from\": 4,\n      \"to\": 2").find("cycle"),
            std::string::npos);
  EXPECT_NE(refusal("\"out_features\": 3", "\"out_features\": -3").find("out_features"),
            std::string::npos);
  EXPECT_NE(refusal("\"out_features\": 3", "\"out_features\": \"three\"").find("out_features"),
            std::string::npos);
  EXPECT_NE(refusal("\"lr\": 0.1", "\"lr\": -0.1").find("learning rate"), std::string::npos);
  EXPECT_NE(refusal("\"batch_size\": 8", "\"batch_size\": 0").find("batch size"),
            std::string::npos);
  EXPECT_NE(refusal("\"zero_grad\"", "\"jump\"").find("jump"), std::string::npos);
  EXPECT_NE(refusal("\"SGD\"", "\"Adam\"").find("Adam"), std::string::npos);
}

// Any damage gives an Error or a graph that can be inferred; never a crash.
TEST(Project, SurvivesRandomDamage) {
  const std::string good = to_json(toy_network());
  std::mt19937 random(3);
  int read = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (unsigned k = random() % 4 + 1; k > 0; --k) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random() % 96 + 32);
          break;
        case 1:
          text.erase(at, random() % 20 + 1);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 30));
          break;
      }
    }
    try {
      const NetGraph graph = graph_from_json(text, "damaged");
      infer(graph, 8);
      ++read;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_LT(read, 3000);
}

}  // namespace
}  // namespace gradus
