// What goes wrong on a device: in the data, in memory, with its cache of shaders, with its driver.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "compute/cpu/cpu_backend.h"
#include "compute/vulkan/gpu.h"
#include "compute/vulkan/vulkan_backend.h"
#include "core/autograd/grad_mode.h"
#include "core/io/examples.h"
#include "core/op/functions.h"
#include "core/session/session.h"
#include "tests/support/bad_calls.h"
#include "tests/support/events.h"
#include "tests/support/message_of.h"
#include "tests/support/synthetic.h"

namespace gradus {
namespace {

constexpr Device kGpu{DeviceType::vulkan, 0};

// --- the data ---

TEST(VulkanErrors, ALabelOutOfRangeIsNamedAtTheNextWait) {
  const std::vector<float> zeros(16);
  const std::vector<int64_t> labels{1, 9, 2, -1};
  const Tensor scores = Tensor::from(std::span<const float>(zeros), Dims{4, 4}, kGpu);
  const Tensor target = Tensor::from(std::span<const int64_t>(labels), Dims{4}, kGpu);
  const Tensor loss = nll_loss(scores, target);
  EXPECT_EQ(message_of([&] { loss.item(); }),
            "[nll_loss] label 9 of sample 1 is out of range: there are 4 classes, 0 to 3");
  EXPECT_NO_THROW(scores.to_vector<float>()) << "it is said once";
}

// What a kernel may have found is read beside what is downloaded, however much that is.
TEST(VulkanErrors, ALargeDownloadDoesNotDisturbTheReport) {
  constexpr int64_t kCount = 5 << 20;  // 20 MiB: three pieces
  const std::vector<float> ones(kCount, 1);
  const Tensor large = Tensor::from(std::span<const float>(ones), Dims{kCount}, kGpu);
  const std::vector<float> zeros(8);
  for (const int64_t label : {3, 4}) {
    const std::vector<int64_t> labels{1, label};
    const Tensor scores = Tensor::from(std::span<const float>(zeros), Dims{2, 4}, kGpu);
    const Tensor target = Tensor::from(std::span<const int64_t>(labels), Dims{2}, kGpu);
    nll_loss(scores, target);
    std::vector<float> read;
    const std::string message = message_of([&] { read = large.to_vector<float>(); });
    if (label == 3) {
      EXPECT_EQ(read, ones) << message;
    } else {
      EXPECT_EQ(message,
                "[nll_loss] label 4 of sample 1 is out of range: there are 4 classes, 0 to 3");
    }
  }
}

// Images of which one has a label that is none.
class Mislabelled final : public Dataset {
 public:
  Mislabelled(int64_t count, int64_t bad) : images_(count), bad_(bad) {}
  std::string name() const override { return images_.name(); }
  int64_t size() const override { return images_.size(); }
  Dims sample_shape() const override { return images_.sample_shape(); }
  const std::vector<std::string>& class_names() const override { return images_.class_names(); }
  void read(int64_t index, float* sample, int64_t* label) const override {
    images_.read(index, sample, label);
    if (index == bad_) *label = -100;
  }

