// The data sets that the programs know, by the name that networks use.
#pragma once

#include <string>

#include "core/data/dataset.h"

namespace gradus {

// `folder`: of the data set's files, "" for where the package puts them. Throws Error.
DataSplit load_dataset(const std::string& name, const std::string& folder);
// Throws Error where the name or the folder cannot be right; reads nothing.
void check_dataset(const std::string& name, const std::string& folder);

}  // namespace gradus
