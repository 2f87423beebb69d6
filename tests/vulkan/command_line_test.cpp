// gradus-cli with a device: naming it, listing it, losing it.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "compute/vulkan/vulkan_backend.h"

namespace gradus {
namespace {

struct Output {
  int code = -1;
  std::string text;  // of both streams
};

// Leaks are not looked for there: drivers are unloaded by then, and theirs have no name any more.
Output run_cli(const std::string& environment, const std::string& arguments) {
  const std::string command =
      "ASAN_OPTIONS=detect_leaks=0 " + environment + " " GRADUS_CLI " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  Output output;
  std::array<char, 4096> buffer;
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.text.append(buffer.data(), got);
  }
  output.code = WEXITSTATUS(pclose(pipe));
  return output;
}

constexpr const char* kNoDrivers = "VK_ICD_FILENAMES=/nowhere VK_DRIVER_FILES=/nowhere";

TEST(VulkanCommandLine, ListsDevicesWithTheirLimits) {
  const Output output = run_cli("", "devices");
  EXPECT_EQ(output.code, 0);
  for (const char* part : {"cpu\n", "vulkan:0\n", "name  ", "type  ", "driver  ", "memory  ",
                           "limits  ", "MiB a tensor"}) {
    EXPECT_NE(output.text.find(part), std::string::npos) << part << " in\n" << output.text;
  }
}

TEST(VulkanCommandLine, WithoutADriverItSaysSo) {
  const Output devices = run_cli(kNoDrivers, "devices");
  EXPECT_EQ(devices.code, 0);
  EXPECT_NE(devices.text.find("No GPU: no driver is installed"), std::string::npos) << devices.text;
  for (const char* device : {"vulkan", "vulkan:0"}) {
    const Output train =
        run_cli(kNoDrivers, fmt::format("train --network toy --device {}", device));
    EXPECT_EQ(train.code, 1);
    EXPECT_EQ(train.text, "error: [device] there is no GPU to use: no driver is installed\n");
  }
}

TEST(VulkanCommandLine, NamesThatAreNoneAreRefused) {
  for (const char* name : {"vulkan:9", "vulkan:", "vulkan:x", "vulkan:0x", "vulkan0", "cuda", "''",
                           "vulkan:-1", "vulkan:99999999999999999999"}) {
    const Output output = run_cli("", fmt::format("train --network toy --device {}", name));
    EXPECT_EQ(output.code, 1) << name;
    EXPECT_TRUE(output.text.starts_with("error: [device] ")) << name << ": " << output.text;
    EXPECT_NE(output.text.find(" is none: there "), std::string::npos) << output.text;
  }
}

TEST(VulkanCommandLine, ASoftwareDriverIsUsedOnlyWhenAskedForByNumber) {
  std::string why;
  const DeviceInfo first = vulkan::list_devices(&why).at(0);
  if (!first.software) GTEST_SKIP() << first.name << " is real: nothing to refuse";
  const Output output = run_cli("", "train --network toy --device vulkan");
  EXPECT_EQ(output.code, 1);
  EXPECT_NE(output.text.find("has to be asked for by its number"), std::string::npos)
      << output.text;
}

TEST(VulkanCommandLine, TrainsAndStepsOnIt) {
  const Output train = run_cli("", "train --network toy --epochs 2 --device vulkan:0 --times");
  EXPECT_EQ(train.code, 0);
  EXPECT_NE(train.text.find("Test Error"), std::string::npos) << train.text;
  EXPECT_NE(train.text.find("addmm  "), std::string::npos) << train.text;
  const std::string commands = "step --network toy --commands 'batch;phase 2;back 3;op'";
  const Output gpu = run_cli("", commands + " --device vulkan:0");
  EXPECT_EQ(gpu.code, 0);
  EXPECT_EQ(gpu.text.substr(0, 200), run_cli("", commands).text.substr(0, 200));
}

TEST(VulkanCommandLine, SavesWhatWasLearntWhereverTheDeviceIsLost) {
  const auto train = [](const std::string& environment) {
    const std::string file = testing::TempDir() + "/lost.safetensors";
    std::filesystem::remove(file);
    const Output output = run_cli(
        environment,
        fmt::format("train --network toy --device vulkan:0 --epochs 1 --times --save '{}'", file));
    EXPECT_EQ(output.code, 0) << environment << ": " << output.text;
    std::ifstream in(file, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    std::vector<float> weights(8);  // the last ones
    std::memcpy(weights.data(), bytes.data() + bytes.size() - 32, 32);
    return weights;
  };
  const std::vector<float> undisturbed = train("");
  for (const int after : {0, 1, 2, 70, 130, 131, 132, 133, 134, 135, 136, 137, 138}) {
    const std::vector<float> got = train(fmt::format("GRADUS_VULKAN_LOSE_AFTER={}", after));
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], undisturbed[i], 1e-4) << after;
  }
  EXPECT_EQ(run_cli("GRADUS_VULKAN_LOSE_AFTER=soon", "train --network toy --device vulkan:0").code,
            1);
}

TEST(VulkanCommandLine, GoesOnWhenTheDeviceIsLost) {
  const std::string log = testing::TempDir() + "/lost.jsonl";
  const Output output =
      run_cli("GRADUS_VULKAN_LOSE_AFTER=40",
              "train --network toy --epochs 3 --device vulkan:0 --json --log '" + log + "'");
  EXPECT_EQ(output.code, 0) << output.text;
  EXPECT_NE(output.text.find("was lost while submitting work. Going on with cpu; "),
            std::string::npos)
      << output.text;
  std::ifstream in(log);
  const std::string lines((std::istreambuf_iterator<char>(in)), {});
  EXPECT_NE(lines.find("\"event\":\"device_lost\""), std::string::npos);
  const Output undisturbed = run_cli("", "train --network toy --epochs 3 --json");
  const auto accuracy = [](const std::string& text) {
    const size_t at = text.find("\"test_accuracy\":");
    return at == std::string::npos ? text : text.substr(at, 30);
  };
  EXPECT_EQ(accuracy(output.text), accuracy(undisturbed.text));
  std::filesystem::remove(log);
}

}  // namespace
}  // namespace gradus