 private:
  SyntheticImages images_;
  int64_t bad_;
};

TEST(VulkanErrors, ALabelOutOfRangeStopsTrainingBeforeAnythingIsLearntFromIt) {
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 8;
  for (const bool step_mode : {false, true}) {
    std::array<std::string, 2> messages;
    std::array<int64_t, 2> batches{};
    for (const Device device : {kCpu, kGpu}) {
      const size_t which = device == kCpu ? 0 : 1;
      Session session(graph,
                      {std::make_shared<Mislabelled>(40, 5), std::make_shared<Mislabelled>(8, -1)},
                      {.device = device});
      session.set_step_mode(step_mode);
      std::vector<float> before;
      try {
        for (batches[which] = 0; batches[which] < 5; ++batches[which]) {
          before = session.state().parameters[0].to_vector<float>();
          session.run(Grain::batch);
        }
        ADD_FAILURE() << "nobody said anything";
      } catch (const NodeError& error) {
        messages[which] = error.what();
        EXPECT_EQ(session.graph().node(error.node).type, "CrossEntropyLoss");
      }
      EXPECT_EQ(session.state().parameters[0].to_vector<float>(), before);
      EXPECT_EQ(session.state().cursor.batch, batches[which]);
    }
    EXPECT_EQ(messages[0], messages[1]);
    EXPECT_EQ(batches[0], batches[1]);
    EXPECT_TRUE(messages[1].starts_with("[nll_loss] label -100 of sample ")) << messages[1];
    EXPECT_TRUE(messages[1].ends_with(" is out of range: there are 10 classes, 0 to 9 (in loss)"))
        << messages[1];
  }
}

TEST(VulkanErrors, ShapesAndAttributesAreCheckedAsOnTheCpu) {
  const auto messages = [](Device device) {
    const Tensor a = Tensor::empty(Dims{2, 3}, DType::float32, device);
    const Tensor b = Tensor::empty(Dims{4, 5}, DType::float32, device);
    const Tensor labels = Tensor::empty(Dims{7}, DType::int64, device);
    return std::vector<std::string>{
        message_of([&] { add(a, b); }),         message_of([&] { mm(a, b); }),
        message_of([&] { sum(a, Dims{5}); }),   message_of([&] { argmax(a, -4); }),
        message_of([&] { log_softmax(a, 2); }), message_of([&] { nll_loss(a, labels); }),
        message_of([&] { view(a, Dims{5}); })};
  };
  const std::vector<std::string> cpu = messages(kCpu);
  EXPECT_EQ(messages(kGpu), cpu);
  for (const std::string& message : cpu) EXPECT_TRUE(message.starts_with('[')) << message;
}

TEST(VulkanErrors, TensorsOfTwoDevicesAreNotMixed) {
  const Tensor a = Tensor::empty(Dims{2}, DType::float32, kGpu);
  const Tensor b = Tensor::empty(Dims{2}, DType::float32, kCpu);
  EXPECT_EQ(message_of([&] { add(a, b); }),
            "[add] its inputs live on vulkan:0 and cpu: make both on the same device");
}

TEST(VulkanErrors, Float64IsRefused) {
  const Tensor x = Tensor::empty(Dims{2}, DType::float64, kGpu);
  EXPECT_EQ(message_of([&] { exp(x); }),
            "[exp] float64 tensors are for the CPU: this device works with float32, int64, int32, "
            "uint8 and bool");
}

// --- memory ---

// A device of its own, besides the one that the other tests share.
struct Own {
  explicit Own(const vulkan::Options& options) : guard(runtime) {
    runtime.add_backend(cpu::make_cpu_backend());
    runtime.add_backend(vulkan::make_vulkan_backend(0, options));
  }
  Backend& backend() { return runtime.backend(kGpu); }

  Runtime runtime;
  RuntimeGuard guard;
};

TEST(VulkanMemory, ATensorThatIsTooLargeIsRefused) {
  const std::string message =
      message_of([] { Tensor::empty(Dims{int64_t{1} << 38}, DType::float32, kGpu); });
  EXPECT_TRUE(message.starts_with("[memory] a tensor of 1048576.0 MiB is more than ")) << message;
}

TEST(VulkanMemory, WhenThereIsNoneLeftItIsSaidAndNothingIsLost) {
  constexpr int64_t kMiB = 1 << 20;
  Own own({.cache_folder = {}, .memory_limit = 200 * kMiB});
  std::vector<Tensor> held;
  std::string message;
  for (int i = 0; i < 100 && message.empty(); ++i) {
    message = message_of([&] {
      held.push_back(Tensor::empty(Dims{kMiB}, DType::float32, kGpu));
      const NoGradGuard no_grad;
      fill_(held.back(), i);
    });
    if (message == "no error") message.clear();
  }
  EXPECT_TRUE(message.starts_with("[memory] ") &&
              message.ends_with(" has no 4.0 MiB left: use a smaller batch or network"))
      << message;
  EXPECT_GE(held.size(), 45u);
  for (size_t i = 0; i < held.size(); ++i) {
    EXPECT_EQ(sum(held[i]).item(), static_cast<double>(i) * kMiB) << "what is there stays";
  }
  // Memory held in small pieces is given back when one large piece is asked for.
  held.clear();
  const Tensor large = Tensor::empty(Dims{30 * kMiB}, DType::float32, kGpu);
  EXPECT_LE(own.backend().memory_stats().bytes_held, 200 * kMiB);
}

TEST(VulkanMemory, ALayerWhoseTensorIsTooLargeIsNamedAtOnce) {
  NetGraph graph = quickstart_network();
  graph.training.batch_size = 64 * 1024;
  const int64_t most = Runtime::current().backend(kGpu).most_bytes_of_a_tensor();
  if (most > int64_t{128} << 20) GTEST_SKIP() << "this device takes " << most << " bytes";
  const std::string message =
      message_of([&] { Session session(graph, synthetic_images(64 * 1024, 8), {.device = kGpu}); });
  EXPECT_NE(message.find("needs a tensor of "), std::string::npos) << message;
  EXPECT_TRUE(message.ends_with(" at once: use a smaller batch or layer")) << message;
}

TEST(VulkanMemory, ANetworkThatDoesNotFitIsRefusedBeforeItIsMade) {
  Own own({.cache_folder = {}, .memory_limit = 8 << 20});
  const std::string message = message_of(
      [] { Session session(quickstart_network(), synthetic_images(64, 8), {.device = kGpu}); });
  EXPECT_TRUE(message.starts_with("[network] it takes about ")) << message;
}

// --- the cache ---

class VulkanCache : public testing::Test {
 protected:
  VulkanCache() { std::filesystem::remove_all(folder_); }
  ~VulkanCache() override { std::filesystem::remove_all(folder_); }

