// FashionMNIST: 60,000 training and 10,000 test images of clothes, 1×28×28, ten classes.
// Source: https://github.com/zalandoresearch/fashion-mnist
#pragma once

#include <filesystem>

#include "core/data/dataset.h"

namespace gradus {

inline constexpr const char* kFashionMnistFolder = "/usr/share/datasets/fashion-mnist";

// Reads train-images-idx3-ubyte.gz and its three companions (or the same names without .gz) from
// `folder`. Throws Error naming the file and what is wrong: missing, truncated, images that are not
// 28×28, as many labels as images, labels above 9.
DataSplit load_fashion_mnist(const std::filesystem::path& folder = kFashionMnistFolder);

}  // namespace gradus
