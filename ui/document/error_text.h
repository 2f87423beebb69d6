// The engine's messages as people read them.
#pragma once

#include <QString>

#include "core/base/error.h"

namespace gradus::ui {

// "expects 5 features …" of "[hidden] expects 5 features …", where the place is in view.
inline QString reasonText(const std::string& message) {
  const std::string_view says = without_place(message);
  return QString::fromUtf8(says.data(), static_cast<qsizetype>(says.size()));
}

// "hidden: expects 5 features …"
inline QString errorText(const std::string& message) {
  const QString says = reasonText(message);
  const size_t place = message.size() - without_place(message).size();
  if (place == 0) return says;
  return QString::fromStdString(message.substr(1, place - 3)) + QStringLiteral(": ") + says;
}

}  // namespace gradus::ui