  // Opens the device with what is in the folder, and lets it compute.
  double compute() {
    Own own({.cache_folder = folder_, .memory_limit = INT64_MAX});
    const std::vector<float> ones(100, 1);
    return sum(exp(Tensor::from(std::span<const float>(ones), Dims{100}, kGpu))).item();
  }
  std::filesystem::path file() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) return entry.path();
    return {};
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / "gradus cache ü";
};

TEST_F(VulkanCache, IsWrittenAndReadAgain) {
  EXPECT_NEAR(compute(), 271.828, 0.01);
  EXPECT_EQ(file().extension(), ".pipelines");
  const std::string first = read(file());
  EXPECT_GE(first.size(), sizeof(VkPipelineCacheHeaderVersionOne));
  EXPECT_NEAR(compute(), 271.828, 0.01);
  EXPECT_EQ(read(file()), first);
}

TEST_F(VulkanCache, MayBeBrokenForeignOrInTheWay) {
  compute();
  const std::filesystem::path path = file();
  const std::string good = read(path);
  std::string foreign = good;
  foreign[24 + 4 + 4 + 4 + 4] ^= 0x55;  // another driver's UUID
  std::string noise(5000, '\0');
  for (size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * 2654435761u >> 13);
  // Right at the beginning, and broken behind: drivers do not look there.
  std::string flipped = good;
  flipped.back() ^= 1;
  for (const std::string& bytes :
       {std::string(), std::string("x"), good.substr(0, 20), good.substr(0, good.size() - 1),
        foreign, flipped, noise, good.substr(0, 24) + noise, good + noise}) {
    write(path, bytes);
    EXPECT_NEAR(compute(), 271.828, 0.01) << bytes.size() << " bytes";
    EXPECT_EQ(read(path), good) << "it is made anew";
  }
  // A folder where the file should be, a file where the folder should be.
  std::filesystem::remove(path);
  std::filesystem::create_directories(path / "inside");
  EXPECT_NEAR(compute(), 271.828, 0.01);
  std::filesystem::remove_all(folder_);
  write(folder_, "a file");
  EXPECT_NEAR(compute(), 271.828, 0.01);
}

// --- the driver ---

// Sets a function of the driver's while it lives.
template <typename Function>
class Instead {
 public:
  Instead(Function& place, Function other) : place_(place), kept_(place) { place = other; }
  ~Instead() { place_ = kept_; }

 private:
  Function& place_;
  Function kept_;
};

PFN_vkGetPhysicalDeviceProperties true_properties = nullptr;

TEST(VulkanDrivers, WhatADeviceLacksIsSaid) {
  std::string why;
  const auto instance = vulkan::Instance::make(&why);
  ASSERT_NE(instance, nullptr) << why;
  const VkPhysicalDevice device = instance->devices().at(0);
  EXPECT_EQ(vulkan::problem_with(device), "");
  {
    const Instead no_queue(vkGetPhysicalDeviceQueueFamilyProperties,
                           PFN_vkGetPhysicalDeviceQueueFamilyProperties(
                               [](VkPhysicalDevice, uint32_t* count, VkQueueFamilyProperties* all) {
                                 if (all) all[0] = {.queueFlags = VK_QUEUE_TRANSFER_BIT};
                                 *count = 1;
                               }));
    EXPECT_EQ(vulkan::problem_with(device), "it has no compute queue");
    EXPECT_NE(message_of([&] {
                vulkan::Gpu(instance, device);
              }).find("cannot be used: it has no compute queue"),
              std::string::npos);
  }
  {
    true_properties = vkGetPhysicalDeviceProperties;
    const Instead old(vkGetPhysicalDeviceProperties,
                      PFN_vkGetPhysicalDeviceProperties(
                          [](VkPhysicalDevice which, VkPhysicalDeviceProperties* properties) {
                            true_properties(which, properties);
                            properties->apiVersion = VK_API_VERSION_1_1;
                          }));
    EXPECT_EQ(vulkan::problem_with(device), "its driver is older than Vulkan 1.2");
  }
  {
    const Instead bare(
        vkEnumerateDeviceExtensionProperties,
        PFN_vkEnumerateDeviceExtensionProperties(
            [](VkPhysicalDevice, const char*, uint32_t* count, VkExtensionProperties*) {
              *count = 0;
              return VK_SUCCESS;
            }));
    EXPECT_EQ(vulkan::problem_with(device), "its driver lacks VK_KHR_push_descriptor");
  }
  {
    const Instead timeless(
        vkGetPhysicalDeviceFeatures2,
        PFN_vkGetPhysicalDeviceFeatures2([](VkPhysicalDevice, VkPhysicalDeviceFeatures2*) {}));
    EXPECT_EQ(vulkan::problem_with(device), "its driver lacks timeline semaphores");
  }
}

TEST(VulkanDrivers, ADeviceThatIsNotThereIsAnError) {
  const std::string message = message_of([] { vulkan::make_vulkan_backend(99, {}); });
  EXPECT_TRUE(message.starts_with("[vulkan] there is no device 99: ")) << message;
  EXPECT_TRUE(
      message_of([] { vulkan::make_vulkan_backend(-1, {}); }).starts_with("[vulkan] there"));
}

TEST(VulkanDrivers, ALostDeviceStaysLost) {
  Own own({});
  const Tensor x = Tensor::from(std::span<const float>(std::vector<float>(4, 1)), Dims{4}, kGpu);
  vulkan::lose(own.backend());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(exp(x).to_vector<float>(), DeviceLost);
    EXPECT_THROW(own.backend().synchronize(), DeviceLost);
  }
}

// At every submit of the first batches in turn: while it loads, in forward, in updates, looking.
TEST(VulkanDrivers, ARunGoesOnWhereverTheDeviceIsLost) {
  NetGraph graph = toy_network();
  graph.training.epochs = 2;
  const auto run = [&](EngineThread& engine, Device device) {
    engine.send(command::Load{1, graph, [] { return make_two_moons(24); }, {.device = device}});
    engine.send(command::Run{});
  };
  double test_loss = 0;
  {
    EngineThread engine(Runtime::current());
    run(engine, kCpu);
    test_loss = wait_for<event::Stopped>(engine).metrics.test_loss.value();
  }
  int moved = 0;
  for (int64_t after = 0; after < 60; after += after < 30 ? 1 : 7) {
    Own own({});
    vulkan::lose(own.backend(), after);
    EngineThread engine(own.runtime);
    run(engine, kGpu);
    bool stopped = false, failed = false;
    for (int events = 0; events < 1000 && !stopped && !failed; ++events) {
      const std::optional<Event> event = engine.events().take();
      if (std::holds_alternative<event::Moved>(*event)) ++moved;
      failed = std::holds_alternative<event::Failed>(*event);
      if (const auto* end = std::get_if<event::Stopped>(&*event)) {
        stopped = true;
        EXPECT_TRUE(end->finished);
        EXPECT_NEAR(end->metrics.test_loss.value(), test_loss, 1e-3) << after;
      }
    }
    EXPECT_TRUE(stopped) << after;
  }
  EXPECT_GT(moved, 10);
}

class VulkanBadInput : public testing::TestWithParam<BadCall> {};

TEST_P(VulkanBadInput, IsToldInTheSameWordsAsOnTheCpu) {
  EXPECT_EQ(message_of([] {
              GetParam().call(kGpu);
              Runtime::current().backend(kGpu).synchronize();
            }),
            GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Each, VulkanBadInput, testing::ValuesIn(bad_calls()),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace gradus
